/** Puts a programme down while something sounds over it, and lifts it again. What begins underneath begins put down. */
import type { Decibels, Millis, Monotonic } from "./model/units.ts";
import type { Clock } from "./ports/clock.ts";
import type { SlotRun } from "./slot-run.ts";

/** Down and up again. Assumed: as long as a presenter's fader takes. */
export const DUCK_RAMP: Millis = 300;

/** `going`: the programme is not down yet. */
export type DuckState = "off" | "going" | "on";

export class Ducking {
  readonly #clock: Clock;
  /** `null`: nothing is put down. */
  #by: Decibels | null = null;
  #downAt: Monotonic = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get state(): DuckState {
    if (this.#by === null) return "off";
    return this.#clock.monotonic() < this.#downAt ? "going" : "on";
  }

  /** Puts down what sounds by so much; resolves when it is down. */
  async down(run: SlotRun | null, by: Decibels): Promise<void> {
    this.#by = by;
    this.#downAt = this.#clock.monotonic() + (run === null ? 0 : DUCK_RAMP);
    run?.setGain(run.candidate.gain + by, DUCK_RAMP);
    if (run !== null) await this.#clock.wait(DUCK_RAMP);
  }

  up(run: SlotRun | null): void {
    this.#by = null;
    run?.setGain(run.candidate.gain, DUCK_RAMP);
  }

  /** Before it begins. */
  meet(run: SlotRun): void {
    if (this.#by !== null) run.setGain(run.candidate.gain + this.#by, 0);
  }
}
