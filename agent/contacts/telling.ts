/**
 * When a watched contact is written down. Pure. The first movement is at once, later ones together: a door that beats in the wind fills no journal,
 * and where it came to rest is always the last that stands there.
 */
import { MINUTE, type Millis, type Monotonic } from "../../playback/model/units.ts";

/** Movements within this after a record are told together. */
export const TOLD_EVERY: Millis = MINUTE;

export interface Telling {
  readonly toldAt: Monotonic;
  /** Movements that no record tells of yet. */
  readonly moves: number;
}

export const UNTOLD: Telling = { toldAt: Number.NEGATIVE_INFINITY, moves: 0 };

/** How many movements are to be written down now; 0: none. */
export function dueAfter(
  { toldAt, moves }: Telling,
  moved: boolean,
  now: Monotonic,
): { readonly telling: Telling; readonly due: number } {
  const untold = moves + (moved ? 1 : 0);
  if (untold === 0 || now - toldAt < TOLD_EVERY) return { telling: { toldAt, moves: untold }, due: 0 };
  return { telling: { toldAt: now, moves: 0 }, due: untold };
}
