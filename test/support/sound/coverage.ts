/**
 * How much of a source stands in a recording from a place on, across short breaks: a card that ran dry for some milliseconds delays what
 * follows, and all of it is still heard. Pure; positions in samples at 48 kHz.
 */
import { type Around, type Found, findHead, findTail, matchLength } from "./correlate.ts";
import { type Interval, levelBetween } from "./levels.ts";

const MS = 48;
/** After a break it must go on within this much of the source, no further than this from where it would be. */
const SKIP = 600 * MS;
const STEP = 20 * MS;
const SHIFT = 100 * MS;
/** So much is compared to find it again, if it is loud enough to be told from anything. */
const SAMPLE = 100 * MS;
const LOUD_DB = -45;
/** A short piece must be more alike than a long one to be sure of. */
const SURE = 0.95;
const ALIKE = 0.8;
/** The beginning and the end are looked for in pieces of this length where the card stood still within them, and in so much of them. */
const PIECE = 400 * MS;
const PIECES = 4 * PIECE;
const END = 10 * MS;

export interface Coverage extends Interval {
  /** Samples of the source that were found. */
  readonly matched: number;
  readonly breaks: number;
}

/** From the source's beginning at `start`. */
export function coverage(recording: Float32Array, source: Float32Array, start: number): Coverage {
  let at = 0;
  let place = start;
  let [matched, breaks] = [0, 0];
  for (;;) {
    const length = matchLength(recording, source.subarray(at), place);
    matched += length;
    at += length;
    place += length;
    // Where nothing followed, what follows is looked for further on: the same place again would be found again, for ever.
    const next =
      at + END < source.length ? goesOn(recording, source, { at, place, from: length > 0 ? 0 : STEP }) : null;
    if (next === null) return { from: start, to: place, matched, breaks };
    ({ at, place } = next);
    breaks += 1;
  }
}

/** The same backwards, from the source's end at `end`. */
export function coverageFromEnd(recording: Float32Array, source: Float32Array, end: number): Coverage {
  const from = Math.max(0, end - source.length - SKIP);
  const mirrored = Float32Array.from(recording.subarray(from, end)).reverse();
  const found = coverage(mirrored, Float32Array.from(source).reverse(), 0);
  return { ...found, from: end - found.to, to: end };
}

/** Where the source begins: by its first two seconds, or where the card stood still within them by the first of short pieces; `null` where it does not. */
export function findBeginning(recording: Float32Array, source: Float32Array, around: Around): Found | null {
  const whole = findHead(recording, source, around);
  if (whole.score >= ALIKE) return whole;
  for (let at = 0; at < PIECES; at += PIECE) {
    const piece = source.subarray(at, at + PIECE);
    const found = findHead(recording, piece, { ...around, sample: around.sample + at });
    if (found.score >= SURE) return { sample: found.sample - at, score: found.score };
  }
  return null;
}

/** Where it ends, in the same way. */
export function findEnd(recording: Float32Array, source: Float32Array, around: Around): Found | null {
  const whole = findTail(recording, source, around);
  if (whole.score >= ALIKE) return whole;
  for (let left = 0; left < PIECES; left += PIECE) {
    const piece = source.subarray(-left - PIECE, source.length - left);
    const found = findTail(recording, piece, { ...around, sample: around.sample - left });
    if (found.score >= SURE) return { sample: found.sample + left, score: found.score };
  }
  return null;
}

function goesOn(
  recording: Float32Array,
  source: Float32Array,
  { at, place, from }: { readonly at: number; readonly place: number; readonly from: number },
) {
  for (let skip = from; skip <= SKIP && at + skip + SAMPLE <= source.length; skip += STEP) {
    const sample = source.subarray(at + skip, at + skip + SAMPLE);
    if (levelBetween(sample, 0, SAMPLE).rms < LOUD_DB) continue;
    const found = findHead(recording, sample, { sample: place + skip, within: SHIFT });
    if (found.score >= SURE) return { at: at + skip, place: found.sample };
  }
  return null;
}
