/**
 * The station's wall clock and how far it may be believed. Signed time attests it; afterwards a step of the system's clock is
 * noticed against the boot clock and not followed, unless the kernel says that it is synchronised.
 *
 * Invariants: no step of the system's clock is seen before it was judged, because a moment of a wrong day would close a day of slots as
 * missed; only signed time raises the floor, by a capped step; trust survives a restart of the agent within one boot, never a reboot (there
 * an RTC that agrees with the floor makes it `held`).
 */
import type { ClockTrust } from "../playback/model/clock-trust.ts";
import type { Instant, Millis, Monotonic } from "../playback/model/units.ts";
import type { ClockQuality } from "../playback/ports/clock.ts";
import { type CertainClock, type FloorStep, raisedFloor } from "./time-floor.ts";
import { type OnUnwritten, orUnwritten } from "./unwritten.ts";

/** The machine's own clocks; `SystemTime` in drivers. */
export interface TimeSource {
  now(): Instant;
  monotonic(): Monotonic;
  /** Since boot, counting while suspended. */
  boottimeMs(): Promise<Millis>;
  bootId(): Promise<string>;
  /** Whether somebody disciplines the system's clock, and how well. */
  quality(): Promise<ClockQuality>;
  rtc(): Promise<{ present: boolean; time: Instant | null }>;
  wait(delay: Millis, signal?: AbortSignal): Promise<void>;
}

/** What is remembered across restarts. */
export interface ClockMemory {
  /** It is not earlier than this: what signed time has lifted it to. */
  readonly floor: Instant | null;
  readonly step?: FloorStep | undefined;
  /** Within one boot: attested wall time minus boot time. */
  readonly attestation: { readonly bootId: string; readonly offset: Millis; readonly boottimeMs?: Millis } | null;
}

/** Below this the system's clock and the attested one are called equal; network delay and drift stay under it. */
const AGREEMENT: Millis = 1_500;
const ASK_KERNEL_EVERY: Millis = 30_000;
/** Of a cheap quartz in the sun, as a share: 17 s a day. */
const WORST_DRIFT = 2e-4;
/** An RTC that is read in whole seconds may differ by so much from a clock that was set by it. */
const RTC_AGREEMENT: Millis = 5_000;

interface Evidence {
  readonly kernel: ClockQuality;
  readonly bootId: string;
  readonly rtc: Instant | null;
  readonly boottime: Millis;
}

export class TrustedClock implements CertainClock {
  readonly #source: TimeSource;
  readonly #remember: (memory: ClockMemory) => Promise<void>;
  readonly #declared: ClockTrust | null;
  readonly #onUnwritten: OnUnwritten | undefined;
  #memory: ClockMemory;
  #trust: ClockTrust = "unknown";
  #correction: Millis = 0;
  #detail = "";
  /** The wall clock when it was last judged: between two judgements time passes on the clock that never steps. */
  #anchor: { readonly wall: Instant; readonly at: Monotonic } | null = null;
  #kernel: { at: Monotonic; answer: ClockQuality } | null = null;

  /** `declared` replaces all evidence: the simulated clock. */
  constructor(
    source: TimeSource,
    memory: ClockMemory | null,
    remember: (memory: ClockMemory) => Promise<void>,
    declared: ClockTrust | null,
    onUnwritten?: OnUnwritten,
  ) {
    this.#source = source;
    this.#memory = memory ?? { floor: null, attestation: null };
    this.#remember = remember;
    this.#declared = declared;
    this.#onUnwritten = onUnwritten;
  }

