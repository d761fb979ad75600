/** What is written down of one unbroken stretch of one item: played, refused, or cut off by a kill. Pure. */
import type { Refusal } from "./model/refusal.ts";
import type { Item } from "./model/schedule.ts";
import type { Millis, Sha256 } from "./model/units.ts";
import type { Segment, SlotProgress } from "./ports/play-log.ts";
import type { PlayResult } from "./ports/sound.ts";

/** Which item, in which round, from where in it. */
export interface Stretch {
  readonly item: Item;
  readonly round: number;
  readonly fromMs: Millis;
  /** Of the very bytes that sounded: a text has those of its speech. */
  readonly sha256: Sha256 | null;
}

const identity = ({ item, round, fromMs, sha256 }: Stretch) => ({
  itemId: item.id,
  title: item.title,
  round,
  sha256,
  fromMs,
});

export function playedSegment(stretch: Stretch, result: PlayResult, amplifier: Segment["amplifier"]): Segment {
  return {
    ...identity(stretch),
    toMs: result.positionMs,
    startedAt: result.startedAt,
    endedAt: result.endedAt,
    outcome: result.outcome,
    refusal: result.refusal,
    rms: Number.isFinite(result.rms) ? result.rms : null,
    peak: Number.isFinite(result.peak) ? result.peak : null,
    audibleMs: result.audibleMs,
    amplifier,
  };
}

export function refusedSegment(stretch: Stretch, why: Refusal, amplifier: Segment["amplifier"]): Segment {
  return {
    ...identity(stretch),
    toMs: stretch.fromMs,
    startedAt: null,
    endedAt: null,
    outcome: "refused",
    refusal: why,
    rms: null,
    peak: null,
    audibleMs: 0,
    amplifier,
  };
}

/** The stretch that a kill or a power cut ended, as far as it was noted; `null` where nothing was. Its level died with the agent. */
export function killedSegment({ sounding, round, positionMs, at }: SlotProgress): Segment | null {
  if (sounding === undefined || positionMs <= sounding.fromMs) return null;
  return {
    ...sounding,
    round,
    toMs: positionMs,
    startedAt: at - (positionMs - sounding.fromMs),
    endedAt: at,
    outcome: "killed",
    rms: null,
    peak: null,
    audibleMs: 0,
  };
}
