/** A sound made ready, and the sound that never came to be because the card went away in between. */
import { refusal } from "../model/refusal.ts";
import type { Decibels, Millis } from "../model/units.ts";
import type { Cue, Playing, PlayResult, StartTime } from "../ports/sound.ts";
import { SILENT } from "./level-meter.ts";
import type { PcmFeed } from "./pcm-feed.ts";
import { millisOf } from "./units.ts";

/** What becomes of a cue. */
export interface CueEvents {
  /** Puts it into the graph; `null` where no card is open. */
  start(when: StartTime, gain: Decibels): Playing | null;
  cancelled(): void;
}

export class PreparedCue implements Cue {
  readonly #feed: PcmFeed;
  readonly #approved: Millis;
  readonly #events: CueEvents;
  #used = false;

  constructor(feed: PcmFeed, approved: Millis, events: CueEvents) {
    this.#feed = feed;
    this.#approved = approved;
    this.#events = events;
  }

  get durationMs(): Millis {
    return this.#feed.length === null ? this.#approved : millisOf(this.#feed.length);
  }

  start(when: StartTime, gain: Decibels): Playing {
    if (this.#used) throw new Error("a cue starts once");
    this.#used = true;
    return this.#events.start(when, gain) ?? unheard(this.#feed);
  }

  cancel(): void {
    if (this.#used) return;
    this.#used = true;
    this.#events.cancelled();
    void this.#feed.close();
  }
}

/** A sound that fails before it began, with `no-output`. */
function unheard(feed: PcmFeed): Playing {
  const result: PlayResult = {
    startedAt: null,
    endedAt: null,
    positionMs: millisOf(feed.from),
    outcome: "failed",
    refusal: refusal("no-output", "no card was open when the sound was to start"),
    ...SILENT,
    audibleMs: 0,
    breaks: 0,
    delayedMs: 0,
    inStep: null,
  };
  const ended = feed.close().then(() => result);
  return {
    ended,
    positionMs: () => result.positionMs,
    isSounding: () => false,
    endsAt: () => null,
    stop: () => ended,
    setGain: () => {},
  };
}
