/** Level of the last whole tenth of a second that was received. */
import type { Decibels } from "../../model/units.ts";
import { levelOf, RATE, type Samples } from "../units.ts";

const WINDOW: Samples = RATE / 10;

export class ReceivedLevel {
  #squares = 0;
  #count: Samples = 0;
  #rms: Decibels = Number.NEGATIVE_INFINITY;

  /** Silence before the first window. */
  get rms(): Decibels {
    return this.#rms;
  }

  add(samples: Float32Array): void {
    for (const value of samples) {
      this.#squares += value * value;
      this.#count += 1;
      if (this.#count < WINDOW) continue;
      this.#rms = levelOf(Math.sqrt(this.#squares / WINDOW));
      this.#squares = 0;
      this.#count = 0;
    }
  }
}
