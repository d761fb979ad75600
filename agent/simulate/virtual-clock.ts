/** A clock that stands still until it is moved. Waits end in order of time; what they start runs before the next one ends. */
import type { ClockTrust } from "../../playback/model/clock-trust.ts";
import type { Instant, Millis, Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";

interface Wait {
  readonly at: Monotonic;
  readonly end: () => void;
}

/** Lets everything that can run without time passing run: promises, immediates, finished I/O. */
export async function settle(turns = 6): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export class VirtualClock implements Clock {
  readonly #settled: () => Promise<void>;
  readonly #waits = new Set<Wait>();
  #monotonic: Monotonic = 0;
  #wallOffset: Millis;
  trustNow: ClockTrust = "attested";

  /** `settled` resolves when nothing is left to do without time passing. */
  constructor(start: Instant, settled: () => Promise<void> = settle) {
    this.#wallOffset = start;
    this.#settled = settled;
  }

  now(): Instant {
    return this.#monotonic + this.#wallOffset;
  }
  monotonic(): Monotonic {
    return this.#monotonic;
  }
  trust(): ClockTrust {
    return this.trustNow;
  }

  wait(delay: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        this.#waits.delete(wait);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const wait: Wait = { at: this.#monotonic + Math.max(0, delay), end };
      this.#waits.add(wait);
      signal?.addEventListener("abort", end);
    });
  }

  /** Sets the wall clock forward or back; the monotonic clock does not notice. */
  step(by: Millis): void {
    this.#wallOffset += by;
  }

  async advance(by: Millis): Promise<void> {
    const until = this.#monotonic + by;
    await this.#settled();
    for (let next = this.#next(until); next !== null; next = this.#next(until)) {
      this.#monotonic = Math.max(this.#monotonic, next.at);
      next.end();
      await this.#settled();
    }
    this.#monotonic = until;
    await this.#settled();
  }

  /** Moves the wall clock to an instant by letting the time pass. */
  advanceTo(at: Instant): Promise<void> {
    return this.advance(at - this.now());
  }

  /** The first wait that ends by then; of equals the one that began first. */
  #next(until: Monotonic): Wait | null {
    let first: Wait | null = null;
    for (const wait of this.#waits) if (wait.at <= until && (first === null || wait.at < first.at)) first = wait;
    return first;
  }
}
