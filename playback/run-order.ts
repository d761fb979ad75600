/** The order of a slot's items over its rounds: which comes next, and how far in. Pure. */
import type { Candidate } from "./arbiter/candidate.ts";
import type { Item } from "./model/schedule.ts";
import type { SlotProgress } from "./ports/play-log.ts";

export interface Cursor {
  /** From 0. */
  readonly round: number;
  /** Index into `itemsOf(candidate, round)`. */
  readonly itemIndex: number;
}

/** The items of one round: the introduction stands before the first, the gap before every other. */
export function itemsOf(candidate: Candidate, round: number): readonly Item[] {
  if (round === 0) return [...candidate.intro, ...candidate.items];
  if (candidate.gapMs === 0) return candidate.items;
  return [{ kind: "silence", id: "gap", title: "—", durationMs: candidate.gapMs }, ...candidate.items];
}

export function itemAt(candidate: Candidate, cursor: Cursor): Item | null {
  return itemsOf(candidate, cursor.round)[cursor.itemIndex] ?? null;
}

/** The place after `cursor`, or `null` after the last item of the last round. */
export function following(candidate: Candidate, cursor: Cursor): Cursor | null {
  if (cursor.itemIndex + 1 < itemsOf(candidate, cursor.round).length) {
    return { round: cursor.round, itemIndex: cursor.itemIndex + 1 };
  }
  const endless = candidate.rounds === 0;
  return endless || cursor.round + 1 < candidate.rounds ? { round: cursor.round + 1, itemIndex: 0 } : null;
}

/** Where a slot is taken up: at its noted position, at the beginning of everything, or nowhere. */
export function resumePoint(candidate: Candidate, progress: SlotProgress | null): Cursor & { positionMs: number } {
  if (progress === null || candidate.interruption === "restart") return { round: 0, itemIndex: 0, positionMs: 0 };
  const { round, itemIndex, positionMs } = progress;
  // An alert is heard from the beginning of its item: half a warning warns nobody.
  if (candidate.header.kind === "emergency") return { round, itemIndex, positionMs: 0 };
  return { round, itemIndex, positionMs };
}
