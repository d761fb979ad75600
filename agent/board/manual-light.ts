/** What somebody on the spot set a face's brightness to; it ends by itself, so that nobody leaves a board dark. */
import { HOUR, type Millis, type Monotonic, type Percent } from "../../playback/model/units.ts";

/** Assumed: long enough to work on a board, too short to forget. */
export const MANUAL_LIGHT: Millis = HOUR;

export class ManualLight {
  readonly #set = new Map<string, { readonly percent: Percent; readonly until: Monotonic }>();

  /** `null` gives the face back to its rules. */
  set(face: string, percent: Percent | null, now: Monotonic): void {
    if (percent === null) this.#set.delete(face);
    else this.#set.set(face, { percent, until: now + MANUAL_LIGHT });
  }

  of(face: string, now: Monotonic): Percent | null {
    const held = this.#set.get(face);
    if (held === undefined || held.until > now) return held?.percent ?? null;
    this.#set.delete(face);
    return null;
  }
}
