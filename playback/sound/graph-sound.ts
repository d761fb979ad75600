/**
 * One sound in the graph, from `start` to its last sample. It is moved along by `tick`, and everything it knows about time is
 * a count of samples: what is queued next stands exactly behind what was queued before.
 */
import { type Refusal, refusal } from "../model/refusal.ts";
import { amplitudeOf, type Decibels, type Instant, type Millis } from "../model/units.ts";
import type { Playing, PlayResult } from "../ports/sound.ts";
import { GainRamp } from "./gain-ramp.ts";
import { LEVEL_WINDOW, LevelMeter } from "./level-meter.ts";
import type { PcmFeed } from "./pcm-feed.ts";
import type { Joinable, StartPlan } from "./start-plan.ts";
import type { Timeline } from "./timeline.ts";
import { millisOf, type Samples, samplesOf } from "./units.ts";
import type { Voice } from "./web-audio.ts";

/** Decoded and queued ahead of what is heard. */
const AHEAD: Samples = samplesOf(10_000);
/** Times a block is put later because the card was quicker. */
const PLACINGS = 3;

export class GraphSound implements Playing, Joinable {
  readonly timeline: Timeline;
  readonly ended: Promise<PlayResult>;
  readonly #feed: PcmFeed;
  readonly #plan: StartPlan;
  readonly #voice: Voice;
  readonly #gain: GainRamp;
  readonly #meter = new LevelMeter();
  readonly #window = new Float32Array(LEVEL_WINDOW);
  readonly #result = Promise.withResolvers<PlayResult>();
  /** Audio sample at which the first sample of the source would stand; moves when the decoder came too late. */
  #origin: Samples | null = null;
  #queued: Samples = 0;
  #end: Samples | null = null;
  #startedAt: Instant | null = null;
  #metered: Samples = 0;
  #state: "playing" | "stopping" | "over" = "playing";
  #late = 0;

  constructor(feed: PcmFeed, plan: StartPlan, gain: Decibels, timeline: Timeline) {
    this.timeline = timeline;
    this.ended = this.#result.promise;
    this.#feed = feed;
    this.#plan = plan;
    this.#gain = new GainRamp(amplitudeOf(gain));
    this.#voice = timeline.graph.voice(amplitudeOf(gain));
    this.tick();
  }

  /** Times the decoder came too late and silence was heard instead. */
  get late(): number {
    return this.#late;
  }

  joint(): Samples | "over" | null {
    return this.#state === "playing" ? this.#end : "over";
  }

