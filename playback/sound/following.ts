/**
 * How a sound is kept in step with the station's wall clock: pure, a function of how late it is.
 *
 * Small lateness is drawn in by playing a trace faster or slower. What is larger is corrected at once, but only where nothing is heard:
 * in a pause of the speech, or where a break was heard already. A sound on a card whose crystal is good is not touched at all.
 */
import type { Millis } from "../model/units.ts";

/** Facts about the next stretch of sound. */
export interface Step {
  /** How much later than wanted its first sample would be heard; negative when early. */
  readonly latenessMs: Millis;
  /** Rate error of the card by the best guess, positive when fast; 0 while there is none. */
  readonly driftPpm: number;
  /** Whether that guess is good enough to act before anything is late. */
  readonly driftKnown: boolean;
  /** Whether this programme was corrected before: then it is held close, else it is left alone while it is good enough. */
  readonly engaged: boolean;
  /** A break was just heard, and nothing was corrected since. */
  readonly afterBreak: boolean;
}

/** What is done to it: its speed, and what is left out (positive) or waited (negative) where it is silent, or at once. */
export interface Correction {
  readonly speed: number;
  readonly engaged: boolean;
  readonly hardMs: Millis;
  readonly where: "pause" | "at-once";
}

/** Left alone below this. Assumed: a tenth of what is heard as an echo between neighbours; a good crystal needs minutes to reach it. */
const GOOD_ENOUGH: Millis = 1;
/** A crystal worse than this is counteracted from the start. */
const WORTH_IT_PPM = 5;
/**
 * Greatest change of speed. Source: Wier, Jesteadt and Green 1977: trained listeners tell 0.2 % apart at 1 kHz in quiet; half of that, over a
 * horn, nobody hears.
 */
export const INAUDIBLE = 0.001;
/** Lateness is drawn in with this time constant, longer than the half seconds in which it is decided. */
const DRAW_IN: Millis = 1_500;
/** From here on drawing in would take longer than waiting for a pause: 5 ms take 5 s. */
const HARD_FROM: Millis = 5;
/** Beyond this it is no lateness but another time: what sounds is left to end in its own. Assumed. */
export const HOPELESS: Millis = 10_000;

export function correctionFor({ latenessMs, driftPpm, driftKnown, engaged, afterBreak }: Step): Correction {
  const off = Math.abs(latenessMs);
  const drifting = driftKnown && Math.abs(driftPpm) >= WORTH_IT_PPM;
  const held = engaged || off >= GOOD_ENOUGH || drifting;
  if (!held) return { speed: 1, engaged: false, hardMs: 0, where: "pause" };
  const ownPace = 1 / (1 + driftPpm / 1e6);
  const pull = off > HOPELESS ? 0 : latenessMs / DRAW_IN;
  const speed = Math.max(1 - INAUDIBLE, Math.min(1 + INAUDIBLE, ownPace * (1 + pull)));
  const hard = off > HARD_FROM && off <= HOPELESS;
  // To wait in the middle of a word would be a second break.
  const where = afterBreak && latenessMs > 0 ? "at-once" : "pause";
  return { speed, engaged: true, hardMs: hard ? latenessMs : 0, where };
}
