/**
 * How often what was due was not heard, told by two witnesses: a clock that moved at once, and a card that ran out of samples. Each misses some:
 * where late samples are dropped the clock does not move, and what is lost behind the queue empties none. What both tell of counts once.
 */
import { type Millis, type Monotonic, SECOND } from "../model/units.ts";
import { TOLD_WITHIN } from "./underrun-count.ts";

/** From a loss of samples until the clock shows it. */
const JUMP_WITHIN: Millis = 1.3 * SECOND;

export class Breaks {
  #jumps = 0;
  #underruns = 0;
  #count = 0;
  #jumpedAt: Monotonic = Number.NEGATIVE_INFINITY;
  /** The last underrun that counted and whose jump may still come. */
  #ranDryAt: Monotonic = Number.NEGATIVE_INFINITY;

  /** What both have told since the card was opened. */
  observe(at: Monotonic, jumps: number, underruns: number): void {
    const [jumped, ranDry] = [jumps - this.#jumps, underruns > this.#underruns];
    [this.#jumps, this.#underruns] = [jumps, underruns];
    if (jumped > 0) {
      this.#count += at - this.#ranDryAt <= JUMP_WITHIN ? jumped - 1 : jumped;
      [this.#jumpedAt, this.#ranDryAt] = [at, Number.NEGATIVE_INFINITY];
    }
    if (ranDry && at - this.#jumpedAt > TOLD_WITHIN) {
      this.#count += 1;
      this.#ranDryAt = at;
    }
  }

  count(): number {
    return this.#count;
  }
}
