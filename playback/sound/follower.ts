/**
 * Knows when each sample of one sound should be heard by the station's wall clock, and how well that is kept. A sound that began at wall
 * time W is wanted at position p at W + p, wherever the wall clock goes.
 */
import type { Instant, Millis } from "../model/units.ts";
import type { InStep } from "../ports/sound.ts";
import { type Correction, correctionFor } from "./following.ts";
import { OffsetHistogram } from "./offset-histogram.ts";
import type { Timeline } from "./timeline.ts";
import { millisOf, type Samples } from "./units.ts";

/** What was corrected at once. */
export interface HardCorrection {
  readonly where: "pause" | "break";
  /** Left out; negative where it waited. */
  readonly ms: Millis;
}

const UNTOUCHED: Correction = { speed: 1, engaged: false, hardMs: 0, where: "pause" };

export class Follower {
  readonly #timeline: Timeline;
  readonly #on: boolean;
  readonly #onHard: (correction: HardCorrection) => void;
  readonly #histogram = new OffsetHistogram();
  #anchor: Instant | null = null;
  #engaged = false;
  #afterBreak = false;
  #offset: Millis | null = null;
  #pulled: Millis = 0;
  #inPauses = 0;
  #afterBreaks = 0;

  /** `on` false: a live source has a pace of its own, it is left alone. */
  constructor(timeline: Timeline, on: boolean, onHard: (correction: HardCorrection) => void) {
    this.#timeline = timeline;
    this.#on = on;
    this.#onHard = onHard;
  }

  /** Its first sample is wanted at this wall time; `engaged` where it goes on with what was followed before. */
  begin(anchor: Instant, engaged: boolean): void {
    this.#anchor = anchor;
    this.#engaged ||= engaged;
  }

  get engaged(): boolean {
    return this.#engaged;
  }

  /** When a position of the source is wanted; `null` before it was begun. */
  wantedAt(position: Samples): Instant | null {
    return this.#anchor === null || !this.#on ? null : this.#anchor + millisOf(position);
  }

  /** A break was heard: what was lost in it may be left out at once. */
  broken(): void {
    this.#afterBreak = true;
  }

  /** What to do with the stretch that is about to stand on `place`. */
  correct(place: Samples, position: Samples): Correction {
    const latenessMs = this.#latenessOf(place, position);
    if (latenessMs === null) return { ...UNTOUCHED, engaged: this.#engaged };
    const { estimate } = this.#timeline;
    const correction = correctionFor({
      latenessMs,
      driftPpm: -estimate.slope * 1e6,
      driftKnown: estimate.driftPpm() !== null,
      engaged: this.#engaged,
      afterBreak: this.#afterBreak,
    });
    this.#engaged = correction.engaged;
    this.#afterBreak = false;
    return correction;
  }

  /** So much was played at a speed. */
  pulled(samples: Samples, speed: number): void {
    this.#pulled += millisOf(samples) * (speed - 1);
  }

  corrected(correction: HardCorrection): void {
    if (correction.where === "pause") this.#inPauses += 1;
    else this.#afterBreaks += 1;
    this.#onHard(correction);
  }

  /** Notes how late the sample is that is heard now; call it about every tenth of a second while it sounds. */
  note(heard: Samples, position: Samples): void {
    this.#offset = this.#latenessOf(heard, position);
    if (this.#offset !== null) this.#histogram.add(this.#offset, heard);
  }

  /** How late it was heard at the last note; `null` where that is not known. */
  offsetMs(): Millis | null {
    return this.#offset;
  }

  report(): InStep | null {
    const spread = this.#histogram.spread();
    if (spread === null) return null;
    return { ...spread, pulledMs: this.#pulled, inPauses: this.#inPauses, afterBreaks: this.#afterBreaks };
  }

  #latenessOf(place: Samples, position: Samples): Millis | null {
    const wanted = this.wantedAt(position);
    return wanted === null || !this.#timeline.estimate.isSure() ? null : this.#timeline.wallTimeOf(place) - wanted;
  }
}
