/** Turns "now", "at this instant" and "after that sound" into one sample of the audio clock, as late as that can be done safely. */
import type { Millis, Monotonic } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { StartTime } from "../ports/sound.ts";
import type { Timeline } from "./timeline.ts";
import type { Samples } from "./units.ts";

/**
 * A start at an instant is put on the audio clock this long before: late, so that the rate error of the card has no time to
 * show, yet early enough that a busy event loop is not heard.
 */
const DECIDE_BEFORE: Millis = 1_500;

/** What a sound that others wait for can say about its end. */
export interface Joinable {
  /** The sample after its last one; `null` while unknown; `"over"` when it was stopped, failed, or plays elsewhere. */
  joint(): Samples | "over" | null;
}

export class StartPlan {
  readonly #target: Monotonic | Joinable | null;
  readonly #clock: Clock;

  /** Wall time is read once, here: a step of the wall clock after this moves no start. */
  constructor(when: StartTime, previous: Joinable | null, clock: Clock) {
    this.#clock = clock;
    if (when === "now") this.#target = null;
    else if ("at" in when) this.#target = clock.monotonic() + (when.at - clock.now());
    else this.#target = previous;
  }

  /** The sample to start on, whole and still free, or `null` while it is too early to say. */
  resolve(timeline: Timeline): Samples | null {
    const soonest = timeline.soonest();
    if (this.#target === null) return soonest;
    if (typeof this.#target === "number") {
      if (this.#target - this.#clock.monotonic() > DECIDE_BEFORE) return null;
      return Math.max(soonest, Math.round(timeline.sampleAt(this.#target)));
    }
    const joint = this.#target.joint();
    return joint === null ? null : joint === "over" ? soonest : Math.max(soonest, joint);
  }
}
