/** The order of a slot's items over its rounds: which comes next, and how far in. Pure. */
import type { Candidate } from "./arbiter/candidate.ts";
import type { Item } from "./model/schedule.ts";
import type { Instant } from "./model/units.ts";
import type { SlotProgress } from "./ports/play-log.ts";

export interface Cursor {
  /** From 0. */
  readonly round: number;
  /** Index into `itemsOf(candidate, round)`. */
  readonly itemIndex: number;
}

/** The items of one round: the introduction stands before the first, the gap before every other. `body`: in place of the candidate's own. */
export function itemsOf(candidate: Candidate, round: number, body: readonly Item[] = candidate.items): readonly Item[] {
  if (round === 0) return [...candidate.intro, ...body];
  const pause = pauseAt(candidate, { round, itemIndex: 0 });
  return pause === null ? body : [pause, ...body];
}

/** The silence between two rounds, where it stands at this place. */
export function pauseAt({ gapMs }: Candidate, { round, itemIndex }: Cursor): Item | null {
  if (round === 0 || itemIndex > 0 || gapMs === 0) return null;
  return { kind: "silence", id: "gap", title: "—", durationMs: gapMs };
}

/** The place after `cursor` in a round of `length` items, or `null` after the last item of the last round. */
export function following(
  candidate: Candidate,
  cursor: Cursor,
  length = itemsOf(candidate, cursor.round).length,
): Cursor | null {
  if (cursor.itemIndex + 1 < length) {
    return { round: cursor.round, itemIndex: cursor.itemIndex + 1 };
  }
  const endless = candidate.rounds === 0;
  return endless || cursor.round + 1 < candidate.rounds ? { round: cursor.round + 1, itemIndex: 0 } : null;
}

/** Where a slot is taken up: at its noted position, or at the beginning of everything. */
export function resumePoint(candidate: Candidate, progress: SlotProgress | null): Cursor & { positionMs: number } {
  if (progress === null || candidate.interruption === "restart") return { round: 0, itemIndex: 0, positionMs: 0 };
  const { round, itemIndex, positionMs } = progress;
  if (candidate.header.kind === "emergency") {
    // An alert is heard from the beginning of its item: half a warning warns nobody. Another one has sounded in place of its pause.
    const head = pauseAt(candidate, { round, itemIndex: 0 }) === null ? 0 : 1;
    // An exercise says first that it is one, each time that it is heard.
    return { round, itemIndex: candidate.header.exercise ? head : Math.max(head, itemIndex), positionMs: 0 };
  }
  return { round, itemIndex, positionMs };
}

/** Its window is over, and with it what may sound of it: nothing is left that it could be taken up for. */
export function hadItsWindow({ end, overrun }: Candidate, now: Instant): boolean {
  return end !== null && now >= end && overrun !== "finish";
}

/** Somebody speaks, or something is received, at this very moment: it has no end of its own that was known before. */
export function isLive(item: Item | null): boolean {
  return item?.kind === "live" || item?.kind === "microphone";
}
