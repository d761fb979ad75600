/**
 * Runs a scenario on a virtual clock: lets time pass to the next instant at which anything can change, does what the scenario says, and
 * watches. It claims decisions, not sound: no sample is ever made.
 */
import { messageOf } from "../../playback/model/station-error.ts";
import { type Decibels, HOUR, type Instant, type Millis, SECOND } from "../../playback/model/units.ts";
import { compare, type ProofSlot, proofOf } from "./proof.ts";
import { Province } from "./province.ts";
import type { Happening, Scenario } from "./scenario.ts";
import { Signer } from "./signer.ts";
import { SimulatedStation } from "./simulated-station.ts";
import { ofHappening, ofRecord, type TimelineEntry } from "./timeline.ts";
import { World } from "./world.ts";

export interface SimulationOptions {
  /** An empty folder for the station's database. */
  readonly folder: string;
  /** How many times faster than real time; `null` is as fast as it goes. */
  readonly speed: number | null;
  readonly onEntry?: (entry: TimelineEntry) => void;
}

export interface SimulationResult {
  readonly timeline: readonly TimelineEntry[];
  readonly proof: readonly ProofSlot[];
  readonly journal: { readonly count: number; readonly intact: boolean };
  readonly outbox: {
    readonly issued: number;
    readonly waiting: number;
    readonly bytes: number;
    readonly received: number;
  };
  /** What went wrong in the machinery; none is expected in any scenario. */
  readonly faults: readonly string[];
  /** `null` where the scenario expects nothing in particular. */
  readonly differences: readonly string[] | null;
}

/** Time passes in pieces of at most this; in smaller ones while a battery runs down. */
const PIECE: Millis = HOUR;
const PIECE_ON_BATTERY: Millis = 10 * SECOND;
const PACE_EVERY: Millis = 100;

class Simulation {
  readonly #scenario: Scenario;
  readonly #options: SimulationOptions;
  readonly #world: World;
  readonly #signer: Signer;
  readonly #province: Province;
  readonly #timeline: TimelineEntry[] = [];
  readonly #faults: string[] = [];
  #station: SimulatedStation | null = null;
  #told = 0;
  /** How many of the sounds of this boot were told. */
  #heard = 0;
  /** When the board gets current again; `null` where nobody knows: with the mains. */
  #offUntil: Instant | null = null;

  constructor(scenario: Scenario, options: SimulationOptions, signer: Signer) {
    this.#scenario = scenario;
    this.#options = options;
    this.#world = new World(scenario);
    this.#signer = signer;
    this.#province = new Province(signer, scenario.station.station, () => this.#world.time.now());
  }

  async run(): Promise<SimulationResult> {
    await this.#publishAll();
    await this.#boot();
    for (const { at, happening } of this.#scenario.events) {
      await this.#passUntil(at);
      this.#tell(ofHappening(at, happening));
      await this.#happen(happening);
      await this.#look();
    }
    await this.#passUntil(this.#scenario.end);
    if (this.#station === null) await this.#boot();
    return this.#result();
  }

  /** Commissioning: what the province has signed before, the media's approval first. */
  async #publishAll(): Promise<void> {
    const { media, documents, station } = this.#scenario;
    await this.#province.publishTrust();
    const approval = { level: "province", media: media.map(({ approved }) => approved) };
    const to = `province/${station.province}` as const;
    await this.#province.publish({ kind: "content", by: "province", to, body: approval, detail: "province" });
    for (const document of documents) await this.#province.publish(document);
  }

