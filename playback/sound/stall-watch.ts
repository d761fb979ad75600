/** Judges a sound card by its clock alone, because a lost card says nothing else. */
import type { Millis, Monotonic } from "../model/units.ts";
import type { Samples } from "./units.ts";

/** `opening`: has not moved yet. `dead`: give it up and open another. */
export type ClockHealth = "opening" | "running" | "stalled" | "dead";

/** A sound server may take two seconds before the clock of a new stream moves. */
const OPENING_LIMIT: Millis = 5_000;
const STALLED_AFTER: Millis = 500;
const DEAD_AFTER: Millis = 2_500;
/** The card is running when its clock has moved for so long without a pause: buffers filled while opening move it too, in one go. */
const STEADY_FOR: Millis = 300;
const PAUSE: Millis = 300;

export class StallWatch {
  readonly #openedAt: Monotonic;
  #current: Samples | null = null;
  #movedAt: Monotonic;
  #steadySince: Monotonic | null = null;
  #opened = false;

  constructor(at: Monotonic) {
    this.#openedAt = at;
    this.#movedAt = at;
  }

  /** Takes a reading of the audio clock and says how it stands. */
  observe(at: Monotonic, current: Samples): ClockHealth {
    const moved = this.#current !== null && current > this.#current;
    this.#current = current;
    if (moved) {
      if (this.#steadySince === null || at - this.#movedAt > PAUSE) this.#steadySince = at;
      this.#movedAt = at;
      if (at - this.#steadySince >= STEADY_FOR) this.#opened = true;
    }
    return this.#judge(at);
  }

  #judge(at: Monotonic): ClockHealth {
    if (!this.#opened) return at - this.#openedAt > OPENING_LIMIT ? "dead" : "opening";
    const still = at - this.#movedAt;
    if (still >= DEAD_AFTER) return "dead";
    return still >= STALLED_AFTER ? "stalled" : "running";
  }
}
