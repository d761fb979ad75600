/**
 * One sound in the graph, from `start` to its last sample. It is moved along by `tick`, and everything it knows about time is
 * a count of samples: what is queued next stands exactly behind what was queued before.
 * Invariant: while it is not heard yet its beginning may still move (with the end of the sound before it, or after a break); then never.
 */
import type { Levelling } from "../model/loudness.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import { amplitudeOf, type Decibels, type Instant, type Millis } from "../model/units.ts";
import type { Playing, PlayResult } from "../ports/sound.ts";
import { BreakCount } from "./break-count.ts";
import type { Handover } from "./cut-in.ts";
import { Follower, type HardCorrection } from "./follower.ts";
import { GainRamp } from "./gain-ramp.ts";
import { LEVEL_WINDOW, LevelMeter } from "./level-meter.ts";
import type { PcmFeed } from "./pcm-feed.ts";
import { SoundQueue } from "./sound-queue.ts";
import type { Beginning, Joinable, StartPlan } from "./start-plan.ts";
import type { Timeline } from "./timeline.ts";
import { millisOf, type Samples, samplesOf } from "./units.ts";
import type { Voice } from "./web-audio.ts";

/** Less than this is drawn in by what is laid next. */
const WORTH_TAKING_BACK: Millis = 5;

/** How a sound is played. */
export interface GraphSoundOptions {
  readonly plan: StartPlan;
  readonly gain: Decibels;
  /** Whether it is kept in step with the wall clock. */
  readonly follow: boolean;
  /** Told in the result: how much later than asked it was meant to be heard. */
  readonly delayed: Millis;
  readonly onHard: (correction: HardCorrection) => void;
  /** Told in the result: what was done to its loudness. */
  readonly levelling?: Levelling | null;
  /** Its beginning is heard by another way. */
  readonly handover?: Handover | null;
}

export class GraphSound implements Playing, Joinable {
  readonly timeline: Timeline;
  readonly ended: Promise<PlayResult>;
  readonly #feed: PcmFeed;
  readonly #plan: StartPlan;
  readonly #voice: Voice;
  readonly #gain: GainRamp;
  readonly #follower: Follower;
  readonly #queue: SoundQueue;
  readonly #delayed: Millis;
  readonly #levelling: Levelling | null;
  readonly #breaks: BreakCount;
  readonly #meter = new LevelMeter();
  readonly #window = new Float32Array(LEVEL_WINDOW);
  readonly #result = Promise.withResolvers<PlayResult>();
  #startedAt: Instant | null = null;
  #metered: Samples = 0;
  #jumps: number;
  #state: "playing" | "stopping" | "over" = "playing";

  constructor(feed: PcmFeed, timeline: Timeline, options: GraphSoundOptions) {
    const gain = amplitudeOf(options.gain);
    this.timeline = timeline;
    this.ended = this.#result.promise;
    this.#feed = feed;
    this.#plan = options.plan;
    this.#delayed = options.delayed;
    this.#levelling = options.levelling ?? null;
    this.#gain = new GainRamp(gain);
    this.#voice = timeline.graph.voice(gain);
    this.#follower = new Follower(timeline, options.follow, options.onHard);
    this.#queue = new SoundQueue(feed, this.#voice, timeline, this.#follower);
    this.#jumps = timeline.estimate.jumps();
    this.#breaks = new BreakCount(timeline);
    if (options.handover) this.#takeOver(options.handover);
    this.tick();
  }

  /** Times the decoder came too late and silence was heard instead. */
  get late(): number {
    return this.#queue.late;
  }

  /** How far it is from where the station's wall clock wants it; `null` while it is not heard or not known. */
  offsetMs(): Millis | null {
    return this.isSounding() ? this.#follower.offsetMs() : null;
  }

