/**
 * The signals that come with the program, made sample by sample: they need no file, no decoder and no approval, and are the same on every
 * board. Peak −6 dBFS, of test tones −20; ends are ramped so that nothing clicks.
 */
import type { Tone } from "../model/schedule.ts";
import type { Millis } from "../model/units.ts";
import { RATE, samplesOf } from "./units.ts";

const PEAK = 0.5;
const TEST_PEAK = 0.1;
const RAMP = RATE / 100;

/** In hertz: over the band of a horn, none a multiple of the mains. */
export const TEST_TONES = [430, 870, 1_730, 3_170, 5_230] as const;
const TEST_LEAD = 0.5;
const TEST_ON = 0.6;
const TEST_EVERY = 1;
/** All test tones, one after the other, behind half a second of silence. */
export const TEST_TONES_MS: Millis = (TEST_LEAD + TEST_TONES.length * TEST_EVERY) * 1_000;

/** Frequency in hertz at a time in seconds; 0 is silence. */
const PATTERNS: Record<Tone, (at: number) => number> = {
  // A slow wail between two tones that a horn carries far. Assumed: nothing in the rules names one.
  siren: (at) => 500 + 350 * (1 - Math.cos((2 * Math.PI * at) / 2.5)),
  // Three even pips a second: nobody takes them for a siren.
  exercise: (at) => (at % (1 / 3) < 0.15 ? 880 : 0),
  // Two falling notes.
  chime: (at) => (at < 0.45 ? 784 : 622),
  "speaker-test": (at) => {
    const turn = (at - TEST_LEAD) / TEST_EVERY;
    return turn >= 0 && (turn % 1) * TEST_EVERY < TEST_ON ? (TEST_TONES[Math.floor(turn)] ?? 0) : 0;
  },
};

/** A tone of this length, mono at 48 kHz. */
export function toneSamples(tone: Tone, duration: Millis): Float32Array<ArrayBuffer> {
  const pattern = PATTERNS[tone];
  const peak = tone === "speaker-test" ? TEST_PEAK : PEAK;
  const samples = new Float32Array(Math.round(samplesOf(duration)));
  let phase = 0;
  let level = 0;
  for (let at = 0; at < samples.length; at++) {
    const hertz = pattern(at / RATE);
    const ending = samples.length - at < RAMP;
    level += ((hertz === 0 || ending ? 0 : 1) - level) / (RAMP / 4);
    phase += (2 * Math.PI * (hertz === 0 ? 880 : hertz)) / RATE;
    samples[at] = peak * level * Math.sin(phase);
  }
  return samples;
}
