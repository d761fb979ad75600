/**
 * From readings to what a hand did. Pure. A contact counts as closed or open when it has been so without a break for its time; one that is
 * closed when it is first seen has not been closed by anybody now: it is stuck, or was closed before this start. Only its opening counts.
 */
import type { Millis, Monotonic } from "../../playback/model/units.ts";

export interface ContactState {
  /** What counts; `null` before anything did. */
  readonly closed: boolean | null;
  /** The last reading, and since when every reading says the same. */
  readonly reads: boolean | null;
  readonly since: Monotonic;
  /** Closed since it was first seen. */
  readonly stuck: boolean;
}

export const UNSEEN: ContactState = { closed: null, reads: null, since: Number.NEGATIVE_INFINITY, stuck: false };

/** `found-open`: it is open when it is first seen, whatever it was before this start. */
export type ContactHappening = "closed" | "opened" | "found-open" | null;

/**
 * `reading`: `null` where it could not be read; then nothing is known, and nothing happens. `moved`: it was elsewhere between this reading and the
 * one before, though both say the same.
 */
export function contactAfter(
  state: ContactState,
  reading: boolean | null,
  now: Monotonic,
  steadyMs: Millis,
  moved = false,
): { readonly state: ContactState; readonly happened: ContactHappening } {
  if (reading === null) return { state: { ...state, reads: null }, happened: null };
  if (reading !== state.reads || moved) return { state: { ...state, reads: reading, since: now }, happened: null };
  if (reading === state.closed || now - state.since < steadyMs) return { state, happened: null };
  const first = state.closed === null;
  const next: ContactState = { ...state, closed: reading, stuck: first && reading };
  if (first) return { state: next, happened: reading ? null : "found-open" };
  return { state: next, happened: reading ? "closed" : "opened" };
}
