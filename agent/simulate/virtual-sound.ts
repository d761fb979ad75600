/** A sound output that makes no sound but remembers what would have been heard, and when. */
import type { LivePin } from "../../playback/model/live.ts";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { DAY, type Decibels, type Instant, type Millis, type Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { OpenMedia } from "../../playback/ports/media.ts";
import type {
  Cue,
  LiveInput,
  LiveSignal,
  Playing,
  PlayResult,
  SoundLevel,
  SoundOutput,
  SoundSource,
  SoundState,
  StartTime,
  Tap,
} from "../../playback/ports/sound.ts";

const IDLE = { offsetMs: null, inPauses: 0, afterBreaks: 0, last: null };

export interface Heard {
  readonly what: string;
  readonly startedAt: Instant;
  endedAt: Instant | null;
  readonly fromMs: Millis;
  toMs: Millis;
  readonly gain: Decibels;
  /** Gains it was brought to while it sounded, and when each was reached. */
  readonly gains: { readonly at: Instant; readonly gain: Decibels }[];
}

export class VirtualSound implements SoundOutput {
  readonly heard: Heard[] = [];
  /** What live sources give, by pin; those that are not named sound. `dead`: they do not answer. */
  readonly sources = new Map<string, "sounding" | "quiet" | "dead">();
  /** Live sources that are being received now. */
  listening = 0;
  present = true;
  /** How long somebody speaks into the microphone; `null`: there is none. */
  microphoneMs: Millis | null = null;
  readonly #clock: Clock;
  readonly #listeners: ((state: SoundState) => void)[] = [];
  readonly #playing = new Set<VirtualPlaying>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  state(): SoundState {
    const state = this.present ? "running" : "absent";
    return { state, detail: "virtual", latencyMs: 0, driftPpm: 0, stalls: 0, breaks: 0, following: IDLE };
  }
  level(): SoundLevel {
    const level = this.#playing.size > 0 ? -20 : Number.NEGATIVE_INFINITY;
    return { rms: level, peak: level };
  }
  onChange(listener: (state: SoundState) => void): void {
    this.#listeners.push(listener);
  }

  /** The card is pulled out: what plays fails, and nothing can be prepared. */
  unplug(): void {
    this.present = false;
    for (const playing of [...this.#playing]) playing.fail();
    for (const listener of this.#listeners) listener(this.state());
  }
  plug(): void {
    this.present = true;
    for (const listener of this.#listeners) listener(this.state());
  }

  prepare(source: SoundSource): Promise<Cue | Refusal> {
    if (!this.present) return Promise.resolve(refusal("no-output", "no card"));
    if (source.kind === "microphone" && this.microphoneMs === null) {
      return Promise.resolve(refusal("source-lost", "no microphone"));
    }
    const { what, fromMs, whole, media } = this.#materialOf(source);
    return Promise.resolve({
      durationMs: whole - fromMs,
      start: (when, gain) =>
        new VirtualPlaying(this.#clock, this.heard, this.#playing, { what, fromMs, whole, gain, media }, when),
      cancel: () => void media?.close(),
    });
  }

  tap(): Tap {
    return { read: () => ({ samples: new Float32Array(0), lostMs: 0 }) };
  }

  openMicrophone(): Promise<Refusal | null> {
    return Promise.resolve(this.microphoneMs === null ? refusal("source-lost", "no microphone") : null);
  }

  listen({ id }: LivePin): LiveInput {
    const clock = this.#clock;
    const given = () => this.sources.get(id) ?? "sounding";
    let open = true;
    this.listening += 1;
    let receivedAt: Monotonic | null = null;
    const signal = (): LiveSignal => {
      const dead = given() === "dead";
      if (!dead) receivedAt = clock.monotonic();
      const level = given() === "quiet" ? -60 : -20;
      return { receivedAt, level, ready: !dead, heldMs: 1_000, losses: 0, problem: dead ? "it does not answer" : null };
    };
    return new VirtualLive(id, signal, async () => {
      if (open) this.listening -= 1;
      open = false;
    });
  }

  #materialOf(source: SoundSource): Omit<Material, "gain"> {
    if (source.kind === "media") {
      const { media, fromMs } = source;
      return { what: media.sha256, fromMs, whole: media.durationMs, media };
    }
    if (source.kind === "silence" || source.kind === "tone") {
      const what = source.kind === "tone" ? source.tone : "silence";
      return { what, fromMs: 0, whole: source.durationMs, media: null };
    }
    if (source.kind === "microphone") {
      const whole = Math.min(source.longestMs, (this.microphoneMs ?? 0) + source.endAfterSilenceMs);
      return { what: "microphone", fromMs: 0, whole, media: null };
    }
    const what = source.input instanceof VirtualLive ? `live ${source.input.id}` : "live";
    return { what, fromMs: 0, whole: DAY, media: null };
  }

  async pin(media: OpenMedia): Promise<Refusal | null> {
    await media.close();
    return null;
  }
  keepPinned(): void {
    // Nothing is held: what is virtual starts at once.
  }
}

class VirtualLive implements LiveInput {
  readonly id: string;
  readonly signal: () => LiveSignal;
  readonly close: () => Promise<void>;

  constructor(id: string, signal: () => LiveSignal, close: () => Promise<void>) {
    this.id = id;
    this.signal = signal;
    this.close = close;
  }
}

interface Material {
  readonly what: string;
  readonly fromMs: Millis;
  readonly whole: Millis;
  readonly gain: Decibels;
  readonly media: OpenMedia | null;
}

class VirtualPlaying implements Playing {
  readonly ended: Promise<PlayResult>;
  readonly #clock: Clock;
  readonly #material: Material;
  readonly #all: Set<VirtualPlaying>;
  readonly #stop = new AbortController();
  #startedAt: Millis | null = null;
  #gain: Decibels;
  #entry: Heard | null = null;
  #failing = false;

  constructor(clock: Clock, heard: Heard[], all: Set<VirtualPlaying>, material: Material, when: StartTime) {
    this.#clock = clock;
    this.#material = material;
    this.#all = all;
    this.#gain = material.gain;
    this.ended = this.#play(heard, when);
  }

  async #play(heard: Heard[], when: StartTime): Promise<PlayResult> {
    const { what, fromMs, whole, media } = this.#material;
    if (typeof when === "object" && "at" in when)
      await this.#clock.wait(when.at - this.#clock.now(), this.#stop.signal);
    if (typeof when === "object" && "after" in when) await Promise.race([when.after.ended, aborted(this.#stop.signal)]);
    if (this.#stop.signal.aborted) return this.#result("stopped", null, fromMs, media);
    this.#startedAt = this.#clock.monotonic();
    this.#all.add(this);
    const startedAt = this.#clock.now();
    const entry: Heard = { what, startedAt, endedAt: null, fromMs, toMs: fromMs, gain: this.#gain, gains: [] };
    this.#entry = entry;
    if (what !== "silence") heard.push(entry);
    await this.#clock.wait(whole - fromMs, this.#stop.signal);
    this.#all.delete(this);
    const position = Math.min(whole, this.positionMs());
    entry.endedAt = this.#clock.now();
    entry.toMs = position;
    const outcome = this.#failing ? "failed" : position < whole ? "stopped" : "completed";
    return this.#result(outcome, entry.startedAt, position, media);
  }

  async #result(
    outcome: PlayResult["outcome"],
    startedAt: Instant | null,
    positionMs: Millis,
    media: OpenMedia | null,
  ): Promise<PlayResult> {
    await media?.close();
    return {
      outcome,
      startedAt,
      endedAt: startedAt === null ? null : this.#clock.now(),
      positionMs,
      rms: -20,
      peak: -3,
      audibleMs: positionMs - this.#material.fromMs,
      breaks: 0,
      delayedMs: 0,
      inStep: null,
      ...(outcome === "failed" ? { refusal: refusal("no-output", "the card is gone") } : {}),
    };
  }

  positionMs(): Millis {
    const { fromMs, whole } = this.#material;
    return this.#startedAt === null ? fromMs : Math.min(whole, fromMs + this.#clock.monotonic() - this.#startedAt);
  }
  isSounding(): boolean {
    return this.#all.has(this);
  }
  endsAt(): Instant | null {
    return this.#startedAt === null ? null : this.#clock.now() + this.#material.whole - this.positionMs();
  }
  stop(): Promise<PlayResult> {
    this.#stop.abort();
    return this.ended;
  }
  fail(): void {
    this.#failing = true;
    this.#stop.abort();
  }
  setGain(gain: Decibels, rampMs: Millis): void {
    this.#gain = gain;
    this.#entry?.gains.push({ at: this.#clock.now() + rampMs, gain });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
