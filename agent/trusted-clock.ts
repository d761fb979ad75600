/**
 * The station's wall clock and how far it may be believed. Signed time attests it; afterwards a step of the system's clock is
 * noticed against the boot clock and not followed, unless the kernel says that it is synchronised.
 *
 * Invariants: no step of the system's clock is seen before it was judged, because a moment of a wrong day would close a day of slots as
 * missed; only signed time raises the floor; trust survives a restart of the agent within one boot, never a reboot (there an RTC that
 * agrees with the floor makes it `held`).
 */
import type { ClockTrust } from "../playback/model/clock-trust.ts";
import type { Instant, Millis, Monotonic } from "../playback/model/units.ts";
import type { Clock } from "../playback/ports/clock.ts";

/** The machine's own clocks; `SystemTime` in drivers. */
export interface TimeSource {
  now(): Instant;
  monotonic(): Monotonic;
  /** Since boot, counting while suspended. */
  boottimeMs(): Promise<Millis>;
  bootId(): Promise<string>;
  kernelSynchronised(): Promise<{ synchronised: boolean; by: string }>;
  rtc(): Promise<{ present: boolean; time: Instant | null }>;
  wait(delay: Millis, signal?: AbortSignal): Promise<void>;
}

/** What is remembered across restarts. */
export interface ClockMemory {
  /** Newest signed time ever seen. */
  readonly floor: Instant | null;
  /** Within one boot: attested wall time minus boot time. */
  readonly attestation: { readonly bootId: string; readonly offset: Millis } | null;
}

/** Below this the system's clock and the attested one are called equal; network delay and drift stay under it. */
const AGREEMENT: Millis = 1_500;
const ASK_KERNEL_EVERY: Millis = 30_000;

export class TrustedClock implements Clock {
  readonly #source: TimeSource;
  readonly #remember: (memory: ClockMemory) => Promise<void>;
  readonly #declared: ClockTrust | null;
  #memory: ClockMemory;
  #trust: ClockTrust = "unknown";
  #correction: Millis = 0;
  #detail = "";
  /** The wall clock when it was last judged: between two judgements time passes on the clock that never steps. */
  #anchor: { readonly wall: Instant; readonly at: Monotonic } | null = null;
  #kernel: { at: Monotonic; answer: { synchronised: boolean; by: string } } | null = null;

  /** `declared` replaces all evidence: the simulated clock. */
  constructor(
    source: TimeSource,
    memory: ClockMemory | null,
    remember: (memory: ClockMemory) => Promise<void>,
    declared: ClockTrust | null,
  ) {
    this.#source = source;
    this.#memory = memory ?? { floor: null, attestation: null };
    this.#remember = remember;
    this.#declared = declared;
  }

  now(): Instant {
    const wall =
      this.#anchor === null
        ? this.#source.now() + this.#correction
        : this.#anchor.wall + (this.#source.monotonic() - this.#anchor.at);
    return this.#trust === "floor" && this.#memory.floor !== null ? Math.max(wall, this.#memory.floor) : wall;
  }
  monotonic(): Monotonic {
    return this.#source.monotonic();
  }
  trust(): ClockTrust {
    return this.#trust;
  }
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
    if (this.#declared !== null) return this.#settle(this.#declared, 0, "declared in station.yaml (simulated clock)");
    const kernel = await this.#askKernel();
    const bootId = await this.#source.bootId();
    const offset = this.#source.now() - (await this.#source.boottimeMs());
    const { attestation, floor } = this.#memory;
    if (attestation !== null && attestation.bootId === bootId) {
      const stepped = offset - attestation.offset;
      if (Math.abs(stepped) <= AGREEMENT)
        return this.#settle("attested", 0, "signed time agrees with the system clock");
      if (kernel.synchronised && this.#source.now() >= (floor ?? 0)) {
        return this.#settle("held", 0, `synchronised by ${kernel.by}; signed time of this boot differs`);
      }
      return this.#settle(
        "attested",
        -stepped,
        `the system clock is ${Math.round(stepped / 1000)} s off; signed time is kept`,
      );
    }
    if (kernel.synchronised && this.#source.now() >= (floor ?? 0)) {
      return this.#settle("held", 0, `synchronised by ${kernel.by}`);
    }
    const rtc = await this.#source.rtc();
    if (rtc.time !== null && floor !== null && rtc.time >= floor && Math.abs(rtc.time - this.#source.now()) <= 5_000) {
      return this.#settle("held", 0, "held by the real-time clock, above the floor");
    }
    if (floor === null) return this.#settle("unknown", 0, "no signed time was ever seen");
    return this.#settle("floor", 0, `not earlier than ${new Date(floor).toISOString()}`);
  }

  /** Signed time, received now; `roundTripMs` since its nonce was sent. Durable when it resolves. */
  async attest(time: Instant, roundTripMs: Millis): Promise<void> {
    const at = time + Math.min(roundTripMs, 10_000) / 2;
    const bootId = await this.#source.bootId();
    const own = this.#source.now();
    const bootOffset = (Math.abs(at - own) <= AGREEMENT ? own : at) - (await this.#source.boottimeMs());
    this.#memory = {
      floor: Math.max(time, this.#memory.floor ?? 0),
      attestation: { bootId, offset: bootOffset },
    };
    await this.#remember(this.#memory);
    await this.observe();
  }

  /** Asking starts a program, so the answer serves for a while. */
  async #askKernel(): Promise<{ synchronised: boolean; by: string }> {
    const now = this.#source.monotonic();
    if (this.#kernel === null || now - this.#kernel.at >= ASK_KERNEL_EVERY) {
      this.#kernel = { at: now, answer: await this.#source.kernelSynchronised() };
    }
    return this.#kernel.answer;
  }

  #settle(trust: ClockTrust, correction: Millis, detail: string): void {
    this.#trust = trust;
    this.#correction = correction;
    this.#detail = detail;
    this.#anchor = { wall: this.#source.now() + correction, at: this.#source.monotonic() };
  }
}
