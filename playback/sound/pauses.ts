/** Finds where nothing is heard, and joins two stretches of sound without a click. */
import { amplitudeOf, type Decibels } from "../model/units.ts";
import { type Samples, samplesOf } from "./units.ts";

const WINDOW: Samples = samplesOf(5);
/** Assumed: room noise of a studio is below it, the softest consonants are above. */
const QUIET: Decibels = -45;
/** Shorter ones belong to a word: the closure of a stop consonant lasts up to a tenth of a second. */
const SHORTEST: Samples = samplesOf(150);
/** What is left of a pause before and behind the seam, so that no word loses its edge. */
const MARGIN: Samples = samplesOf(40);

/** A stretch of a block in which something may be left out or waited. */
export interface Pause {
  readonly from: Samples;
  readonly length: Samples;
}

/** The longest pause in a block without its margins; `null` where there is none. Silence is one from end to end. */
export function longestPause(samples: Float32Array | null, length: Samples): Pause | null {
  if (samples === null) return { from: 0, length };
  const threshold = amplitudeOf(QUIET) ** 2 * WINDOW;
  let best: Pause | null = null;
  let from = 0;
  for (let at = 0; at <= length; at += WINDOW) {
    const loud = at + WINDOW > length || energy(samples, at) > threshold;
    if (!loud) continue;
    if (at - from >= SHORTEST && at - from > (best?.length ?? 0)) best = { from, length: at - from };
    from = at + WINDOW;
  }
  return best === null ? null : { from: best.from + MARGIN, length: best.length - 2 * MARGIN };
}

/** Goes over from one sound to another within the first samples; `into` is what stands there afterwards. */
export function fadeOver(from: Float32Array, into: Float32Array): Float32Array<ArrayBuffer> {
  const faded = new Float32Array(into);
  const length = Math.min(from.length, into.length);
  for (let at = 0; at < length; at++) {
    const share = (at + 0.5) / length;
    faded[at] = (from[at] ?? 0) * (1 - share) + (into[at] ?? 0) * share;
  }
  return faded;
}

function energy(samples: Float32Array, from: Samples): number {
  let sum = 0;
  for (let at = from; at < from + WINDOW; at++) sum += (samples[at] ?? 0) ** 2;
  return sum;
}
