/**
 * The sound output on Web Audio: what is decoded is queued seconds ahead, so a busy program is not heard, and a gain ramp still
 * cuts in at once.
 */

import type { LineInput, LivePin } from "../model/live.ts";
import type { Levelling, LoudnessTarget, MeasuredLoudness } from "../model/loudness.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import { amplitudeOf, DAY, type Decibels, type Millis, type Sha256 } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { OpenCutIn } from "../ports/cut-in.ts";
import { isRefusal, type OpenMedia } from "../ports/media.ts";
import type {
  Cue,
  Following,
  LiveInput,
  SoundLevel,
  SoundOutput,
  SoundSource,
  SoundState,
  StartTime,
  Tap,
} from "../ports/sound.ts";
import type { Supervisor } from "../ports/supervisor.ts";
import { CutIn } from "./cut-in.ts";
import type { HardCorrection } from "./follower.ts";
import { GraphSound } from "./graph-sound.ts";
import { GraphTap } from "./graph-tap.ts";
import { LEVEL_WINDOW, levelIn, SILENT } from "./level-meter.ts";
import { Reception } from "./live/reception.ts";
import { MicrophoneDesk } from "./microphone-desk.ts";
import type { MicrophoneSource } from "./microphone-sound.ts";
import { OutputKeeper } from "./output-keeper.ts";
import { PcmFeed } from "./pcm-feed.ts";
import { PreparedCue } from "./prepared-cue.ts";
import type { Band } from "./processing.ts";
import { pauseAfter } from "./reading-rhythm.ts";
import { SourceOpener } from "./source-opener.ts";
import { StartPlan } from "./start-plan.ts";
import type { Timeline } from "./timeline.ts";
import { AudioCards, type LatencyHint } from "./web-audio.ts";

/** The steps of the audio clock are seen one by one only in this rhythm. */
const OPENING_TICK: Millis = 2;
/** Every fifth tick, so about every tenth of a second, a level is taken over the window that has passed. */
const TICKS_PER_LEVEL = 5;

/** What has no pace of its own: a live source would run out or pile up. */
const PACED_BY_US: ReadonlySet<SoundSource["kind"]> = new Set(["media", "silence", "tone"] as const);

/** What the output needs and may be told. */
export interface WebAudioOutputOptions {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly log?: ((event: string, fields: object) => void) | undefined;
  /** Label of the output as the sound library lists it; without it the system's default. */
  readonly label?: string | undefined;
  /** Shared by outputs on channels of one card; without it the card is this output's alone. */
  readonly cards?: AudioCards | undefined;
  /** Default: one channel, heard on every speaker of the card. */
  readonly channel?: number | undefined;
  readonly channels?: number | undefined;
  /** Of everything; 0 or less. Default 0. */
  readonly gain?: Decibels | undefined;
  /** What of the spectrum is let out; default all of it. */
  readonly band?: Band | null | undefined;
  /** What was measured through this band; default nothing. */
  readonly measured?: ((sha256: Sha256) => MeasuredLoudness | null) | undefined;
  /** The microphone that may be spoken into here; without it there is none. */
  readonly microphone?: { readonly label: string | undefined } | undefined;
  /** The lines into this station that a pin may name; default none. */
  readonly lines?: Readonly<Record<string, LineInput>> | undefined;
  /** How much the card may queue; default `playback`. */
  readonly latencyHint?: LatencyHint | undefined;
  /** Added to the latency that the card states; positive where it is heard later than stated. Default 0. */
  readonly latencyCorrectionMs?: Millis | undefined;
  /** A start at an instant is heard this much later: geometry, where a horn stands nearer than its neighbours; 0–2000. Default 0. What is started "now" is not. */
  readonly delayMs?: Millis | undefined;
  /** How to reach the card before its queue; without it what cuts in waits for that. */
  readonly openCutIn?: OpenCutIn | undefined;
  /** Whether sounds are kept in step with the wall clock. Default true. */
  readonly follow?: boolean | undefined;
}

