/** The gain a sound has at any sample, kept here because the graph tells only what it last rendered. */
import { type Samples, samplesOf } from "./units.ts";
import type { Voice } from "./web-audio.ts";

export class GainRamp {
  #from: number;
  #to: number;
  #start: Samples = 0;
  #end: Samples = 0;

  /** A steady linear gain. */
  constructor(gain: number) {
    this.#from = gain;
    this.#to = gain;
  }

  /** The linear gain at a sample. */
  at(sample: Samples): number {
    if (sample >= this.#end) return this.#to;
    if (sample <= this.#start) return this.#from;
    return this.#from + ((this.#to - this.#from) * (sample - this.#start)) / (this.#end - this.#start);
  }

  /** Goes to another gain from a sample on, from whatever gain it has by then. */
  to(gain: number, start: Samples, durationMs: number, voice: Voice): void {
    this.#from = this.at(start);
    this.#to = gain;
    this.#start = start;
    this.#end = start + samplesOf(durationMs);
    voice.ramp(this.#from, this.#to, this.#start, this.#end);
  }
}