  async #boot(): Promise<void> {
    this.#offUntil = null;
    this.#world.skipCounting();
    this.#heard = 0;
    this.#station = await SimulatedStation.start({
      scenario: this.#scenario,
      folder: this.#options.folder,
      world: this.#world,
      signer: this.#signer,
      province: this.#province,
      onRefused: () => undefined,
      onFault: (where, error) => {
        const detail = messageOf(error);
        this.#faults.push(`${where}: ${detail}`);
        this.#tell({ at: this.#world.time.now(), from: "fault", what: where, about: null, detail });
      },
    });
    this.#tell({
      at: this.#world.time.now(),
      from: "world",
      what: "started",
      about: null,
      detail: this.#station.clock.trust(),
    });
    await this.#look();
  }

  async #off(until: Instant | null): Promise<void> {
    const station = this.#station;
    this.#station = null;
    this.#offUntil = until;
    await station?.cut();
    this.#world.playing = () => false;
  }

  /** Lets true time pass; the board comes back when its current does. */
  async #passUntil(at: Instant): Promise<void> {
    const { time } = this.#world;
    while (time.now() < at) {
      const back = this.#offUntil ?? Number.POSITIVE_INFINITY;
      const piece = this.#world.mains ? PIECE : PIECE_ON_BATTERY;
      const to = Math.min(at, time.now() + piece, Math.max(back, time.now() + 1));
      await this.#pass(to - time.now());
      if (this.#station === null && time.now() >= back) await this.#boot();
      if (this.#station !== null && this.#world.flat) {
        await this.#look();
        this.#tell({ at: time.now(), from: "world", what: "battery-flat", about: null, detail: "" });
        await this.#off(null);
      }
      await this.#look();
    }
  }

  async #pass(by: Millis): Promise<void> {
    const { speed } = this.#options;
    const { time } = this.#world;
    if (speed === null) return time.advance(by);
    for (let left = by; left > 0; ) {
      const piece = Math.min(left, PACE_EVERY * speed);
      await new Promise((resolve) => setTimeout(resolve, piece / speed));
      await time.advance(piece);
      await this.#look();
      left -= piece;
    }
  }

  async #happen(happening: Happening): Promise<void> {
    const world = this.#world;
    switch (happening.what) {
      case "link":
        world.linkUp = happening.up;
        if (happening.up) await this.#station?.connect();
        else await this.#station?.disconnect();
        break;
      case "power-cut":
        await this.#look();
        await this.#off(world.time.now() + happening.forMs);
        break;
      case "clock-jump":
        world.jump(happening.by);
        break;
      case "mains":
        world.setMains(happening.on);
        if (happening.on && this.#station === null && this.#offUntil === null) await this.#boot();
        break;
      case "battery":
        world.setCharge(happening.percent);
        break;
      case "sensor":
        world.supply.silent = happening.silent;
        break;
      case "media":
        world.media.set(happening.sha256, happening.state);
        break;
      case "mute":
        await this.#station?.board.setMuted(happening.muted, "the officer");
        break;
      case "document":
        await this.#deliver(happening);
    }
    this.#station?.kick();
    await world.settled();
  }

  async #deliver({ document }: Extract<Happening, { what: "document" }>): Promise<void> {
    const signed = await this.#province.publish(document);
    if (this.#station === null || !this.#world.linkUp) return;
    this.#province.delivered(signed);
    await this.#station.receive(signed);
  }

  /** Tells what is new on the air and in the journal, at the true time of each. */
  async #look(): Promise<void> {
    const station = this.#station;
    if (station === null) return;
    const ahead = this.#world.time.now() - station.clock.now();
    const names = new Map<string, string>(this.#scenario.media.map(({ approved, name }) => [approved.sha256, name]));
    const entries = station.sound.heard.slice(this.#heard).map(
      ({ what, startedAt, gain, gains }): TimelineEntry => ({
        at: startedAt + ahead,
        from: "sound",
        what: "heard",
        about: names.get(what) ?? what,
        detail: levels([gain, ...gains.map((one) => one.gain)]),
      }),
    );
    this.#heard += entries.length;
    if (station.store.journal.head().seq !== this.#told) {
      for (const record of await station.store.journal.list({ afterSeq: this.#told, limit: 10_000 })) {
        this.#told = record.seq;
        entries.push(ofRecord(record.at + ahead, record));
      }
    }
    for (const entry of entries.sort((a, b) => a.at - b.at)) this.#tell(entry);
  }

  #tell(entry: TimelineEntry): void {
    this.#timeline.push(entry);
    this.#options.onEntry?.(entry);
  }

  async #result(): Promise<SimulationResult> {
    const station = this.#station;
    if (station === null) throw new Error("the simulation ended without a station");
    await this.#world.settled();
    await this.#look();
    const { journal, outbox } = station.store;
    const records = await journal.list({ limit: 1_000_000 });
    const proof = proofOf(records);
    const { ok } = await journal.verify();
    const { issued, rows, bytes } = await outbox.stats();
    const { events, problems } = this.#province.received;
    const { expect } = this.#scenario;
    await station.cut();
    return {
      timeline: this.#timeline,
      proof,
      journal: { count: records.length, intact: ok },
      outbox: { issued, waiting: rows, bytes, received: events },
      faults: [...this.#faults, ...problems],
      differences: expect === null ? null : compare(expect, proof),
    };
  }
}

/** @throws StationError where the database cannot be used */
export async function simulate(scenario: Scenario, options: SimulationOptions): Promise<SimulationResult> {
  return new Simulation(scenario, options, await Signer.create(scenario.station)).run();
}

/** What it was turned to, one after the other; nothing where it sounds as loud as it was made. */
function levels(gains: readonly Decibels[]): string {
  return gains.every((gain) => gain === 0) ? "" : gains.map((gain) => `${gain.toFixed(1)} dB`).join(" → ");
}
