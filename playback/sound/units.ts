/** The one format inside the engine: mono, 32-bit float, 48 kHz; positions are counts of samples, so that joints are exact. */
import type { Decibels, Millis } from "../model/units.ts";

/** Samples per second everywhere in the engine. */
export const RATE = 48_000;
/** Length of the blocks handed to the audio graph: half a second. */
export const BLOCK = RATE / 2;

/** A sample count on the audio clock or in a source. */
export type Samples = number;

/** Samples of a duration; fractions kept. */
export function samplesOf(duration: Millis): Samples {
  return (duration * RATE) / 1_000;
}

/** Duration of a sample count. */
export function millisOf(samples: Samples): Millis {
  return (samples * 1_000) / RATE;
}

/** Level of a linear amplitude; silence is `-Infinity`. */
export function levelOf(amplitude: number): Decibels {
  return amplitude > 0 ? 20 * Math.log10(amplitude) : Number.NEGATIVE_INFINITY;
}
