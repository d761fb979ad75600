/** The three things that a live item can sound like: its source, other media in its place, nothing. Each says what it was when it ends. */
import type { LiveState } from "../model/live.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import type { Item, LiveItem } from "../model/schedule.ts";
import type { Decibels, Instant, Millis, Sha256 } from "../model/units.ts";
import { isRefusal } from "../ports/media.ts";
import type { Segment, SlotProgress } from "../ports/play-log.ts";
import type { LiveInput, PlayResult, SoundOutput } from "../ports/sound.ts";
import type { RunOutcome } from "../run-ports.ts";

/** Why a stretch ends: with its item, because it was asked to, or because of this. */
export type End = "completed" | "stopped" | Refusal;

/** There is no sample of another sound to join to. */
export type Start = { readonly at: Instant } | "now";

/** A stretch as it will be written down, but for what only the slot knows. */
export type LiveSegment = Omit<Segment, "round" | "amplifier">;

/** What sounds in place of the source. */
export interface Instead {
  readonly id: string;
  readonly title: string;
  readonly sha256: Sha256 | null;
}

export interface LiveStretch {
  /** Position in the live item at which it began. */
  readonly fromMs: Millis;
  /** Resolves when it ends by itself: with the reason where the item cannot go on, else `null`. */
  readonly over: Promise<Refusal | null>;
  /** `null` while it is the source itself, or nothing. */
  instead(): Instead | null;
  isSounding(): boolean;
  setGain(gain: Decibels, rampMs: Millis): void;
  /** Ends it at this position. `segment` is `null` where the stretch has written itself. */
  stop(fadeMs: Millis, why: End, toMs: Millis): Promise<{ segment: LiveSegment | null; startedAt: Instant | null }>;
}

/** A run over the fallback media: a slot within the slot. */
export interface FallbackRun {
  prepare(): Promise<"ready" | "nothing" | Refusal>;
  play(at: Instant | null): Promise<RunOutcome>;
  stop(fadeMs: Millis): Promise<void>;
  setGain(gain: Decibels, rampMs: Millis): void;
  discard(): void;
  onAir(): { readonly item: Item; readonly sounding: boolean } | null;
  readonly heardAnything: boolean;
  progress(): SlotProgress;
}

const named = (item: LiveItem, state: LiveState) => ({
  itemId: item.id,
  title: item.title,
  sha256: null,
  live: { source: item.source, state },
});

/** What the source was doing when it was given up. */
function stateAt(why: End): LiveState {
  if (typeof why === "string") return "playing";
  return why.reason === "source-silent" ? "silent" : why.reason === "source-lost" ? "stalled" : "playing";
}

export interface SourceParts {
  readonly sound: Pick<SoundOutput, "prepare">;
  readonly input: LiveInput;
  readonly gain: Decibels;
}

/** The source itself; a refusal where there is no output. */
export async function sourceStretch(
  item: LiveItem,
  fromMs: Millis,
  { sound, input, gain }: SourceParts,
  when: Start,
): Promise<LiveStretch | Refusal> {
  const cue = await sound.prepare({ kind: "live", input });
  if (isRefusal(cue)) return cue;
  const playing = cue.start(when, gain);
  return {
    fromMs,
    over: playing.ended.then((result) => result.refusal ?? null),
    instead: () => null,
    isSounding: () => playing.isSounding(),
    setGain: (to, rampMs) => playing.setGain(to, rampMs),
    async stop(fadeMs, why, toMs) {
      const result = await playing.stop(fadeMs);
      return { segment: heardSegment(item, fromMs, toMs, result, why), startedAt: result.startedAt };
    },
  };
}

function heardSegment(item: LiveItem, fromMs: Millis, toMs: Millis, result: PlayResult, why: End): LiveSegment {
  const { startedAt, endedAt, audibleMs, breaks } = result;
  const finite = (level: Decibels) => (Number.isFinite(level) ? level : null);
  const because = result.refusal ?? (typeof why === "string" ? undefined : why);
  return {
    ...named(item, stateAt(why)),
    ...{ fromMs, toMs, startedAt, endedAt, audibleMs },
    outcome: because !== undefined ? "failed" : typeof why === "string" ? why : "failed",
    refusal: because,
    rms: finite(result.rms),
    peak: finite(result.peak),
    ...(breaks === 0 ? {} : { breaks }),
  };
}

/** Media in place of the source. It writes its own stretches. `now` is when it begins where no instant is given. */
export function fallbackStretch(run: FallbackRun, fromMs: Millis, when: Start, now: Instant): LiveStretch {
  const at = when === "now" ? null : when.at;
  const played = run.play(at);
  return {
    fromMs,
    over: played.then((outcome) => (outcome === "lost" ? refusal("no-output", "the output went away") : null)),
    instead: () => {
      const item = run.onAir()?.item;
      return item?.kind === "media" ? item : null;
    },
    isSounding: () => run.onAir()?.sounding ?? false,
    setGain: (gain, rampMs) => run.setGain(gain, rampMs),
    async stop(fadeMs) {
      await run.stop(fadeMs);
      await played;
      return { segment: null, startedAt: run.heardAnything ? (at ?? now) : null };
    },
  };
}

/**
 * Nothing, because there is nothing to put in the source's place. It was not heard, and is not counted as if. It ends the item when `gone`
 * resolves.
 */
export function silentStretch(item: LiveItem, fromMs: Millis, loss: Refusal | null, gone: Promise<void>): LiveStretch {
  const because = loss ?? refusal("source-lost", "the source gives nothing and no fallback can play");
  const none = { startedAt: null, endedAt: null, rms: null, peak: null, audibleMs: 0 };
  return {
    fromMs,
    over: gone.then(() => because),
    instead: () => null,
    isSounding: () => false,
    setGain: () => undefined,
    async stop(_fadeMs, _why, toMs) {
      const how = { fromMs, toMs, outcome: "failed", refusal: because } as const;
      return { segment: { ...named(item, "fallback"), ...none, ...how }, startedAt: null };
    },
  };
}
