/** The level of one frequency in a recording, by Goertzel's recurrence over windows that overlap. Pure. */
import type { Decibels } from "../../playback/model/units.ts";
import { levelOf, RATE, type Samples, samplesOf } from "../../playback/sound/units.ts";

/** Short enough to stand inside a test tone, long enough that a window tells frequencies 15 Hz apart. */
const WINDOW: Samples = samplesOf(300);
const HOP: Samples = samplesOf(100);

/** Peak level in dBFS of a sine of this frequency where it is loudest; what is shorter than a window has none. */
export function loudestOf(samples: Float32Array, hertz: number): Decibels {
  let most = 0;
  for (let from = 0; from + WINDOW <= samples.length; from += HOP) {
    most = Math.max(most, amplitudeIn(samples.subarray(from, from + WINDOW), hertz));
  }
  return levelOf(most);
}

/** Hann: what sounds beside this frequency leaks in less. */
const HANN = Float64Array.from({ length: WINDOW }, (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / WINDOW));

function amplitudeIn(samples: Float32Array, hertz: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * hertz) / RATE);
  let before = 0;
  let last = 0;
  for (let at = 0; at < WINDOW; at++) {
    const next = (samples[at] ?? 0) * (HANN[at] ?? 0) + factor * last - before;
    before = last;
    last = next;
  }
  const power = before * before + last * last - factor * before * last;
  return (Math.sqrt(Math.max(0, power)) * 4) / WINDOW;
}
