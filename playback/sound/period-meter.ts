/**
 * How much the card takes at a time. The library does not say it, but the steps of its clock do, while they are read more often
 * than they come. A reading in the middle of a step sees a part of it, so the median decides which steps are whole; periods are
 * rounded to blocks of 128 samples, so like steps are averaged.
 */
import type { Millis, Monotonic } from "../model/units.ts";
import type { Samples } from "./units.ts";

/** Readings further apart may hide a step. */
const DENSE: Millis = 6;
const ALIKE = 1.4;
const KEPT = 200;

export class PeriodMeter {
  #lastAt: Monotonic = Number.NEGATIVE_INFINITY;
  #last: Samples = 0;
  #steps: Samples[] = [];
  #period: Samples = 0;

  /** A reading of the audio clock, whether it moved or not. */
  observe(at: Monotonic, rendered: Samples): void {
    const dense = at - this.#lastAt <= DENSE;
    const step = rendered - this.#last;
    this.#lastAt = at;
    this.#last = rendered;
    if (!dense || step <= 0 || this.#steps.length >= KEPT) return;
    this.#steps.push(step);
    const median = [...this.#steps].sort((a, b) => a - b)[this.#steps.length >> 1] ?? 0;
    const whole = this.#steps.filter((each) => each <= median * ALIKE && each >= median / ALIKE);
    this.#period = whole.reduce((sum, each) => sum + each, 0) / whole.length;
  }

  /** Mean length of a period; 0 while unknown. */
  period(): Samples {
    return this.#period;
  }
}
