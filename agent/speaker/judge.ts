/**
 * What a horn is worth, from what was heard of its test tones, against what was heard when it was installed. Pure.
 *
 * Assumed: 5 dB less than at first is what a listener notices and a technician can find (half of a pair of horns dead is 6 dB); 20 dB less is
 * no horn at all.
 */
import type { Decibels } from "../../playback/model/units.ts";
import { loudestOf } from "./goertzel.ts";

export const SPEAKER_VERDICTS = ["ok", "weak", "dead", "noisy", "not-calibrated", "no-ear", "deferred"] as const;
export type SpeakerVerdict = (typeof SPEAKER_VERDICTS)[number];

/** One test tone as it was heard. */
export interface HeardTone {
  readonly hertz: number;
  readonly toneDb: Decibels;
  /** The louder of what was heard of this frequency just before, and beside it while the tone should have sounded. */
  readonly backgroundDb: Decibels;
}

/** Levels when it was installed; the gain that they were played at makes them comparable. */
export interface SpeakerBaseline {
  readonly gainDb: Decibels;
  readonly tones: readonly Pick<HeardTone, "hertz" | "toneDb">[];
}

const WEAK: Decibels = 5;
const DEAD: Decibels = 20;
/** A tone this much above the background is heard; and this much is needed to trust it for years. */
const HEARD: Decibels = 6;
const CALIBRATED: Decibels = 15;
/** Below what any microphone tells; records know no infinity. */
const SILENCE: Decibels = -120;
/** Beside a tone: nearer than another test tone or any other harmonic, further than a window reaches. */
const BESIDE = 1.06;

/** Measures one tone in a recording: `before` the tones were played, and from then on. Takes some tenths of a second on a small board. */
export function heardTone(before: Float32Array, during: Float32Array, hertz: number): HeardTone {
  const level = (samples: Float32Array, at: number) => Math.max(SILENCE, loudestOf(samples, at));
  const beside = [hertz * BESIDE, hertz / BESIDE].map((other) => level(during, other));
  return { hertz, toneDb: level(during, hertz), backgroundDb: Math.max(level(before, hertz), ...beside) };
}

/** Whether these may stand for how the horn should sound, or why not. */
export function calibrates(tones: readonly HeardTone[]): "ok" | "dead" | "noisy" {
  const over = ({ toneDb, backgroundDb }: HeardTone) => toneDb - backgroundDb;
  if (tones.every((tone) => over(tone) >= CALIBRATED)) return "ok";
  return tones.every((tone) => over(tone) < HEARD) ? "dead" : "noisy";
}

export interface Judgement {
  readonly verdict: Extract<SpeakerVerdict, "ok" | "weak" | "dead" | "noisy" | "not-calibrated">;
  /** Decibels below the baseline by frequency; `null` where the place was too loud to say, or nothing is known to compare with. */
  readonly losses: readonly { readonly hertz: number; readonly lossDb: Decibels | null }[];
}

/** `gainDb`: what the tones were played at this time. */
export function judgeSpeaker(
  tones: readonly HeardTone[],
  baseline: SpeakerBaseline | null,
  gainDb: Decibels,
): Judgement {
  const losses = tones.map((tone) => {
    const then = baseline?.tones.find(({ hertz }) => hertz === tone.hertz);
    if (baseline === null || then === undefined) return { hertz: tone.hertz, lossDb: null };
    const expected = then.toneDb + gainDb - baseline.gainDb;
    // Only where a weak horn could still be told from the noise is anything said.
    if (tone.backgroundDb > expected - WEAK - HEARD) return { hertz: tone.hertz, lossDb: null };
    const heard = tone.toneDb - tone.backgroundDb >= HEARD;
    return { hertz: tone.hertz, lossDb: heard ? expected - tone.toneDb : Math.max(DEAD, expected - tone.toneDb) };
  });
  if (baseline === null) return { verdict: "not-calibrated", losses };
  const known = losses.flatMap(({ lossDb }) => lossDb ?? []);
  if (known.length * 2 <= tones.length) return { verdict: "noisy", losses };
  if (known.every((loss) => loss >= DEAD)) return { verdict: "dead", losses };
  return { verdict: known.some((loss) => loss >= WEAK) ? "weak" : "ok", losses };
}
