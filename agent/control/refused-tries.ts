/** Tries that were refused at the controls, in the journal. Of a flood only some are written, and how many were not: they would push out the rest. */
import { MINUTE, type Millis, type Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";

const BURST = 10;
const EVERY: Millis = 5 * MINUTE;

export class RefusedTries {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #write: (body: object) => Promise<void>;
  #left = BURST;
  #countedAt: Monotonic | null = null;
  #suppressed = 0;

  constructor(clock: Pick<Clock, "monotonic">, write: (body: object) => Promise<void>) {
    this.#clock = clock;
    this.#write = write;
  }

  /** @throws what writing throws */
  async tell(body: object): Promise<void> {
    const now = this.#clock.monotonic();
    this.#left = Math.min(BURST, this.#left + (now - (this.#countedAt ?? now)) / EVERY);
    this.#countedAt = now;
    if (this.#left < 1) {
      this.#suppressed += 1;
      return;
    }
    this.#left -= 1;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    await this.#write(suppressed === 0 ? body : { ...body, suppressed });
  }
}
