/** Turns "now", "at this instant" and "after that sound" into one sample of the audio clock, as late as that can be done safely. */
import type { Instant, Millis, Monotonic } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { StartTime } from "../ports/sound.ts";
import type { Timeline } from "./timeline.ts";
import type { Samples } from "./units.ts";

/**
 * A start at an instant is put on the audio clock this long before: late, so that the rate error of the card has no time to
 * show, yet early enough that a busy event loop is not heard.
 */
const DECIDE_BEFORE: Millis = 1_500;
/** A start that is late by less makes up for it in pauses; one that is later has a beginning of its own. */
const MADE_UP: Millis = 1_000;

/** Where a sound begins, and when that is wanted by the wall clock. */
export interface Beginning {
  readonly sample: Samples;
  readonly wanted: Instant;
  /** Whether it goes on with a programme that was corrected before. */
  readonly engaged: boolean;
}

/** What a sound that others wait for can say about its end. */
export interface Joinable {
  /** The sample after its last one and when that was wanted; `null` while unknown; `"over"` when it was stopped, failed, or plays elsewhere. */
  joint(): Beginning | "over" | null;
}

export class StartPlan {
  readonly #target: { readonly at: Monotonic; readonly wall: Instant } | Joinable | null;
  readonly #clock: Clock;

  /** Wall time is read once, here: a step of the wall clock after this moves no start. A start at an instant is `delay` later. */
  constructor(when: StartTime, previous: Joinable | null, clock: Clock, delay: Millis) {
    this.#clock = clock;
    if (typeof when === "string") this.#target = null;
    else if ("at" in when) {
      const wall = when.at + delay;
      this.#target = { at: clock.monotonic() + (wall - clock.now()), wall };
    } else this.#target = previous;
  }

  /** Whether it waits for the end of another sound, which may still move. */
  get isJoined(): boolean {
    return this.#target !== null && !("at" in this.#target);
  }

  /** Where to start, on a sample whole and still free, or `null` while it is too early to say. */
  resolve(timeline: Timeline): Beginning | null {
    const soonest = timeline.soonest();
    if (this.#target === null) return atOnce(timeline, soonest);
    if ("at" in this.#target) {
      const { at, wall } = this.#target;
      if (at - this.#clock.monotonic() > DECIDE_BEFORE) return null;
      const sample = Math.max(soonest, Math.round(timeline.sampleAt(at)));
      const made = this.#clock.monotonic() - at <= MADE_UP;
      return made ? { sample, wanted: wall, engaged: false } : atOnce(timeline, sample);
    }
    const joint = this.#target.joint();
    if (joint === null) return null;
    if (joint === "over") return atOnce(timeline, soonest);
    return joint.sample >= soonest ? joint : { ...joint, sample: soonest };
  }
}

function atOnce(timeline: Timeline, sample: Samples): Beginning {
  return { sample, wanted: timeline.wallTimeOf(sample), engaged: false };
}
