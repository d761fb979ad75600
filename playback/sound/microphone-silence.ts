/** Whether somebody still speaks into a microphone, from its level alone. Pure. A click is no speech, and a pause is no end. */
import type { Decibels, Millis, Monotonic } from "../model/units.ts";

export interface Hearing {
  /** Since when nobody has spoken. */
  readonly quietSince: Monotonic;
  /** Since when it is loud without a break. */
  readonly loudSince: Monotonic | null;
  /** Somebody spoke at all. */
  readonly spoken: boolean;
  /** Since when there is not even noise: no working microphone is that quiet. */
  readonly deadSince: Monotonic | null;
}

/** Assumed: an office is at −55 dBFS on a microphone that speech brings to −30; in between it stays what it was. */
const QUIET_BELOW: Decibels = -50;
const LOUD_ABOVE: Decibels = -45;
const LOUD_FOR: Millis = 200;
/** It was pulled out in the middle of a word, or never gave anything. */
const DEAD_WITHIN: Millis = 500;

export function listenFrom(now: Monotonic): Hearing {
  return { quietSince: now, loudSince: null, spoken: false, deadSince: null };
}

export function hear(before: Hearing, level: Decibels, now: Monotonic): Hearing {
  const deadSince = level === Number.NEGATIVE_INFINITY ? (before.deadSince ?? now) : null;
  if (level < QUIET_BELOW) return { ...before, loudSince: null, deadSince };
  const loudSince = level > LOUD_ABOVE ? (before.loudSince ?? now) : before.loudSince;
  const speaks = loudSince !== null && now - loudSince >= LOUD_FOR;
  return { quietSince: speaks ? now : before.quietSince, loudSince, spoken: before.spoken || speaks, deadSince };
}

/** `over`: who spoke has ended. `unheard`: nobody began. `gone`: the microphone gives nothing any more. `null` while it goes on. */
export function endOfSpeech(hearing: Hearing, now: Monotonic, afterMs: Millis): "over" | "unheard" | "gone" | null {
  if (now - hearing.quietSince < afterMs) return null;
  if (hearing.deadSince !== null && hearing.deadSince - hearing.quietSince <= DEAD_WITHIN) return "gone";
  return hearing.spoken ? "over" : "unheard";
}
