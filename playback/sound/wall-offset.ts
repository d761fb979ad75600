/**
 * What the wall clock reads beyond the monotonic one. It is told in whole milliseconds and so is read late, never early, by up to one: the
 * highest reading of a window is near the truth. The operating system slews both clocks alike, so what moves this offset is a step.
 */
import type { Instant, Millis, Monotonic } from "../model/units.ts";

const WINDOW: Millis = 10_000;
/** Above what reading in whole milliseconds explains. */
const STEP: Millis = 2;
/** A thread that was held up between the two readings gives one wrong one, not three. */
const AGREEING = 3;

interface Highest {
  readonly second: number;
  offset: Millis;
}

export class WallOffset {
  /** The highest of each second. */
  #seconds: Highest[] = [];
  #offset: Millis | null = null;
  #strange: Millis[] = [];

  /** Both clocks, read together. */
  observe(at: Monotonic, wall: Instant): void {
    const reading = wall - at;
    if (this.#offset !== null && Math.abs(reading - this.#offset) > STEP) {
      this.#strange.push(reading);
      if (this.#strange.length < AGREEING) return;
      this.#seconds = [];
      this.#offset = Math.max(...this.#strange);
    }
    this.#strange = [];
    const second = Math.floor(at / 1_000);
    const last = this.#seconds.at(-1);
    if (last?.second === second) last.offset = Math.max(last.offset, reading);
    else this.#seconds.push({ second, offset: reading });
    while ((this.#seconds[0]?.second ?? second) * 1_000 < at - WINDOW) this.#seconds.shift();
    this.#offset = Math.max(...this.#seconds.map(({ offset }) => offset));
  }

  /** Wall time minus monotonic time; `null` before the first reading. */
  offset(): Millis | null {
    return this.#offset;
  }
}
