/** The durable memory of what really happened. Every method resolves after the fact is on the disk, or is kept until the disk takes it. */
import type { Level, Precedence } from "../model/bulletin.ts";
import type { LiveState } from "../model/live.ts";
import type { Levelling } from "../model/loudness.ts";
import type { Refusal } from "../model/refusal.ts";
import type { Origin } from "../model/schedule.ts";
import type { Decibels, Instant, Millis, Sha256 } from "../model/units.ts";
import type { ClockQuality } from "./clock.ts";
import type { InStep } from "./sound.ts";

/** One unbroken stretch of one item. */
export interface Segment {
  readonly itemId: string;
  readonly title: string;
  readonly round: number;
  readonly sha256: Sha256 | null;
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly outcome: "completed" | "stopped" | "failed" | "killed" | "refused";
  readonly refusal?: Refusal | undefined;
  readonly rms: Decibels | null;
  readonly peak: Decibels | null;
  readonly audibleMs: Millis;
  /** What the amplifier said of itself while this sounded: `none` where none is wired. */
  readonly amplifier: "driven" | "sensed" | "fault" | "none";
  /** Times it was torn: something that was due was not heard. Absent where it was not. */
  readonly breaks?: number | undefined;
  /** How it kept to the station's own wall clock; absent where nothing was heard, or nothing measures it. */
  readonly inStep?: InStep | undefined;
  /** It was meant to be heard so much later than asked: the output's own delay. Absent where there is none. */
  readonly delayedMs?: Millis | undefined;
  /** How loud it was, how loud it was wanted, and what was done; absent where no loudness is asked for (tones, silence, live sources). */
  readonly levelling?: Levelling | undefined;
  /** How well that clock was kept when it began, as the machine said. */
  readonly clock?: ClockQuality | undefined;
  /** Given for a stretch of a live item: which pin, and how it stood at the end. In `fallback` what sounded was not the source. */
  readonly live?: { readonly source: string; readonly state: LiveState } | undefined;
}

export const SLOT_OUTCOMES = ["played", "partial", "interrupted", "missed", "refused", "failed"] as const;
export type SlotOutcome = (typeof SLOT_OUTCOMES)[number];

/** What a slot is, from the moment it was first journalled. */
export interface SlotHeader {
  /** `programme id@planned instant`, `emergency identifier` or `announcement id`; at most one record each. */
  readonly key: string;
  readonly kind: "programme" | "emergency" | "announcement";
  readonly id: string;
  readonly title: string;
  readonly precedence: Precedence;
  /** Of the schedule that planned it; what no schedule planned has none. */
  readonly level?: Level | undefined;
  readonly plannedAt: Instant;
  /** It is due on this output so much later, on purpose. */
  readonly staggerMs?: Millis | undefined;
  readonly origin: Origin;
  /** Who asked for it on the spot. */
  readonly by?: string | undefined;
  /** An alert that was none. */
  readonly exercise?: boolean | undefined;
  /** The output that plays it, once it is written; deciding knows only its own. */
  readonly output?: string | undefined;
}

/** Where an open slot stands. */
export interface SlotProgress {
  readonly round: number;
  readonly itemIndex: number;
  readonly positionMs: Millis;
  /** Wall time of this note, and the boot it was taken in. */
  readonly at: Instant;
  /** What the slot was made of: where it is made of something else by now, the place means nothing. */
  readonly content?: string | undefined;
  /** What sounded at that moment: after a kill nothing else says that it was heard at all. */
  readonly sounding?: Pick<Segment, "itemId" | "title" | "sha256" | "fromMs" | "amplifier" | "live">;
}

export interface OpenSlot {
  readonly header: SlotHeader;
  readonly progress: SlotProgress;
  readonly segments: readonly Segment[];
}

export interface PlayLog {
  /** Writes that the slot begins, before anything of it sounds; of an alert, while it sounds. False where it was begun or closed before: then it must not play. */
  begin(header: SlotHeader, progress: SlotProgress): Promise<boolean>;
  /** Adds a finished segment and the new progress. */
  addSegment(key: string, segment: Segment, progress: SlotProgress): Promise<void>;
  /** Notes the position, at most once a second. */
  note(key: string, progress: SlotProgress): Promise<void>;
  /** Closes the slot with one journal record holding its segments. `header` is needed where it never began (missed, refused). False where already closed. */
  end(header: SlotHeader, outcome: SlotOutcome, why: Refusal | null): Promise<boolean>;
  /** Slots begun and not ended, as found after a start. */
  open(): Promise<readonly OpenSlot[]>;
  /** Whether a slot was begun or ended. */
  has(key: string): boolean;
}
