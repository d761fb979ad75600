/**
 * How much that is refused a broker may bring before the station takes its time. Judging a document costs what playing needs too; a broker in
 * the wrong hands that floods gets no more of the machine than this, and the stream behind it fills up at its own end.
 *
 * Assumed: a reconnect brings some dozens of documents that are known already; nobody honest brings hundreds that are refused.
 */
import { type Millis, type Monotonic, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";

const BURST = 200;
const EVERY: Millis = SECOND / 20;

export class RubbishAllowance {
  readonly #clock: Pick<Clock, "monotonic" | "wait">;
  #left = BURST;
  #countedAt: Monotonic | null = null;

  constructor(clock: Pick<Clock, "monotonic" | "wait">) {
    this.#clock = clock;
  }

  /** Counts one that was refused; resolves when the next may be looked at. */
  async spend(): Promise<void> {
    const now = this.#clock.monotonic();
    this.#left = Math.min(BURST, this.#left + (now - (this.#countedAt ?? now)) / EVERY) - 1;
    this.#countedAt = now;
    if (this.#left < 0) await this.#clock.wait(-this.#left * EVERY);
  }
}
