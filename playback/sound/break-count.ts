/** The breaks of the card while one sound was heard. A break is noticed up to 1.3 s after it. */
import type { Timeline } from "./timeline.ts";

export class BreakCount {
  readonly #timeline: Pick<Timeline, "breaks">;
  #seen: number;
  #count = 0;

  constructor(timeline: Pick<Timeline, "breaks">) {
    this.#timeline = timeline;
    this.#seen = timeline.breaks();
  }

  /** Call it as often as the card's clock is read; `heard` says whether the sound is heard now. */
  observe(heard: boolean): void {
    const breaks = this.#timeline.breaks();
    if (heard) this.#count += breaks - this.#seen;
    this.#seen = breaks;
  }

  /** Breaks so far. */
  count(): number {
    return this.#count;
  }
}
