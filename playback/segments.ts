/** What is written down of one unbroken stretch of one item: played, refused, or cut off by a kill. Pure. */
import type { Refusal } from "./model/refusal.ts";
import type { Item } from "./model/schedule.ts";
import type { Millis, Sha256 } from "./model/units.ts";
import type { ClockQuality } from "./ports/clock.ts";
import type { Segment, SlotProgress } from "./ports/play-log.ts";
import type { InStep, PlayResult } from "./ports/sound.ts";

/** Which item, in which round, from where in it. */
export interface Stretch {
  readonly item: Item;
  readonly round: number;
  readonly fromMs: Millis;
  /** Of the very bytes that sounded: a text has those of its speech. */
  readonly sha256: Sha256 | null;
}

/** What a stretch of an item is known by; `sha256` of the very bytes that sounded. */
export function identityOf(
  item: Item,
  fromMs: Millis,
  sha256: Sha256 | null,
): Pick<Segment, "itemId" | "title" | "sha256" | "fromMs"> {
  return { itemId: item.id, title: item.title, sha256, fromMs };
}

const identity = ({ item, round, fromMs, sha256 }: Stretch) => ({ ...identityOf(item, fromMs, sha256), round });

/** `clock`: how well the wall clock was kept when it began; `null` where nobody says. */
export function playedSegment(
  stretch: Stretch,
  result: PlayResult,
  { amplifier, clock }: { readonly amplifier: Segment["amplifier"]; readonly clock: ClockQuality | null },
): Segment {
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
    ...(result.breaks === 0 ? {} : { breaks: result.breaks }),
    ...(result.levelling === undefined ? {} : { levelling: result.levelling }),
    ...(result.delayedMs === 0 ? {} : { delayedMs: result.delayedMs }),
    ...(result.inStep === null ? {} : { inStep: rounded(result.inStep) }),
    ...(clock === null || result.startedAt === null ? {} : { clock }),
  };
}

/** To a microsecond: what is finer is noise, and journal records are kept for years. */
function rounded(inStep: InStep): InStep {
  const round = (ms: Millis) => Math.round(ms * 1_000) / 1_000;
  const { worstMs, p95Ms, pulledMs } = inStep;
  return { ...inStep, worstMs: round(worstMs), p95Ms: round(p95Ms), pulledMs: round(pulledMs) };
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
