/** What is written down of one unbroken stretch of one item: played, refused, or cut off by a kill. Pure. */
import type { Refusal } from "./model/refusal.ts";
import type { Item } from "./model/schedule.ts";
import type { Millis } from "./model/units.ts";
import type { Segment, SlotProgress } from "./ports/play-log.ts";
import type { PlayResult } from "./ports/sound.ts";

/** Which item, in which round, from where in it. */
export interface Stretch {
  readonly item: Item;
  readonly round: number;
  readonly fromMs: Millis;
}

/** What a stretch of an item is known by. */
export function identityOf(item: Item, fromMs: Millis): Pick<Segment, "itemId" | "title" | "sha256" | "fromMs"> {
  return { itemId: item.id, title: item.title, sha256: item.kind === "media" ? item.sha256 : null, fromMs };
}

const identity = ({ item, round, fromMs }: Stretch) => ({ ...identityOf(item, fromMs), round });

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
