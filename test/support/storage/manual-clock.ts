/** A clock that stands still until the test moves it. */
import type { ClockTrust } from "../../../playback/model/clock-trust.ts";
import type { Instant, Millis, Monotonic } from "../../../playback/model/units.ts";
import type { Clock } from "../../../playback/ports/clock.ts";

interface Waiter {
  readonly due: Monotonic;
  readonly wake: () => void;
}

export class ManualClock implements Clock {
  #now: Instant;
  #monotonic: Monotonic = 1_000;
  #waiters: Waiter[] = [];

  constructor(now: Instant = Date.parse("2026-11-21T05:00:00Z")) {
    this.#now = now;
  }

  now(): Instant {
    return this.#now;
  }

  monotonic(): Monotonic {
    return this.#monotonic;
  }

  trust(): ClockTrust {
    return "held";
  }

  wait(delay: Millis, signal?: AbortSignal): Promise<void> {
    if (delay <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter = { due: this.#monotonic + delay, wake: resolve };
      this.#waiters.push(waiter);
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** How many wait now. */
  waiting(): number {
    return this.#waiters.length;
  }

  advance(delay: Millis): void {
    this.#now += delay;
    this.#monotonic += delay;
    const due = this.#waiters.filter((waiter) => waiter.due <= this.#monotonic);
    this.#waiters = this.#waiters.filter((waiter) => waiter.due > this.#monotonic);
    for (const waiter of due) waiter.wake();
  }

  /** Steps the wall clock alone, as NTP does. */
  step(delay: Millis): void {
    this.#now += delay;
  }
}
