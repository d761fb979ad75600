/**
 * Finds known sounds in a recording, whatever their volume, and says how much of each is there. All at 48 kHz, positions in samples.
 * Looked for at 8 kHz, then placed to the sample.
 */
import { correlate, decimate, likenessAt } from "./cross-correlation.ts";
import { levelBetween } from "./levels.ts";

const RATE = 48_000;
/** As much of a source as identifies it. */
const TEMPLATE = RATE * 2;
const BLOCK = RATE / 40;
const FINE_BLOCK = RATE / 100;
const ALIKE = 0.8;
/** Nothing better is looked for. */
const CERTAIN = 0.995;
/** What would be recorded more quietly than this has nothing to compare: noise covers it. */
const QUIET_DB = -60;
/** What a recording may hold where its source is quiet. */
const STILL_QUIET_DB = -50;
/** Samples a block may have slipped against the one before: the engine plays up to 0.1 % faster or slower to stay in step. */
const SLIP = 3;
/** What that may have made of a template's length. */
const STRETCHES = [0, -0.0005, 0.0005, -0.001, 0.001];
/** To either side of where it was found at 8 kHz. */
const FINE = 60;

/** Where a sound stands in a recording. */
export interface Found {
  /** Sample of the recording at which the source's own first sample stands (for a tail: the sample after its last). */
  readonly sample: number;
  /** 1 is the same, above 0.8 is certain, below 0.4 is another sound. */
  readonly score: number;
}

/** Where to look: all of it, or `within` samples to either side of a position. */
export interface Around {
  readonly sample: number;
  readonly within: number;
}

/** The best place for the beginning of a source. */
export function findHead(recording: Float32Array, source: Float32Array, around?: Around): Found {
  const skip = firstSound(source);
  const template = source.subarray(skip, skip + TEMPLATE);
  const found = find(recording, template, around && { ...around, sample: around.sample + skip });
  return { sample: found.sample - skip, score: found.score };
}

/** The best place for the end of a source. */
export function findTail(recording: Float32Array, source: Float32Array, around?: Around): Found {
  const last = lastSound(source);
  const template = source.subarray(Math.max(0, last - TEMPLATE), last);
  const before = source.length - (last - template.length);
  const found = find(recording, template, around && { ...around, sample: around.sample - before });
  return { sample: found.sample + found.length + (source.length - last), score: found.score };
}

/** How many samples of the source stand in the recording without a break, when its first sample stands at `start`. */
export function matchLength(recording: Float32Array, source: Float32Array, start: number): number {
  let slip = 0;
  let matched = 0;
  // The whole was placed at its best, which is not its beginning's where the speed changed on the way. In a pause nothing says how far it has
  // slipped: what follows may have by all of it.
  let reach = FINE;
  const gainDb =
    levelBetween(recording, start, start + TEMPLATE).rms -
    levelBetween(source, 0, Math.min(TEMPLATE, source.length)).rms;
  for (let at = 0; at < source.length; at += BLOCK) {
    const block = source.subarray(at, at + BLOCK);
    const next = alike(recording, start + at + slip, block, gainDb, reach);
    reach = next === "quiet" ? reach + SLIP : SLIP;
    if (next === null) return matched + fineMatch(recording, source, { at, start: start + slip, gainDb });
    if (next !== "quiet") slip += next;
    matched = Math.min(source.length, at + BLOCK);
  }
  return matched;
}

/** The same from the end: samples of the source, counted backwards, when the sample after its last stands at `end`. */
export function matchTail(recording: Float32Array, source: Float32Array, end: number): number {
  const reversed = Float32Array.from(source).reverse();
  const from = Math.max(0, end - source.length - BLOCK);
  const mirrored = Float32Array.from(recording.subarray(from, end)).reverse();
  return matchLength(mirrored, reversed, 0);
}

/** `length`: of the template as it stands there. */
function find(
  recording: Float32Array,
  template: Float32Array,
  around: Around | undefined,
): Found & { readonly length: number } {
  const from = around ? Math.max(0, Math.round(around.sample - around.within)) : 0;
  const to = around ? Math.round(around.sample + around.within) + template.length : recording.length;
  const part = recording.subarray(from, Math.max(from, to));
  const coarse = correlate(decimate(part), decimate(template));
  let best = 0;
  for (let at = 1; at < coarse.length; at++) if ((coarse[at] ?? 0) > (coarse[best] ?? 0)) best = at;
  let found = { sample: from + best * 6, score: 0, length: template.length };
  if (coarse.length === 0) return { ...found, sample: from };
  // A tenth of a second is stretched by less than a block may slip.
  for (const stretch of template.length < RATE / 2 ? [0] : STRETCHES) {
    const played = stretch === 0 ? template : stretched(template, stretch);
    // What was not played faster or slower is placed by the nearest samples alone.
    const reach = stretch === 0 ? 12 : FINE;
    for (let at = best * 6 - reach; at <= best * 6 + reach; at++) {
      const score = likenessAt(part, at, played);
      if (score > found.score + (stretch === 0 ? 0 : 1e-3)) found = { sample: from + at, score, length: played.length };
    }
    if (found.score > CERTAIN) break;
  }
  return found;
}

/** The same sound, longer by this share. */
function stretched(template: Float32Array, share: number): Float32Array {
  const result = new Float32Array(Math.floor(template.length * (1 + share)) - 1);
  for (let at = 0; at < result.length; at++) {
    const place = at / (1 + share);
    const before = Math.floor(place);
    const [a, b] = [template[before] ?? 0, template[before + 1] ?? 0];
    result[at] = a + (b - a) * (place - before);
  }
  return result;
}

/** How far the block has slipped from where it was looked for, `quiet` where there is nothing to tell it by, or `null` where it is not. */
function alike(
  recording: Float32Array,
  at: number,
  block: Float32Array,
  gainDb: number,
  reach = SLIP,
): number | "quiet" | null {
  if (levelBetween(block, 0, block.length).rms + gainDb < QUIET_DB) {
    return levelBetween(recording, at, at + block.length).rms < STILL_QUIET_DB ? "quiet" : null;
  }
  let best = { slip: 0, score: likenessAt(recording, at, block) };
  for (let slip = -reach; slip <= reach; slip++) {
    const score = likenessAt(recording, at + slip, block);
    if (score > best.score + 1e-6) best = { slip, score };
  }
  return best.score >= ALIKE ? best.slip : null;
}

function fineMatch(
  recording: Float32Array,
  source: Float32Array,
  from: { readonly at: number; readonly start: number; readonly gainDb: number },
): number {
  let matched = 0;
  for (let at = from.at; at < Math.min(source.length, from.at + BLOCK); at += FINE_BLOCK) {
    const block = source.subarray(at, at + FINE_BLOCK);
    if (alike(recording, from.start + at, block, from.gainDb) === null) return matched;
    matched = Math.min(source.length, at + FINE_BLOCK) - from.at;
  }
  return matched;
}

function firstSound(source: Float32Array): number {
  const at = source.findIndex((value) => Math.abs(value) > 0.003);
  return Math.max(0, at);
}

function lastSound(source: Float32Array): number {
  const at = source.findLastIndex((value) => Math.abs(value) > 0.003);
  return at < 0 ? source.length : at + 1;
}
