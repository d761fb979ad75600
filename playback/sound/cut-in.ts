/**
 * Lets an alert be heard before what the card has queued: its first tenth of a second or less goes onto the card by a second way, and the queue takes
 * over where it lets the same sound through. What it displaces is heard beneath it for as long. Where the card has no second way, all goes through the queue.
 */
import { HOUR, type Millis, type Monotonic } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { CutInPcm, CutInPlace, OpenCutIn } from "../ports/cut-in.ts";
import { fadeOver } from "./pauses.ts";
import type { PcmFeed } from "./pcm-feed.ts";
import type { Timeline } from "./timeline.ts";
import { type Samples, samplesOf } from "./units.ts";

/** A card that had no second way when it was opened hardly gets one, and ALSA tells the log of each attempt. */
const ASK_AGAIN: Millis = HOUR;
/** Periods by which the queue takes over later than it could: a card may take one or two while the second way is being started. */
const MARGIN = 2;
/** Sounds before it is known when the queue takes over. */
const FIRST: Samples = samplesOf(20);
/** Both ways are known to a millisecond or so: over this long the one goes over into the other. */
const OVERLAP: Samples = samplesOf(5);

/** What goes the second way at most; a card whose queue is longer is cut into through the queue. */
const LONGEST: Samples = samplesOf(400);
/** By so much the beginning may take longer than it should, the overlap in it. */
const SLACK: Samples = samplesOf(30);

/** What was heard by the second way, as if the queue had begun on `origin`: it goes on behind `ahead` samples, from silence over `OVERLAP`. */
export interface Handover {
  readonly origin: Samples;
  readonly ahead: Samples;
  readonly overlap: Samples;
}

export class CutIn {
  readonly #open: OpenCutIn | undefined;
  readonly #place: CutInPlace;
  readonly #clock: Clock;
  readonly #log: (event: string, fields: object) => void;
  #pcm: CutInPcm | null = null;
  /** `null`: it is there, or being asked for. */
  #askAt: Monotonic | null = Number.NEGATIVE_INFINITY;
  #running = false;
  #closed = false;

  constructor(
    open: OpenCutIn | undefined,
    place: CutInPlace,
    { clock, log }: { readonly clock: Clock; readonly log: (event: string, fields: object) => void },
  ) {
    this.#open = open;
    this.#place = place;
    this.#clock = clock;
    this.#log = log;
  }

  /** Call it every few hundredths of a second. Never takes a card that the output itself still waits for. */
  tick(card: "running" | "stalled" | "absent" | "none"): void {
    this.#running = card === "running";
    // The next card may have what this one had not.
    if (card === "absent" && this.#askAt !== null) this.#askAt = Number.NEGATIVE_INFINITY;
    if (card === "absent") this.#letGo();
    if (!this.#running || this.#askAt === null) return;
    if (this.#open === undefined || this.#clock.monotonic() < this.#askAt) return;
    this.#askAt = null;
    void this.#ask(this.#open);
  }

  /** Begins to sound at a linear gain, where that can be done at once. What was read of the feed stays in it. */
  lay(feed: PcmFeed, timeline: Timeline, gain: number): Handover | null {
    const pcm = this.#pcm;
    const head = feed.head;
    // Whoever asks a sound server that hangs, hangs with it.
    if (pcm === null || head === null || !this.#running) return null;
    const heard = head.subarray(0, LONGEST).map((value) => value * gain);
    const queued = timeline.soonest(MARGIN) - timeline.heardAfter(pcm.latencyMs);
    if (queued + SLACK > heard.length) return null;
    let handover: Handover | null = null;
    const begun = pcm.play(heard.subarray(0, FIRST), () => {
      const origin = Math.round(timeline.heardAfter(pcm.latencyMs));
      const ahead = Math.min(Math.max(timeline.soonest(MARGIN) - origin, FIRST), heard.length - OVERLAP);
      handover = { origin, ahead, overlap: OVERLAP };
      heard.set(fadeOver(heard.subarray(ahead, ahead + OVERLAP), new Float32Array(OVERLAP)), ahead);
      return heard.subarray(FIRST, ahead + OVERLAP);
    });
    return begun ? handover : null;
  }

  close(): void {
    this.#closed = true;
    this.#letGo();
  }

  #letGo(): void {
    const pcm = this.#pcm;
    if (pcm === null) return;
    this.#pcm = null;
    this.#askAt = Number.NEGATIVE_INFINITY;
    void pcm.close();
  }

  async #ask(open: OpenCutIn): Promise<void> {
    const found = await open(this.#place, (why) => this.#lost(why));
    if (typeof found === "string") return this.#lost(found);
    if (this.#closed) return void found.close();
    this.#pcm = found;
    this.#log("sound-cut-in", { latencyMs: Number(found.latencyMs.toFixed(1)) });
  }

  #lost(why: string): void {
    this.#log("sound-no-cut-in", { why });
    this.#letGo();
    this.#askAt = this.#clock.monotonic() + ASK_AGAIN;
  }
}
