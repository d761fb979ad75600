/**
 * A microphone on its way to the card, from `start` to its end: no queue, only the graph's own. It ends when nobody speaks any more, and after
 * its longest run. Level and audible time are the microphone's own, whatever else sounds.
 */
import { type Refusal, refusal } from "../model/refusal.ts";
import { amplitudeOf, type Decibels, type Instant, type Millis } from "../model/units.ts";
import type { Playing, PlayResult, SoundSource } from "../ports/sound.ts";
import { BreakCount } from "./break-count.ts";
import { GainRamp } from "./gain-ramp.ts";
import { LEVEL_WINDOW, LevelMeter, levelIn } from "./level-meter.ts";
import { endOfSpeech, type Hearing, hear, listenFrom } from "./microphone-silence.ts";
import type { StartPlan } from "./start-plan.ts";
import type { Timeline } from "./timeline.ts";
import { millisOf, type Samples, samplesOf } from "./units.ts";
import type { Microphone } from "./web-audio.ts";

export type MicrophoneSource = Extract<SoundSource, { kind: "microphone" }>;

/** Nothing clicks when it is opened. */
const OPENING: Millis = 10;

export class MicrophoneSound implements Playing {
  readonly timeline: Timeline;
  readonly ended: Promise<PlayResult>;
  readonly #source: MicrophoneSource;
  readonly #microphone: Microphone;
  readonly #plan: StartPlan;
  readonly #ramp = new GainRamp(0);
  readonly #breaks: BreakCount;
  readonly #meter = new LevelMeter();
  readonly #window = new Float32Array(LEVEL_WINDOW);
  readonly #result = Promise.withResolvers<PlayResult>();
  #gain: Decibels;
  #origin: Samples | null = null;
  #end: Samples | null = null;
  #startedAt: Instant | null = null;
  #metered: Samples = 0;
  #hearing: Hearing | null = null;
  #state: "playing" | "stopping" | "over" = "playing";

  constructor(
    source: MicrophoneSource,
    microphone: Microphone,
    timeline: Timeline,
    start: { readonly plan: StartPlan; readonly gain: Decibels },
  ) {
    this.#source = source;
    this.#microphone = microphone;
    this.timeline = timeline;
    this.#plan = start.plan;
    this.#gain = start.gain;
    this.#breaks = new BreakCount(timeline);
    this.ended = this.#result.promise;
    this.tick();
  }

  positionMs(): Millis {
    const end = this.#end ?? Number.POSITIVE_INFINITY;
    return this.#origin === null ? 0 : Math.max(0, millisOf(Math.min(this.timeline.heard(), end) - this.#origin));
  }
  isSounding(): boolean {
    return this.#startedAt !== null && this.#state !== "over";
  }
  endsAt(): Instant | null {
    return this.#end === null ? null : this.timeline.wallTimeOf(this.#end);
  }
  setGain(gain: Decibels, rampMs: Millis): void {
    this.#gain = gain;
    if (this.#state !== "playing" || this.#origin === null) return;
    this.#ramp.to(amplitudeOf(gain), this.timeline.soonest(), rampMs, this.#microphone.voice);
  }
  stop(fadeMs: Millis): Promise<PlayResult> {
    if (this.#state === "playing") this.#close(fadeMs);
    return this.ended;
  }
  abandon(detail: string): void {
    if (this.#state !== "over") this.#finish("failed", this.timeline.heard(), refusal("no-output", detail));
  }

  /** Call it every few hundredths of a second. */
  tick(): void {
    if (this.#state === "over") return;
    this.#breaks.observe(this.isSounding());
    if (this.#state === "playing") this.#begin();
    if (this.#origin === null) return;
    const heard = this.timeline.heard();
    if (this.#startedAt === null && heard >= this.#origin) this.#startedAt = this.timeline.wallTimeOf(this.#origin);
    const longest = this.#origin + samplesOf(this.#source.longestMs);
    if (this.#state === "playing" && heard >= longest) this.#finish("completed", longest);
    else if (this.#end !== null && heard >= this.#end) this.#finish("stopped", this.#end);
  }

  /** Takes in what the microphone gave; call it every tenth of a second. */
  meter(now: number): void {
    if (!this.isSounding() || this.#state !== "playing") return;
    this.#microphone.recent(this.#window);
    const level = levelIn(this.#window).rms;
    this.#hearing = hear(this.#hearing ?? listenFrom(now), level, now);
    const gain = amplitudeOf(this.#gain);
    const rendered = this.timeline.graph.rendered();
    const since = Math.max(this.#metered, this.#origin ?? rendered);
    this.#meter.add(
      this.#window.map((sample) => sample * gain),
      rendered - since,
    );
    this.#metered = rendered;
    const over = endOfSpeech(this.#hearing, now, this.#source.endAfterSilenceMs);
    if (over === null) return;
    const seconds = `for ${this.#source.endAfterSilenceMs / 1_000} s`;
    if (over === "over") this.#finish("completed", this.timeline.heard());
    else if (over === "gone")
      this.#fail("source-lost", `the microphone gave nothing ${seconds}: is it on, and plugged in?`);
    else this.#fail("source-silent", `nobody was heard ${seconds}`);
  }

  #fail(reason: "source-lost" | "source-silent", detail: string): void {
    this.#finish("failed", this.timeline.heard(), refusal(reason, detail));
  }

  /** Until it is heard its beginning moves with the end of what sounds before it. */
  #begin(): void {
    if (this.#origin !== null && (!this.#plan.isJoined || this.#origin <= this.timeline.soonest())) return;
    const sample = this.#plan.resolve(this.timeline)?.sample ?? null;
    if (sample === null || sample === this.#origin) return;
    this.#origin = sample;
    this.#ramp.to(0, 0, 0, this.#microphone.voice);
    this.#ramp.to(amplitudeOf(this.#gain), sample, OPENING, this.#microphone.voice);
  }

  #close(fadeMs: Millis): void {
    const soonest = this.timeline.soonest();
    if (this.#origin === null || this.#origin >= soonest) {
      this.#finish("stopped", this.#origin ?? 0);
      return;
    }
    this.#state = "stopping";
    this.#ramp.to(0, soonest, fadeMs, this.#microphone.voice);
    this.#end = soonest + samplesOf(fadeMs);
  }

  #finish(outcome: PlayResult["outcome"], reached: Samples, fault?: Refusal): void {
    const { positionMs, endedAt } = this.#reached(reached);
    this.#state = "over";
    this.#ramp.to(0, this.timeline.soonest(), OPENING, this.#microphone.voice);
    this.#result.resolve({
      ...{ startedAt: this.#startedAt, endedAt, positionMs, outcome },
      ...(fault === undefined ? {} : { refusal: fault }),
      ...this.#meter.level(),
      audibleMs: this.#meter.audibleMs(),
      breaks: this.#breaks.count(),
      delayedMs: 0,
      inStep: null,
    });
  }

  #reached(sample: Samples): Pick<PlayResult, "positionMs" | "endedAt"> {
    if (this.#origin === null || this.#startedAt === null) return { positionMs: 0, endedAt: null };
    const positionMs = Math.max(0, millisOf(sample - this.#origin));
    return { positionMs, endedAt: this.timeline.wallTimeOf(sample) };
  }
}
