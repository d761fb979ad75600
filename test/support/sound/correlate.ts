/**
 * Finds known sounds in a recording, whatever their volume, and says how much of each is there. All at 48 kHz, positions in samples.
 * Looked for at 8 kHz, then placed to the sample.
 */
import { correlate, decimate, likenessAt } from "./cross-correlation.ts";
import { levelBetween } from "./levels.ts";

const RATE = 48_000;
/** As much of a source as identifies it. */
const TEMPLATE = RATE * 2;
const BLOCK = RATE / 10;
const FINE_BLOCK = RATE / 100;
const ALIKE = 0.8;
/** What would be recorded more quietly than this has nothing to compare: noise covers it. */
const QUIET_DB = -60;
/** What a recording may hold where its source is quiet. */
const STILL_QUIET_DB = -50;
/** Samples a block may have slipped against the one before. */
const SLIP = 3;

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
  return { sample: found.sample + before, score: found.score };
}

/** How many samples of the source stand in the recording without a break, when its first sample stands at `start`. */
export function matchLength(recording: Float32Array, source: Float32Array, start: number): number {
  let slip = 0;
  let matched = 0;
  const gainDb =
    levelBetween(recording, start, start + TEMPLATE).rms -
    levelBetween(source, 0, Math.min(TEMPLATE, source.length)).rms;
  for (let at = 0; at < source.length; at += BLOCK) {
    const block = source.subarray(at, at + BLOCK);
    const next = alike(recording, start + at + slip, block, gainDb);
    if (next === null) return matched + fineMatch(recording, source, { at, start: start + slip, gainDb });
    slip += next;
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

function find(recording: Float32Array, template: Float32Array, around: Around | undefined): Found {
  const from = around ? Math.max(0, Math.round(around.sample - around.within)) : 0;
  const to = around ? Math.round(around.sample + around.within) + template.length : recording.length;
  const part = recording.subarray(from, Math.max(from, to));
  const coarse = correlate(decimate(part), decimate(template));
  let best = 0;
  for (let at = 1; at < coarse.length; at++) if ((coarse[at] ?? 0) > (coarse[best] ?? 0)) best = at;
  if (coarse.length === 0) return { sample: from, score: 0 };
  let found: Found = { sample: from + best * 6, score: 0 };
  for (let at = best * 6 - 12; at <= best * 6 + 12; at++) {
    const score = likenessAt(part, at, template);
    if (score > found.score) found = { sample: from + at, score };
  }
  return found;
}

/** How far the block has slipped from where it was looked for, or `null` where it is not. */
function alike(recording: Float32Array, at: number, block: Float32Array, gainDb: number): number | null {
  if (levelBetween(block, 0, block.length).rms + gainDb < QUIET_DB) {
    return levelBetween(recording, at, at + block.length).rms < STILL_QUIET_DB ? 0 : null;
  }
  let best = { slip: 0, score: likenessAt(recording, at, block) };
  for (let slip = -SLIP; slip <= SLIP; slip++) {
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
