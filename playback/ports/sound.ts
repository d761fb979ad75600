/**
 * One sound output: PCM queued ahead at sample-accurate times, heard with known latency, cut at once by a gain ramp.
 * Web Audio implements it; a paced pipe could. Not one method blocks the caller for the length of a sound.
 */

import type { LivePin } from "../model/live.ts";
import type { Levelling, LoudnessTarget } from "../model/loudness.ts";
import type { Refusal } from "../model/refusal.ts";
import type { Tone } from "../model/schedule.ts";
import type { Decibels, Instant, Millis, Monotonic, Sha256 } from "../model/units.ts";
import type { OpenMedia } from "./media.ts";

export type SoundSource =
  /** Without `loudness` it sounds as loud as it was made. */
  | {
      readonly kind: "media";
      readonly media: OpenMedia;
      readonly fromMs: Millis;
      readonly loudness?: LoudnessTarget;
    }
  | { readonly kind: "silence"; readonly durationMs: Millis }
  | { readonly kind: "tone"; readonly tone: Tone; readonly durationMs: Millis }
  /** Has no end of its own; what does not arrive in time is silence. The input stays open. */
  | { readonly kind: "live"; readonly input: LiveInput }
  /** The station's own microphone, until nobody has spoken for so long. */
  | { readonly kind: "microphone"; readonly longestMs: Millis; readonly endAfterSilenceMs: Millis };

/** How well a sound kept to the station's own wall clock while it was heard. Positive is late. */
export interface InStep {
  readonly worstMs: Millis;
  /** 95 % of the time it was off by no more. */
  readonly p95Ms: Millis;
  /** Taken up by playing a trace faster (positive) or slower, all together. */
  readonly pulledMs: Millis;
  /** Times it was set right at once in a pause, and after a break. */
  readonly inPauses: number;
  readonly afterBreaks: number;
}

/** How the output follows the station's wall clock, since start. */
export interface Following {
  /** Of what is heard now; `null` while nothing is followed or the card's clock is not known well enough. */
  readonly offsetMs: Millis | null;
  /** Times a sound was set right at once in a pause, and after a break. */
  readonly inPauses: number;
  readonly afterBreaks: number;
  /** Left out (positive) or waited (negative). */
  readonly last: { readonly at: Instant; readonly ms: Millis; readonly where: "pause" | "break" } | null;
}

/** What is received of a live source at this moment. */
export interface LiveSignal {
  /** When sound last arrived; `null` before the first. */
  readonly receivedAt: Monotonic | null;
  /** Level of the last tenth of a second that arrived. */
  readonly level: Decibels;
  /** Between its arrival and the card: what is held and what is queued. */
  readonly heldMs: Millis;
  /** Enough is held to begin at once. */
  readonly ready: boolean;
  /** Connections that ended or were given up so far. */
  readonly losses: number;
  /** Why the last one did; never holds an address's secrets. `null` while all is well. */
  readonly problem: string | null;
}

/** A live source that is being received, whether or not it is heard. Connects again and again until it is closed. */
export interface LiveInput {
  signal(): LiveSignal;
  /** Resolves when its child is gone. Idempotent. */
  close(): Promise<void>;
}

export interface SoundState {
  /** `absent`: no device could be opened, tried again with back-off; `stalled`: the audio clock stands still; `none`: there is to be none here. */
  readonly state: "running" | "stalled" | "absent" | "none";
  /** What the user can look up: device label or the error of the last attempt. */
  readonly detail: string;
  /** Estimated time from a scheduled sample to the ear of the sink. */
  readonly latencyMs: Millis;
  /** Rate error of the audio clock against the monotonic one, parts per million; `null` while unknown. */
  readonly driftPpm: number | null;
  /** Times the audio clock stood still since start. */
  readonly stalls: number;
  /** Times since start that sound which was due was not heard: samples lost by the card (what is lost within a second or so counts once), or a decoder that came too late. */
  readonly breaks: number;
  readonly following: Following;
}

