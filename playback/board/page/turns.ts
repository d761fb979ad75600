/** Whose turn it is: by the time since the layout began, so that every face, every page and every restart gives the same answer. */

export interface Turn {
  readonly index: number;
  /** Station time. */
  readonly began: number;
  readonly ends: number;
}

/** A turn is never shorter; a list of nothing but nothings would spin. */
const SHORTEST_MS = 200;

/** `null` where there is nothing. A station clock that was put back before `since` counts backwards through the same order. */
export function turnAt(lengths: readonly number[], since: number, now: number): Turn | null {
  const whole = lengths.reduce((sum, ms) => sum + Math.max(SHORTEST_MS, ms), 0);
  if (whole === 0) return null;
  const round = Math.floor((now - since) / whole);
  let began = since + round * whole;
  for (const [index, ms] of lengths.entries()) {
    const ends = began + Math.max(SHORTEST_MS, ms);
    if (now < ends) return { index, began, ends };
    began = ends;
  }
  return { index: lengths.length - 1, began: began - Math.max(SHORTEST_MS, lengths.at(-1) ?? 0), ends: began };
}
