/**
 * How loud a sound is, how loud it is wanted, and what is done about it. Pure.
 *
 * Source: EBU R 128 and ITU-R BS.1770 (integrated loudness of the one channel that a horn gets; true peak).
 */
import type { Precedence } from "./bulletin.ts";
import type { Decibels } from "./units.ts";

/** What was measured of a file, in LUFS and dBTP, through the band that its output lets pass. */
export interface MeasuredLoudness {
  /** `null` where it is too short or too quiet to be measured: silence has no loudness. */
  readonly lufs: Decibels | null;
  readonly truePeak: Decibels | null;
}

/** How loud a sound is wanted; `mostBoostDb` bounds what is added to a quiet one, and with it what is added to its hiss. */
export interface LoudnessTarget {
  readonly lufs: Decibels;
  readonly mostBoostDb: Decibels;
}

/** The loudness that a policy wants. */
export interface LoudnessPolicy {
  readonly programmeLufs: Decibels;
  readonly emergencyLufs: Decibels;
  readonly mostBoostDb: Decibels;
}

/**
 * Assumed, from measuring: at −20 LUFS the peaks of speech just reach −1 dBTP (the limiter takes 0–2 dB off them), so programmes keep their
 * sound; at −16 it takes 4–6 dB off, which costs one unit of loudness and no word, and an alert stands clearly above a programme.
 */
export const DEFAULT_LOUDNESS: LoudnessPolicy = { programmeLufs: -20, emergencyLufs: -16, mostBoostDb: 20 };

/** The most that may come out, in dBTP. Source: EBU R 128, maximum permitted true-peak level −1 dBTP. */
export const MOST_TRUE_PEAK: Decibels = -1;
/** Where the limiter is set: half a decibel lower, because resampling back lets peaks grow again (measured: by 0.4 dB on clipped noise). */
export const LIMITER_CEILING: Decibels = MOST_TRUE_PEAK - 0.5;

/** What was done to a sound, for the play record. */
export interface Levelling {
  readonly targetLufs: Decibels;
  /** `null` where it had not been measured yet, or cannot be: then `gainDb` is 0. */
  readonly measuredLufs: Decibels | null;
  readonly truePeakDb: Decibels | null;
  readonly gainDb: Decibels;
  /** By how much the limiter is expected to hold down the highest peak; 0 where it has nothing to do, `null` where that is not known. */
  readonly limitedDb: Decibels | null;
}

export function targetOf(precedence: Precedence, policy: LoudnessPolicy): LoudnessTarget {
  const { programmeLufs, emergencyLufs, mostBoostDb } = policy;
  return { lufs: precedence === "emergency" ? emergencyLufs : programmeLufs, mostBoostDb };
}

/** The gain that brings a sound to its target: any attenuation, a bounded boost, and none at all on what nobody measured. */
export function levellingOf(measured: MeasuredLoudness | null, target: LoudnessTarget): Levelling {
  const { lufs = null, truePeak = null } = measured ?? {};
  const gainDb = lufs === null ? 0 : rounded(Math.min(target.lufs - lufs, target.mostBoostDb));
  const over = truePeak === null ? null : rounded(truePeak + gainDb - LIMITER_CEILING);
  return {
    targetLufs: target.lufs,
    measuredLufs: lufs,
    truePeakDb: truePeak,
    gainDb,
    limitedDb: over === null ? null : Math.max(0, over),
  };
}

/** Measurements have one decimal; sums of them keep it. */
const rounded = (decibels: Decibels) => Math.round(decibels * 10) / 10;
