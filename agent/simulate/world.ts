/**
 * Everything outside the agent that a power cut does not take away: true time, the board's clocks, its supply, the cache's files, the link.
 * The agent sees it only through its ports.
 */

import { SimulatedPowerSupply } from "../../drivers/sensor/simulated-power-supply.ts";
import { refusal } from "../../playback/model/refusal.ts";
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import { HOUR, type Instant, type Millis, type Monotonic, type Sha256 } from "../../playback/model/units.ts";
import type { ClockQuality } from "../../playback/ports/clock.ts";
import type { MediaLibrary } from "../../playback/ports/media.ts";
import type { TimeSource } from "../trusted-clock.ts";
import type { MediaState, Scenario } from "./scenario.ts";
import { settle, VirtualClock } from "./virtual-clock.ts";

/** A board without a battery-backed clock wakes here. */
const EPOCH: Instant = 0;

export class World {
  /** True time, which nobody at the station knows. */
  readonly time: VirtualClock;
  readonly supply = new SimulatedPowerSupply();
  readonly media = new Map<Sha256, MediaState>();
  linkUp = true;
  /** Whether the amplifier and the card draw current now. */
  playing: () => boolean = () => false;
  readonly #scenario: Scenario;
  /** Work that goes on without time passing. */
  readonly #work = new Set<Promise<unknown>>();
  #systemOffset: Millis = 0;
  #boot = 0;
  #mains = true;
  #energyWh: number;
  #countedAt: Monotonic = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.time = new VirtualClock(scenario.start, () => this.settled());
    for (const { approved, state } of scenario.media) this.media.set(approved.sha256, state);
    const { battery } = scenario.station;
    this.#energyWh = battery === undefined ? 0 : (battery.capacityWh * battery.chargePercent) / 100;
    this.#sense();
  }

  /** Remembers that something runs which time must wait for: a write to the disk. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    const done = () => this.#work.delete(work);
    work.then(done, done);
    return work;
  }

  /** Resolves when nothing is left to do without time passing. */
  async settled(): Promise<void> {
    for (let calm = 0; calm < 2; calm = this.#work.size === 0 ? calm + 1 : 0) await settle(1);
  }

  /** A new boot of the board: its clock starts from the battery-backed one, or from nothing. */
  boot(): Boot {
    this.#boot += 1;
    this.#systemOffset = this.#scenario.clock.rtc ? 0 : EPOCH - this.time.now();
    return new Boot(this, `boot-${this.#boot}`, this.#scenario.clock.rtc);
  }

  get systemNow(): Instant {
    return this.time.now() + this.#systemOffset;
  }
  jump(by: Millis): void {
    this.#systemOffset += by;
  }
  /** Discipline by the network, where the scenario has it and the link stands. */
  synchronise(): boolean {
    const synchronised = this.#scenario.clock.ntp && this.linkUp;
    if (synchronised) this.#systemOffset = 0;
    return synchronised;
  }

  /** What the supply still gives, counted up to now. */
  get flat(): boolean {
    this.#count();
    return !this.#mains && this.#scenario.station.battery !== undefined && this.#energyWh <= 0;
  }
  get mains(): boolean {
    return this.#mains;
  }
  setMains(on: boolean): void {
    this.#count();
    this.#mains = on;
    this.#sense();
  }
  setCharge(percent: number): void {
    this.#count();
    this.#energyWh = ((this.#scenario.station.battery?.capacityWh ?? 0) * percent) / 100;
    this.#sense();
  }
  get chargePercent(): number | null {
    this.#count();
    const { battery } = this.#scenario.station;
    return battery === undefined ? null : (this.#energyWh / battery.capacityWh) * 100;
  }

  /** Nothing is drawn while the board is off; call it when it comes back. */
  skipCounting(): void {
    this.#countedAt = this.time.monotonic();
  }

  /** Opens what lies there now; the approval is asked of the facts in force. */
  library(approved: () => ReadonlyMap<Sha256, ApprovedMedia>): MediaLibrary {
    return {
      has: (sha256) => approved().has(sha256) && this.media.get(sha256) === "present",
      open: (sha256) => {
        const media = approved().get(sha256);
        if (media === undefined) return Promise.resolve(refusal("digest-not-approved", `no approval names ${sha256}`));
        const state = this.media.get(sha256) ?? "missing";
        if (state !== "present") return Promise.resolve(refusal(`media-${state}`, `${media.title} is ${state}`));
        const { type, durationMs } = media;
        return Promise.resolve({ sha256, fd: -1, type, durationMs, close: () => Promise.resolve() });
      },
    };
  }

  #count(): void {
    const now = this.time.monotonic();
    const hours = (now - this.#countedAt) / HOUR;
    this.#countedAt = now;
    const { battery } = this.#scenario.station;
    if (battery === undefined) return;
    const draws = this.playing() ? battery.playingW : battery.idleW;
    const change = this.#mains ? battery.chargingW * hours : -draws * hours;
    this.#energyWh = Math.max(0, Math.min(battery.capacityWh, this.#energyWh + change));
    this.#sense();
  }

  #sense(): void {
    const { battery } = this.#scenario.station;
    const chargePercent = battery === undefined ? null : Math.round((this.#energyWh / battery.capacityWh) * 100);
    this.supply.set({ supply: this.#mains ? "mains" : "battery", chargePercent });
  }
}

/** The machine's own clocks during one boot; after its end nothing that waits on it ever goes on. */
export class Boot implements TimeSource {
  readonly #world: World;
  readonly #id: string;
  readonly #hasRtc: boolean;
  readonly #began: Monotonic;
  #over = false;

  constructor(world: World, id: string, hasRtc: boolean) {
    this.#world = world;
    this.#id = id;
    this.#hasRtc = hasRtc;
    this.#began = world.time.monotonic();
  }

  /** The current is gone. */
  end(): void {
    this.#over = true;
  }
  now(): Instant {
    return this.#world.systemNow;
  }
  monotonic(): Monotonic {
    return this.#world.time.monotonic();
  }
  boottimeMs(): Promise<Millis> {
    return Promise.resolve(this.monotonic() - this.#began);
  }
  bootId(): Promise<string> {
    return Promise.resolve(this.#id);
  }
  quality(): Promise<ClockQuality> {
    const synchronised = this.#world.synchronise();
    return Promise.resolve({ source: "the simulated network", synchronised, offsetMs: null, errorMs: null });
  }
  rtc(): Promise<{ present: boolean; time: Instant | null }> {
    return Promise.resolve({ present: this.#hasRtc, time: this.#hasRtc ? this.#world.time.now() : null });
  }
  wait(delay: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      void this.#world.time.wait(delay, signal).then(() => {
        if (!this.#over) resolve();
      });
    });
  }
}