  positionMs(): Millis {
    return millisOf(this.#feed.from + this.#positionAt(this.timeline.heard()));
  }

  isSounding(): boolean {
    return this.#startedAt !== null && this.#state !== "over";
  }

  endsAt(): Instant | null {
    if (this.#end !== null) return this.timeline.wallTimeOf(this.#end);
    const length = this.#feed.length;
    return length === null || this.#origin === null ? null : this.timeline.wallTimeOf(this.#origin + length);
  }

  setGain(gain: Decibels, rampMs: Millis): void {
    if (this.#state !== "playing") return;
    this.#gain.to(amplitudeOf(gain), this.timeline.soonest(), rampMs, this.#voice);
  }

  stop(fadeMs: Millis): Promise<PlayResult> {
    if (this.#state !== "playing") return this.ended;
    const soonest = this.timeline.soonest();
    if (this.#origin === null || this.#origin >= soonest) {
      this.#finish("stopped", 0);
      return this.ended;
    }
    this.#state = "stopping";
    const silent = Math.min(this.#end ?? Number.POSITIVE_INFINITY, soonest + samplesOf(fadeMs));
    this.#gain.to(0, soonest, fadeMs, this.#voice);
    this.#voice.stop(silent);
    this.#end = silent;
    void this.#feed.close();
    return this.ended;
  }

  /** The card is gone: ends with the position that was reached. */
  abandon(detail: string): void {
    if (this.#state === "over") return;
    // What was rendered last may never have left the card: rather say it twice than not at all.
    const reached = this.timeline.graph.rendered() - samplesOf(this.timeline.latency());
    if (this.#state === "stopping") this.#finish("stopped", reached);
    else this.#finish("failed", reached, refusal("no-output", detail));
  }

  /** Queues what was decoded, notes what is heard. Call it every few hundredths of a second. */
  tick(): void {
    if (this.#state === "over") return;
    this.#origin ??= this.#plan.resolve(this.timeline);
    if (this.#origin === null) return;
    if (this.#state === "playing") this.#queue(this.#origin);
    const heard = this.timeline.heard();
    this.#voice.prune(heard);
    if (this.#startedAt === null && this.#hasSound() && heard >= this.#origin) {
      this.#startedAt = this.timeline.wallTimeOf(this.#origin);
    }
    if (this.#end === null || heard < this.#end) return;
    const fault = this.#feed.end?.refusal;
    if (this.#state === "stopping") this.#finish("stopped", this.#end);
    else if (fault) this.#finish("failed", this.#end, fault);
    else this.#finish("completed", this.#end);
  }

  /** Takes in the level of what was rendered since the last call; call it every tenth of a second. */
  meter(): void {
    if (this.#origin === null || this.#state === "over") return;
    const rendered = this.timeline.graph.rendered();
    const end = Math.min(rendered, this.#end ?? rendered);
    const since = Math.max(this.#metered, this.#origin);
    if (end <= since) return;
    this.timeline.graph.recent(this.#window);
    const after = Math.min(this.#window.length, Math.round(rendered - end));
    this.#meter.add(this.#window.subarray(0, this.#window.length - after), end - since);
    this.#metered = end;
  }

  #hasSound(): boolean {
    return this.#queued > 0;
  }

  #queue(origin: Samples): void {
    let next = origin + this.#queued;
    this.#feed.demand(Math.max(0, this.timeline.graph.rendered() - origin) + (this.#feed.ahead ?? AHEAD));
    for (let block = this.#feed.take(); block; block = this.#feed.take()) {
      const soonest = this.timeline.soonest();
      if (next < soonest && block.samples) {
        // The decoder did not keep up: what follows comes later, none of it is left out.
        if (this.#queued > 0) this.#late += 1;
        this.#origin = soonest - this.#queued;
        next = soonest;
      }
      if (block.samples) next = this.#place(block.samples, next);
      this.#queued += block.length;
      next += block.length;
    }
    if (this.#feed.end) this.#end = next;
  }

  /**
   * Queues a block and says where. A card sometimes takes two periods at once, just while the block is on its way: it would begin
   * late and the next one stand over its end. Then it is put later.
   */
  #place(samples: Float32Array<ArrayBuffer>, at: Samples): Samples {
    let place = at;
    this.#voice.queue(samples, place);
    for (let tries = 0; tries < PLACINGS && !this.timeline.isFree(place); tries++) {
      this.#voice.takeBack();
      place = this.timeline.soonest();
      this.#voice.queue(samples, place);
      this.#origin = place - this.#queued;
    }
    return place;
  }

  /** Samples of the source heard by an audio sample. */
  #positionAt(sample: Samples): Samples {
    if (this.#origin === null) return 0;
    return Math.min(Math.max(0, sample - this.#origin), this.#queued);
  }

  #finish(outcome: PlayResult["outcome"], reached: Samples, fault?: Refusal): void {
    const position = this.#positionAt(reached);
    const endedAt = this.#startedAt === null ? null : this.timeline.wallTimeOf(reached);
    this.meter();
    this.#state = "over";
    this.#voice.dispose();
    const result: PlayResult = {
      startedAt: this.#startedAt,
      endedAt,
      positionMs: millisOf(this.#feed.from + position),
      outcome,
      ...(fault ? { refusal: fault } : {}),
      ...this.#meter.level(),
      audibleMs: this.#meter.audibleMs(),
    };
    void this.#feed.close().then(() => this.#result.resolve(result));
  }
}
