/**
 * What happens to every sound between decoder and graph, as one chain of ffmpeg filters: horn band, gain, and a true-peak limiter last. Pure.
 * A microphone passes the same band, but in the graph itself: there is no time for a decoder.
 *
 * Invariants: the chain neither delays nor swallows a sample (the limiter gives back its look-ahead, the resamplers theirs), so joints stay
 * exact. The limiter is left out only where it was measured that it has nothing to do: its resamplers touch the outermost samples of an item
 * (by 2 % of a waveform that is cut in its middle). Loudness is measured through the same band.
 *
 * Source: filters of ffmpeg 5.1 (`ffmpeg -h filter=…`); 7 knows the same options.
 */
import { QUIET_BELOW } from "../model/live.ts";
import { LIMITER_CEILING } from "../model/loudness.ts";
import { amplitudeOf, type Decibels } from "../model/units.ts";
import { RATE } from "./units.ts";

/** What a horn is given of the spectrum. */
export interface Band {
  readonly lowHz: number;
  readonly highHz: number;
}

/** Assumed: what a reflex horn with a compression driver takes; below it the driver is only moved, not heard. */
export const HORN_BAND: Band = { lowHz: 200, highHz: 7_000 };

/** A true peak lies between samples: the limiter sees four times as many. Source: ITU-R BS.1770-4, annex 2. */
const OVERSAMPLED = 4 * RATE;
/** One channel in double precision, at the engine's rate. */
const PLAIN = `aresample=${RATE}:ochl=mono:osf=dblp`;

/** A section of the second order. */
export interface Section {
  readonly kind: "highpass" | "lowpass";
  readonly hz: number;
  /** Quality; 0.707 is flat. */
  readonly q: number;
}

/** 24 dB per octave below (Butterworth, two sections), because a driver breaks by excursion; 12 above, which only spares it. */
export function bandSections(band: Band | null): readonly Section[] {
  if (band === null) return [];
  const { lowHz, highHz } = band;
  return [
    { kind: "highpass", hz: lowHz, q: 0.541 },
    { kind: "highpass", hz: lowHz, q: 1.307 },
    { kind: "lowpass", hz: highHz, q: Math.SQRT1_2 },
  ];
}

function bandFilters(band: Band | null): readonly string[] {
  return bandSections(band).map(({ kind, hz, q }) => `${kind}=f=${hz}:w=${q}`);
}

const LIMITER = [
  `aresample=${OVERSAMPLED}`,
  `alimiter=limit=${amplitudeOf(LIMITER_CEILING).toFixed(4)}:attack=5:release=80:level=false:latency=true`,
  `aresample=${RATE}`,
];

/** What is done to a sound that is known whole. */
export interface Treatment {
  /** `null`: everything passes. */
  readonly band: Band | null;
  readonly gain: Decibels;
  readonly limited: boolean;
}

/** For files, pinned sounds, spoken texts. */
export function fileFilters({ band, gain, limited }: Treatment): string {
  const volume = gain === 0 ? [] : [`volume=${gain.toFixed(1)}dB:precision=double`];
  return [PLAIN, ...bandFilters(band), ...volume, ...(limited ? LIMITER : [])].join(",");
}

/**
 * For what is heard as it arrives: nothing can be measured beforehand, so a compressor evens it out, with 5 ms of look-ahead in all. It adds
 * nothing to what is quiet, or a source that fell silent would not be noticed.
 */
export function liveFilters(band: Band | null): string {
  return [PLAIN, ...bandFilters(band), COMPRESSOR, ...LIMITER].join(",");
}

/**
 * For a line into the station: as above, and below what counts as silence nothing is let out at all, because an open line hums and a receiver
 * without its station hisses. It opens within milliseconds; after a loud programme it closes within 4 s.
 */
export function lineFilters(band: Band | null): string {
  return [PLAIN, ...bandFilters(band), SQUELCH, COMPRESSOR, ...LIMITER].join(",");
}

const COMPRESSOR = "acompressor=threshold=-20dB:ratio=3:attack=10:release=200:knee=4";
const SQUELCH = `agate=threshold=${amplitudeOf(QUIET_BELOW)}:range=0:ratio=9000:attack=10:release=2000:knee=1:detection=rms`;

/** For measuring what `fileFilters` will be given to level; the summary stands on standard error. */
export function measuringFilters(band: Band | null): string {
  return [PLAIN, ...bandFilters(band), "ebur128=peak=true:framelog=verbose"].join(",");
}

/** Names the way of measuring, to keep results under: another band, another result. */
export function measuringRecipe(band: Band | null): string {
  return band === null ? "r128-1" : `r128-1 ${band.lowHz}-${band.highHz}`;
}