  joint(): Beginning | "over" | null {
    if (this.#state !== "playing") return "over";
    const sample = this.#queue.end;
    if (sample === null) return null;
    const wanted = this.#follower.wantedAt(this.#feed.length ?? this.#feed.decoded);
    return { sample, wanted: wanted ?? this.timeline.wallTimeOf(sample), engaged: this.#follower.engaged };
  }

  positionMs(): Millis {
    return millisOf(this.#feed.from + this.#queue.positionAt(this.timeline.heard()));
  }

  isSounding(): boolean {
    return this.#startedAt !== null && this.#state !== "over";
  }

  endsAt(): Instant | null {
    const end = this.#queue.expectedEnd();
    return end === null ? null : this.timeline.wallTimeOf(end);
  }

  setGain(gain: Decibels, rampMs: Millis): void {
    if (this.#state !== "playing") return;
    this.#gain.to(amplitudeOf(gain), this.timeline.soonest(), rampMs, this.#voice);
  }

  stop(fadeMs: Millis): Promise<PlayResult> {
    if (this.#state !== "playing") return this.ended;
    const soonest = this.timeline.soonest();
    if (this.#queue.origin === null || this.#queue.origin >= soonest) {
      this.#finish("stopped", 0);
      return this.ended;
    }
    this.#state = "stopping";
    const silent = Math.min(this.#queue.end ?? Number.POSITIVE_INFINITY, soonest + samplesOf(fadeMs));
    this.#gain.to(0, soonest, fadeMs, this.#voice);
    this.#queue.stop(silent);
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
    this.#breaks.observe(this.isSounding());
    if (this.#state === "playing") {
      this.#followBreak();
      this.#begin();
      this.#queue.fill();
    }
    const { origin, end } = this.#queue;
    if (origin === null) return;
    const heard = this.timeline.heard();
    this.#voice.prune(heard);
    if (this.#startedAt === null && this.#queue.isBegun && heard >= origin) {
      this.#startedAt = this.timeline.wallTimeOf(origin);
    }
    if (end === null || heard < end) return;
    const fault = this.#feed.end?.refusal;
    if (this.#state === "stopping") this.#finish("stopped", end);
    else if (fault) this.#finish("failed", end, fault);
    else this.#finish("completed", end);
  }

  /** Takes in level and offset of what was rendered since the last call; call it every tenth of a second. */
  meter(): void {
    const { origin, end: last } = this.#queue;
    if (origin === null || this.#state === "over") return;
    if (this.isSounding() && this.#state === "playing") this.#note();
    const rendered = this.timeline.graph.rendered();
    const end = Math.min(rendered, last ?? rendered);
    const since = Math.max(this.#metered, origin);
    if (end <= since) return;
    this.timeline.graph.recent(this.#window);
    const after = Math.min(this.#window.length, Math.round(rendered - end));
    this.#meter.add(this.#window.subarray(0, this.#window.length - after), end - since);
    this.#metered = end;
  }

  #takeOver(handover: Handover): void {
    this.#follower.begin(this.timeline.wallTimeOf(handover.origin), false);
    this.#queue.takeOver(handover);
  }

  /** Finds its beginning; finds it again while it is not heard, because the sound before it may end elsewhere by now. */
  #begin(again = this.#plan.isJoined): void {
    const { origin } = this.#queue;
    if (origin !== null && (!again || origin <= this.timeline.soonest())) return;
    const beginning = this.#plan.resolve(this.timeline);
    if (beginning === null || beginning.sample === origin) return;
    this.#follower.begin(beginning.wanted, beginning.engaged);
    this.#queue.begin(beginning.sample);
  }

  /** Samples were lost at once: as soon as it is known how many, what is not heard yet is laid anew. */
  #followBreak(): void {
    const { estimate } = this.timeline;
    if (estimate.jumps() === this.#jumps || !estimate.isSure()) return;
    this.#jumps = estimate.jumps();
    const { origin } = this.#queue;
    if (origin === null) return;
    if (origin > this.timeline.soonest()) {
      this.#begin(true);
      return;
    }
    this.#note();
    this.#follower.broken();
    if (Math.abs(this.#follower.offsetMs() ?? 0) >= WORTH_TAKING_BACK) this.#queue.takeBack();
  }

  #note(): void {
    const heard = this.timeline.heard();
    if (heard < (this.#queue.end ?? Number.POSITIVE_INFINITY))
      this.#follower.note(heard, this.#queue.positionAt(heard));
  }

  #finish(outcome: PlayResult["outcome"], reached: Samples, fault?: Refusal): void {
    const position = this.#queue.origin === null ? 0 : this.#queue.positionAt(reached);
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
      breaks: this.#breaks.count() + this.late,
      delayedMs: this.#delayed,
      inStep: this.#follower.report(),
      ...(this.#levelling === null ? {} : { levelling: this.#levelling }),
    };
    void this.#feed.close().then(() => this.#result.resolve(result));
  }
}
