/** A clock that stands still until the test moves it. Waits end in order of time; what they start runs before the next one ends. */
import type { ClockTrust } from "../../../playback/model/clock-trust.ts";
import type { Instant, Millis, Monotonic } from "../../../playback/model/units.ts";
import type { Clock } from "../../../playback/ports/clock.ts";

interface Wait {
  readonly at: Monotonic;
  readonly end: () => void;
}

/** Lets everything that can run without time passing run: promises, immediates, finished I/O. */
export async function settle(turns = 6): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export class VirtualClock implements Clock {
  #monotonic: Monotonic = 0;
  #wallOffset: Millis;
  #waits: Wait[] = [];
  trustNow: ClockTrust = "attested";

  constructor(start: Instant) {
    this.#wallOffset = start;
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
      const wait: Wait = { at: this.#monotonic + Math.max(0, delay), end: resolve };
      this.#waits.push(wait);
      signal?.addEventListener("abort", () => {
        this.#waits = this.#waits.filter((other) => other !== wait);
        resolve();
      });
    });
  }

  /** Sets the wall clock forward or back; the monotonic clock does not notice. */
  step(by: Millis): void {
    this.#wallOffset += by;
  }

  async advance(by: Millis): Promise<void> {
    const until = this.#monotonic + by;
    await settle();
    for (;;) {
      const next = this.#waits.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#monotonic = Math.max(this.#monotonic, next.at);
      this.#waits = this.#waits.filter((wait) => wait !== next);
      next.end();
      await settle();
    }
    this.#monotonic = until;
    await settle();
  }

  /** Moves the wall clock to an instant by letting the time pass. */
  advanceTo(at: Instant): Promise<void> {
    return this.advance(at - this.now());
  }
}
