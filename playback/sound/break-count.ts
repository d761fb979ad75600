/** Counts how often the card lost samples while one sound was heard. A break is noticed up to 1.3 s after it. */
import type { ClockEstimate } from "./clock-estimate.ts";

export class BreakCount {
  readonly #estimate: Pick<ClockEstimate, "jumps">;
  #seen: number;
  #count = 0;

  constructor(estimate: Pick<ClockEstimate, "jumps">) {
    this.#estimate = estimate;
    this.#seen = estimate.jumps();
  }

  /** Call it as often as the card's clock is read; `heard` says whether the sound is heard now. */
  observe(heard: boolean): void {
    const jumps = this.#estimate.jumps();
    if (heard) this.#count += jumps - this.#seen;
    this.#seen = jumps;
  }

  /** Breaks so far. */
  count(): number {
    return this.#count;
  }
}