  now(): Instant {
    const wall =
      this.#anchor === null
        ? this.#source.now() + this.#correction
        : this.#anchor.wall + (this.#source.monotonic() - this.#anchor.at);
    return this.#trust === "floor" && this.#memory.floor !== null ? Math.max(wall, this.#memory.floor) : wall;
  }
  /** Under `floor` the wall clock may be years ahead: then only the floor itself is past. */
  notBefore(): Instant | null {
    if (this.#trust === "unknown") return null;
    return this.#trust === "floor" ? this.#memory.floor : this.now();
  }
  monotonic(): Monotonic {
    return this.#source.monotonic();
  }
  trust(): ClockTrust {
    return this.#trust;
  }
  readonly quality = (): ClockQuality | null => this.#kernel?.answer ?? null;
  /** Why it is trusted so far, for the status and the concern. */
  get detail(): string {
    return this.#detail;
  }
  /** What is added to the system's clock. */
  get correctionMs(): Millis {
    return this.#correction;
  }
  wait(delay: Millis, signal?: AbortSignal): Promise<void> {
    return this.#source.wait(delay, signal);
  }

  /** Looks at all evidence again; call it at start and every second. */
  async observe(): Promise<void> {
    const kernel = await this.#askKernel();
    const bootId = await this.#source.bootId();
    const rtc = this.#memory.attestation?.bootId === bootId ? null : (await this.#source.rtc()).time;
    const boottime = await this.#source.boottimeMs();
    // One reading, judged as a whole: a step that comes later is for the next time.
    const reading = { wall: this.#source.now(), at: this.#source.monotonic() };
    const { trust, correction, detail } = this.#judge(reading.wall, { kernel, bootId, rtc, boottime });
    this.#trust = trust;
    this.#correction = correction;
    this.#detail = detail;
    this.#anchor = { wall: reading.wall + correction, at: reading.at };
  }

  #judge(wall: Instant, evidence: Evidence): { trust: ClockTrust; correction: Millis; detail: string } {
    const { kernel, bootId, rtc, boottime } = evidence;
    const { attestation, floor } = this.#memory;
    const said = (trust: ClockTrust, detail: string, correction = 0) => ({ trust, correction, detail });
    if (this.#declared !== null) return said(this.#declared, "declared in station.yaml (simulated clock)");
    const synchronised = kernel.synchronised && wall >= (floor ?? 0);
    if (attestation !== null && attestation.bootId === bootId) {
      const stepped = wall - boottime - attestation.offset;
      if (Math.abs(stepped) <= AGREEMENT) return said("attested", "signed time agrees with the system clock");
      // Time from the network is not signed: it may mend this board's drift since signed time came, and nothing more.
      const drifted = AGREEMENT + Math.max(0, boottime - (attestation.boottimeMs ?? 0)) * WORST_DRIFT;
      if (synchronised && Math.abs(stepped) <= drifted) return said("held", `synchronised by ${kernel.source}`);
      const off = Math.round(stepped / 1000);
      return said("attested", `the system clock is ${off} s off; signed time is kept`, -stepped);
    }
    if (synchronised) return said("held", `synchronised by ${kernel.source}`);
    if (rtc !== null && floor !== null && rtc >= floor && Math.abs(rtc - wall) <= RTC_AGREEMENT) {
      return said("held", "held by the real-time clock, above the floor");
    }
    if (floor === null) return said("unknown", "no signed time was ever seen");
    return said("floor", `not earlier than ${new Date(floor).toISOString()}`);
  }

  /**
   * Signed time, received now; `roundTripMs` since its nonce was sent. It proves no more than that now lies between the two: a clock that it does
   * not contradict stays, or a broker could move it by holding answers back. Durable when it resolves; on a disk that takes no writes it holds
   * for this run, because the time is right all the same, and the next answer is written.
   */
  async attest(time: Instant, roundTripMs: Millis): Promise<void> {
    const latest = time + Math.min(roundTripMs, 10_000);
    const bootId = await this.#source.bootId();
    const own = this.#source.now();
    const boottimeMs = await this.#source.boottimeMs();
    const possible = (wall: Instant) => wall >= time - AGREEMENT && wall <= latest + AGREEMENT;
    const kept = [own, own + this.#correction].find(possible);
    const offset = (kept ?? (time + latest) / 2) - boottimeMs;
    this.#memory = {
      ...raisedFloor(this.#memory, time, { bootId, boottimeMs }),
      attestation: { bootId, offset, boottimeMs },
    };
    await orUnwritten("clock", () => this.#remember(this.#memory), this.#onUnwritten);
    await this.observe();
  }

  /** Asking starts a program, so the answer serves for a while. */
  async #askKernel(): Promise<ClockQuality> {
    const now = this.#source.monotonic();
    if (this.#kernel === null || now - this.#kernel.at >= ASK_KERNEL_EVERY) {
      this.#kernel = { at: now, answer: await this.#source.quality() };
    }
    return this.#kernel.answer;
  }
}
