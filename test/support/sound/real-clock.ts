import type { Clock } from "../../../playback/ports/clock.ts";

/** Wall time in milliseconds with fractions; `Date.now()` alone is a whole millisecond too coarse for these measurements. */
export function wallNow(): number {
  return performance.timeOrigin + performance.now();
}

/** The machine's own clock, trusted. */
export const realClock: Clock = {
  now: wallNow,
  monotonic: () => performance.now(),
  trust: () => "held",
  wait: (delay, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(done, Math.max(0, delay));
      function done() {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      }
      if (signal?.aborted) done();
      else signal?.addEventListener("abort", done);
    }),
};
