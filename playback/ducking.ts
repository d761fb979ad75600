/**
 * The level of what is on air: turned with the volume that applies, put down while something sounds over it, and lifted again. What begins
 * underneath begins put down.
 */
import { gainUnder } from "./arbiter/candidate.ts";
import type { Policy } from "./model/policy.ts";
import type { Decibels, Millis, Monotonic } from "./model/units.ts";
import type { Clock } from "./ports/clock.ts";
import type { SlotRun } from "./slot-run.ts";

/** Down and up again. Assumed: as long as a presenter's fader takes. */
export const DUCK_RAMP: Millis = 300;

/** When an hour turns, nobody shall jump. */
const TURN_RAMP: Millis = 2_000;

/** `going`: the programme is not down yet. */
export type DuckState = "off" | "going" | "on";

export class Ducking {
  readonly #clock: Clock;
  /** `null`: nothing is put down. */
  #by: Decibels | null = null;
  /** What was turned since it was made ready. */
  readonly #turned = new WeakMap<SlotRun, Decibels>();
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
    run?.setGain(this.#gainOf(run) + by, DUCK_RAMP);
    if (run !== null) await this.#clock.wait(DUCK_RAMP);
  }

  up(run: SlotRun | null): void {
    this.#by = null;
    run?.setGain(this.#gainOf(run), DUCK_RAMP);
  }

  /** Before it begins. */
  meet(run: SlotRun): void {
    if (this.#by !== null) run.setGain(this.#gainOf(run) + this.#by, 0);
  }

  /** The volume of the policy may have changed since it was made ready: what is on air follows, put down or not, and what sounds over it. */
  turn(run: SlotRun | null, over: SlotRun | null, policy: Policy): void {
    this.#turn(run, policy, this.#by ?? 0);
    this.#turn(over, policy, 0);
  }

  #turn(run: SlotRun | null, policy: Policy, by: Decibels): void {
    if (run === null) return;
    const gain = gainUnder(run.candidate, policy);
    if (gain === this.#gainOf(run)) return;
    this.#turned.set(run, gain);
    run.setGain(gain + by, TURN_RAMP);
  }

  #gainOf(run: SlotRun): Decibels {
    return this.#turned.get(run) ?? run.candidate.gain;
  }
}
