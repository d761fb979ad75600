/** The station's wall clock as the page knows it: the browser's steady clock and what the server last said. No long timer is relied on. */

/** Less than that is the way from there to here, not a difference. */
const STEP_MS = 40;

export class StationTime {
  #ahead: number | null = null;

  /** The server says what time it is. */
  set(now: number, steady = performance.now()): void {
    const ahead = now - steady;
    if (this.#ahead === null || Math.abs(ahead - this.#ahead) > STEP_MS) this.#ahead = ahead;
  }

  /** `null` before the server has said anything. */
  at(steady: number): number | null {
    return this.#ahead === null ? null : steady + this.#ahead;
  }
}