export class WebAudioOutput implements SoundOutput {
  readonly #clock: Clock;
  readonly #supervisor: Supervisor;
  readonly #log: (event: string, fields: object) => void;
  readonly #keeper: OutputKeeper;
  readonly #opener: SourceOpener;
  readonly #band: Band | null;
  readonly #lines: Readonly<Record<string, LineInput>>;
  readonly #microphones: MicrophoneDesk;
  readonly #cutIn: CutIn;
  /** Of everything on this card, linear. */
  readonly #gain: number;
  readonly #cues = new Set<PreparedCue>();
  readonly #sounds = new Set<GraphSound>();
  readonly #listeners: ((state: SoundState) => void)[] = [];
  readonly #window = new Float32Array(LEVEL_WINDOW);
  readonly #delay: Millis;
  readonly #follow: boolean;
  #corrected: Omit<Following, "offsetMs"> = { inPauses: 0, afterBreaks: 0, last: null };
  #late = 0;
  #timer: NodeJS.Timeout | null = null;
  #ticks = 0;

  constructor(options: WebAudioOutputOptions) {
    this.#clock = options.clock;
    this.#supervisor = options.supervisor;
    this.#log = options.log ?? (() => {});
    this.#delay = options.delayMs ?? 0;
    this.#follow = options.follow ?? true;
    this.#band = options.band ?? null;
    this.#lines = options.lines ?? {};
    const { clock, supervisor, measured = () => null } = options;
    this.#opener = new SourceOpener({ clock, supervisor, measured, band: this.#band });
    const choice = {
      clock: options.clock,
      cards: options.cards ?? new AudioCards(),
      card: {
        label: options.label,
        latencyHint: options.latencyHint ?? ("playback" as const),
        channel: options.channel ?? 1,
        channels: options.channels ?? options.channel ?? 1,
        gain: options.gain ?? 0,
      },
      latencyCorrectionMs: options.latencyCorrectionMs ?? 0,
    };
    this.#keeper = new OutputKeeper(choice, {
      changed: () => this.#tell(),
      lost: (timeline, detail) => this.#abandon(timeline, detail),
      log: (event, fields) => this.#log(event, fields),
    });
    const { microphone: device = null } = options;
    const timeline = () => this.#keeper.timeline();
    this.#microphones = new MicrophoneDesk({ clock, supervisor, device, band: this.#band, timeline });
    this.#gain = amplitudeOf(choice.card.gain);
    this.#cutIn = new CutIn(options.openCutIn, choice.card, { clock, log: this.#log });
  }

  async open(): Promise<void> {
    if (this.#timer) return;
    this.#schedule();
    await this.#keeper.open();
  }

  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const cue of this.#cues) cue.cancel();
    const sounds = [...this.#sounds];
    for (const sound of sounds) sound.abandon("the output was closed");
    await this.#microphones.abandon(null, "the output was closed");
    await Promise.all(sounds.map((sound) => sound.ended));
    this.#cutIn.close();
    await this.#keeper.close();
  }

  state(): SoundState {
    const state = this.#keeper.state();
    const offsets = [...this.#sounds].map((sound) => sound.offsetMs());
    const following = { offsetMs: offsets.find((offset) => offset !== null) ?? null, ...this.#corrected };
    return { ...state, breaks: state.breaks + this.#late, following };
  }

  level(): SoundLevel {
    const timeline = this.#keeper.timeline();
    if (!timeline || this.state().state !== "running") return SILENT;
    timeline.graph.recent(this.#window);
    return levelIn(this.#window);
  }

  onChange(listener: (state: SoundState) => void): void {
    this.#listeners.push(listener);
  }

  async prepare(source: SoundSource): Promise<Cue | Refusal> {
    if (source.kind === "microphone") return this.#microphones.prepare(source);
    if (!this.#keeper.timeline()) {
      if (source.kind === "media") await source.media.close();
      return refusal("no-output", this.state().detail);
    }
    const opened = await this.#opener.open(source);
    if (isRefusal(opened)) return opened;
    const { levelling } = opened;
    const feed = new PcmFeed(opened.pcm);
    await feed.ready;
    const fault = feed.end?.refusal;
    if (fault && feed.decoded === 0) {
      await feed.close();
      return fault;
    }
    const approved = approvedMs(source);
    const follow = this.#follow && PACED_BY_US.has(source.kind);
    const cue = new PreparedCue(feed, Math.max(0, approved), {
      start: (when, gain) => this.#start(cue, feed, when, { gain, follow, levelling }),
      cancelled: () => this.#cues.delete(cue),
    });
    this.#cues.add(cue);
    return cue;
  }

  tap(): Tap {
    return new GraphTap(() => this.#keeper.timeline());
  }

  openMicrophone(): Promise<Refusal | null> {
    return this.#microphones.open();
  }

  listen(pin: LivePin): LiveInput {
    const [clock, supervisor, log, band] = [this.#clock, this.#supervisor, this.#log, this.#band];
    return new Reception(pin, { clock, supervisor, log, band, lines: this.#lines });
  }

  pin(media: OpenMedia, loudness?: LoudnessTarget): Promise<Refusal | null> {
    return this.#opener.pin(media, loudness);
  }

  keepPinned(only: ReadonlySet<Sha256>): void {
    this.#opener.keepPinned(only);
  }

  #start(cue: PreparedCue, feed: PcmFeed, when: StartTime, played: Played): GraphSound | null {
    this.#cues.delete(cue);
    const timeline = this.#keeper.timeline();
    if (!timeline) return null;
    const after = typeof when === "object" && "after" in when ? when.after : null;
    // A sound of another card, or of another output, has no sample here to join to: then it starts at once.
    const previous =
      after instanceof GraphSound && after.timeline === timeline ? after : { joint: () => "over" as const };
    const delayed = typeof when === "object" && "at" in when ? this.#delay : 0;
    const plan = new StartPlan(when, previous, this.#clock, delayed);
    const onHard = (correction: HardCorrection) => this.#note(correction);
    const gain = amplitudeOf(played.gain) * this.#gain;
    const handover = when === "cut-in" ? this.#cutIn.lay(feed, timeline, gain) : null;
    const sound = new GraphSound(feed, timeline, { plan, ...played, delayed, onHard, handover });
    this.#sounds.add(sound);
    void sound.ended.then(() => {
      this.#sounds.delete(sound);
      if (sound.late === 0) return;
      this.#late += sound.late;
      this.#log("sound-late", { times: sound.late });
    });
    return sound;
  }

  #note({ where, ms }: HardCorrection): void {
    const { inPauses, afterBreaks } = this.#corrected;
    this.#corrected = {
      inPauses: inPauses + (where === "pause" ? 1 : 0),
      afterBreaks: afterBreaks + (where === "break" ? 1 : 0),
      last: { at: this.#clock.now(), ms, where },
    };
    this.#log("sound-set-right", { where, ms });
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#tick(), this.#keeper.isOpening() ? OPENING_TICK : pauseAfter(this.#ticks));
    this.#timer.unref();
  }

  #tick(): void {
    this.#schedule();
    this.#keeper.tick();
    this.#cutIn.tick(this.#keeper.state().state);
    this.#ticks += 1;
    const metered = this.#ticks % TICKS_PER_LEVEL === 0;
    this.#microphones.tick(metered);
    for (const sound of this.#sounds) {
      sound.tick();
      if (metered) sound.meter();
    }
  }

  #abandon(timeline: Timeline, detail: string): void {
    for (const sound of this.#sounds) if (sound.timeline === timeline) sound.abandon(detail);
    void this.#microphones.abandon(timeline, detail);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.state());
  }
}

/** How one sound is played. */
interface Played {
  readonly gain: Decibels;
  readonly follow: boolean;
  readonly levelling: Levelling | null;
}

/** What is known of its length beforehand. */
function approvedMs(source: Exclude<SoundSource, MicrophoneSource>): Millis {
  if (source.kind === "live") return DAY;
  return source.kind === "media" ? source.media.durationMs - source.fromMs : source.durationMs;
}