export interface SoundLevel {
  readonly rms: Decibels;
  readonly peak: Decibels;
}

export interface PlayResult {
  /** Wall time when the first sample was heard (scheduled time plus latency); `null` when nothing was. */
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  /** Position reached in the source, from its own beginning. */
  readonly positionMs: Millis;
  readonly outcome: "completed" | "stopped" | "failed";
  /** Given where the outcome is `failed`. */
  readonly refusal?: Refusal;
  /** Level at the last node of the graph while it played. */
  readonly rms: Decibels;
  readonly peak: Decibels;
  /** Time during which the level was above −50 dBFS and the audio clock advanced. */
  readonly audibleMs: Millis;
  /** Times something of it that was due was not heard, as `SoundState.breaks`, noticed while it sounded. */
  readonly breaks: number;
  /** How much later than asked it was meant to be heard: the output's own delay. Nothing but a start at an instant is delayed. */
  readonly delayedMs: Millis;
  /** `null` where nothing was heard or it is not followed. */
  readonly inStep: InStep | null;
  /** What was done to bring it to the loudness that was asked for; absent where none was. */
  readonly levelling?: Levelling;
}

/** A sound made ready: the decoder runs and the first seconds are in memory. */
export interface Cue {
  /** Exact once the decoder has reached the end, until then the approved one. From `fromMs` to the end. */
  readonly durationMs: Millis;
  /** Begins playing. Once only. `after` joins sample to sample; when that sound was stopped or has failed, starts at once. */
  start(when: StartTime, gain: Decibels): Playing;
  /** Gives up without a sound; also closes the media. Idempotent. */
  cancel(): void;
}

/** `cut-in`: as "now", and where the card lets it, heard before what is queued already. */
export type StartTime = { readonly at: Instant } | { readonly after: Playing } | "now" | "cut-in";

export interface Playing {
  /** Position from the source's own beginning, of the sample heard now. */
  positionMs(): Millis;
  /** True once the first sample was heard and until the end. */
  isSounding(): boolean;
  /** When the last sample will be heard; `null` while the decoder has not reached the end. */
  endsAt(): Instant | null;
  /** Ramps to silence and ends; resolves as `ended` does. Before the start it cancels. */
  stop(fadeMs: Millis): Promise<PlayResult>;
  /** Ramps to another gain. */
  setGain(gain: Decibels, rampMs: Millis): void;
  /** Never rejects. The media is closed when it resolves. */
  readonly ended: Promise<PlayResult>;
}

/** Copies what an output emits; loses nothing while it is read several times a second. */
export interface Tap {
  /** What was emitted since the last reading, mono at 48 kHz; the first one reaches back a little. */
  read(): { readonly samples: Float32Array; readonly lostMs: Millis };
}

export interface SoundOutput {
  /** Opens the device, and goes on trying where there is none. Resolves after the first attempt. */
  open(): Promise<void>;
  close(): Promise<void>;
  state(): SoundState;
  /** Level over the last tenth of a second. */
  level(): SoundLevel;
  /** Called when `state().state` changes. */
  onChange(listener: (state: SoundState) => void): void;
  /** Ready to start, or why not (`media-unplayable`, `no-output`). Takes over the media and closes it. */
  prepare(source: SoundSource): Promise<Cue | Refusal>;
  /** Begins to receive a pinned live source. */
  listen(pin: LivePin): LiveInput;
  tap(): Tap;
  /** Opens the microphone ahead of its use, which takes seconds the first time; or says why it cannot be. */
  openMicrophone(): Promise<Refusal | null>;
  /**
   * Decodes whole into memory what must cut in at once; a later `prepare` of the same digest is immediate.
   * Called again it is decoded anew where another gain is right by now. Bounded: at most 4 minutes of sound in all, beyond that a refusal
   * (`too-large`).
   */
  pin(media: OpenMedia, loudness?: LoudnessTarget): Promise<Refusal | null>;
  /** Lets all other pinned sounds go. What sounds now sounds on. */
  keepPinned(only: ReadonlySet<Sha256>): void;
}
