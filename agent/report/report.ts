/** What a monthly report says: plain JSON, stable, times in RFC 3339, durations in milliseconds. */
import type { Level, Precedence } from "../../playback/model/bulletin.ts";
import type { LocalDate } from "../../playback/model/schedule.ts";
import type { Millis } from "../../playback/model/units.ts";
import type { SlotOutcome } from "../../playback/ports/play-log.ts";
import type { Indicator } from "./indicators.ts";

/** `unstated`: an emergency or an announcement, or a schedule whose level is not known any more. */
export type StatedLevel = Level | "unstated";

export interface Aired {
  readonly class: Precedence;
  readonly level: StatedLevel;
  readonly playedMs: Millis;
}

export interface Day {
  readonly date: LocalDate;
  readonly slots: number;
  readonly playedMs: Readonly<Partial<Record<Precedence, Millis>>>;
}

/** Starts no later than `upToMs` after the plan, and later than the bin before; `null` is no upper bound. */
export interface LatenessBin {
  readonly upToMs: Millis | null;
  readonly count: number;
}

export interface EmergencyEntry {
  readonly identifier: string;
  readonly headline: string;
  readonly sent: string;
  /** When this station had it. */
  readonly adoptedAt: string;
  /** When its first sound was heard. */
  readonly startedAt: string | null;
  readonly timeToAirMs: Millis | null;
  readonly outcome: SlotOutcome;
  readonly reason: string | null;
  readonly audibleMs: Millis;
}

export interface Outage {
  /** `agent`: nothing ran here. `link`: no broker was reached; schedules play on. `clock`: schedules waited for the time. */
  readonly kind: "agent" | "link" | "clock";
  readonly from: string;
  readonly to: string;
  readonly ms: Millis;
  /** The clock was not trusted at its end. */
  readonly uncertain: boolean;
}

export interface MonthReport {
  readonly version: 1;
  readonly station: string;
  readonly commune: string;
  readonly province: string;
  readonly zone: string;
  readonly month: string;
  readonly generatedAt: string;
  /** False where the month is not over, or its beginning is no longer in the journal. */
  readonly complete: boolean;
  readonly journal: {
    readonly verified: boolean;
    /** Why not. */
    readonly problem: string | null;
    readonly seq: number;
    readonly hash: string;
    readonly count: number;
    readonly pruned: number;
    /** Records that this version cannot read, and so are in no figure. */
    readonly unreadable: number;
  };
  readonly aired: {
    readonly playedMs: Millis;
    readonly byClassAndLevel: readonly Aired[];
    readonly days: readonly Day[];
  };
  readonly slots: {
    /** Programme slots that have a record: what was due while the agent ran. */
    readonly planned: number;
    readonly outcomes: Readonly<Record<SlotOutcome, number>>;
    readonly reasons: readonly { readonly outcome: SlotOutcome; readonly reason: string; readonly count: number }[];
    /** Sounded by command, not by schedule. */
    readonly announcements: number;
  };
  readonly punctuality: {
    /** Programme slots that began. */
    readonly started: number;
    readonly within20Ms: number;
    readonly within1S: number;
    readonly bins: readonly LatenessBin[];
    readonly worst: { readonly title: string; readonly plannedAt: string; readonly lateMs: Millis } | null;
  };
  readonly audible: {
    readonly playedMs: Millis;
    readonly audibleMs: Millis;
    readonly unmeasuredMs: Millis;
    /** Of what was played and measured; `null` where nothing was. */
    readonly share: number | null;
  };
  /** The first 500; `emergencyCount` counts all. */
  readonly emergencies: readonly EmergencyEntry[];
  readonly emergencyCount: number;
  readonly outages: readonly Outage[];
  readonly downMs: Readonly<Record<Outage["kind"], Millis>>;
  readonly documents: {
    readonly adopted: Readonly<Record<string, number>>;
    readonly refused: Readonly<Record<string, number>>;
    readonly withdrawn: number;
  };
  /** Mute, volume, emergency stop and the like: how often each was used. */
  readonly controls: Readonly<Record<string, number>>;
  readonly indicators: readonly Indicator[];
}
