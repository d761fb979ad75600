/**
 * Dead air: something holds the output and nobody hears it, because the level at the last node stays low or the card's clock stands. Pure.
 *
 * Source: broadcast practice is a level and a time; the level is that of the play record (audible above −50 dBFS), lowered by how much the
 * item is turned down, so that a quiet hour is no fault. Assumed: the time, inside the 10 s that a listener is asked to wait.
 */
import type { Decibels, Instant, Millis, Monotonic } from "../../playback/model/units.ts";

/** What stays below, at full volume, is not heard. */
const QUIET: Decibels = -50;
/** With a look four times a second and a concern a second it is told within 10 s. */
export const DEAD_AFTER: Millis = 8_000;

/** One look at an output. */
export interface AirLook {
  readonly at: Monotonic;
  readonly now: Instant;
  /** Which slot and item should be heard; `null` where silence is meant. */
  readonly expected: { readonly key: string; readonly item: string } | null;
  /** Of everything that turns it down: volume and the output's own gain; silence is meant at `-Infinity`. */
  readonly gain: Decibels;
  readonly level: Decibels;
  /** The audio clock advances. */
  readonly running: boolean;
}

/** How long nothing was heard, and of what. */
export interface Quiet {
  readonly since: Monotonic;
  readonly from: Instant;
  readonly key: string;
  readonly item: string;
  readonly why: "quiet" | "clock-stands";
}

/** What goes on, and what is over: a stretch that became dead air ends with the first sound, or when nothing is due any more. */
export function advanceAir(
  quiet: Quiet | null,
  { at, now, expected, gain, level, running }: AirLook,
): { readonly quiet: Quiet | null; readonly over: (Quiet & { readonly lastedMs: Millis }) | null } {
  const heard = running && level > QUIET + Math.min(0, gain);
  if (expected !== null && gain > Number.NEGATIVE_INFINITY && !heard) {
    const why = running ? "quiet" : "clock-stands";
    return { quiet: quiet ?? { since: at, from: now, ...expected, why }, over: null };
  }
  const dead = quiet !== null && at - quiet.since >= DEAD_AFTER;
  return { quiet: null, over: dead ? { ...quiet, lastedMs: at - quiet.since } : null };
}

/** In words for the concern; `null` where it is no dead air yet. */
export function deadAir(quiet: Quiet | null, at: Monotonic): string | null {
  if (quiet === null || at - quiet.since < DEAD_AFTER) return null;
  const why = quiet.why === "quiet" ? "nothing is heard" : "the sound card stands still";
  return `'${quiet.item}' of ${quiet.key}: ${why} for ${Math.round((at - quiet.since) / 1_000)} s`;
}
