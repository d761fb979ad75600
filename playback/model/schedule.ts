/**
 * Programmes as the source signs them: rules, never expanded windows. All local times are in the station's zone.
 * Names follow iCalendar (RFC 5545) for recurrence and Rivendell's vocabulary for lateness and interruption.
 */
import type { BulletinClass, Level } from "./bulletin.ts";
import type { Instant, Millis, Percent, Sha256 } from "./units.ts";

/** `YYYY-MM-DD` in the station's zone. */
export type LocalDate = string;
/** `HH:MM` or `HH:MM:SS` in the station's zone. */
export type LocalTime = string;
/** `YYYY-MM-DDTHH:MM:SS` in the station's zone. */
export type LocalDateTime = string;

/** ISO weekday names; there is no weekday number, so nobody can disagree about Sunday. */
export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export type Recurrence =
  | {
      readonly kind: "weekly";
      readonly weekdays: readonly Weekday[];
      /** First and last date, both included. */
      readonly from?: LocalDate | undefined;
      readonly until?: LocalDate | undefined;
      readonly except?: readonly LocalDate[] | undefined;
    }
  | {
      readonly kind: "rrule";
      /** First occurrence; its time of day is the programme's start. */
      readonly dtstart: LocalDateTime;
      /** RFC 5545 RRULE value, without the `RRULE:` prefix. */
      readonly rrule: string;
      readonly exdates?: readonly LocalDateTime[] | undefined;
      readonly rdates?: readonly LocalDateTime[] | undefined;
    }
  | { readonly kind: "once"; readonly date: LocalDate };

/**
 * What happens when a programme is due and its output is held by an equal, or the station itself is late.
 * `cut-in`: takes the output at once, else not later than 5 s. `play-next`: after the running slot, at the latest at its own planned end.
 * `wait`: like `play-next`, at most `upToMs` late.
 */
export type Lateness =
  | { readonly word: "cut-in" }
  | { readonly word: "play-next" }
  | { readonly word: "wait"; readonly upToMs: Millis };

/** What becomes of a running slot that something greater displaces. */
export const INTERRUPTIONS = ["resume", "restart", "drop"] as const;
export type Interruption = (typeof INTERRUPTIONS)[number];

/** What happens at the end of the window: `cut` stops there, `finish-item` lets the running item end, `finish` plays all items. */
export const OVERRUNS = ["cut", "finish-item", "finish"] as const;
export type Overrun = (typeof OVERRUNS)[number];

export interface MediaItem {
  readonly kind: "media";
  readonly id: string;
  readonly title: string;
  readonly sha256: Sha256;
}
/** A text to be spoken: by a local voice where one exists. */
export interface TextItem {
  readonly kind: "text";
  readonly id: string;
  readonly title: string;
  readonly language: string;
  readonly text: string;
}
export interface LiveItem {
  readonly kind: "live";
  readonly id: string;
  readonly title: string;
  /** Identifier of a pin (`live.ts`): the item itself leads nowhere. */
  readonly source: string;
  /** Counted from its start, whatever the source does. */
  readonly longestMs: Millis;
  /** Plays in a loop while the source gives nothing; without any there is silence. */
  readonly fallback: readonly MediaItem[];
}
export interface SilenceItem {
  readonly kind: "silence";
  readonly id: string;
  readonly title: string;
  readonly durationMs: Millis;
}
/**
 * Signals that come with the program, so that there is one where nothing else is left. `siren` warns, `exercise` tells that it is none,
 * `chime` asks for attention.
 */
export const TONES = ["siren", "exercise", "chime", "speaker-test"] as const;
export type Tone = (typeof TONES)[number];
/** Never in a document: the station adds it. */
export interface ToneItem {
  readonly kind: "tone";
  readonly id: string;
  readonly title: string;
  readonly tone: Tone;
  readonly durationMs: Millis;
}
/** Somebody at the station's own microphone. Never in a document: a signed configuration allows it, a person on the spot uses it. */
export interface MicrophoneItem {
  readonly kind: "microphone";
  readonly id: string;
  readonly title: string;
  readonly longestMs: Millis;
  /** Nobody has spoken for so long: it is over. */
  readonly endAfterSilenceMs: Millis;
}
export type Item = MediaItem | TextItem | LiveItem | SilenceItem | ToneItem | MicrophoneItem;

export interface Programme {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly class: BulletinClass;
  readonly filler: boolean;
  /** The commune's order among equals; smaller first. */
  readonly order: number;
  readonly recurrence: Recurrence;
  readonly start: LocalTime;
  /** End of the window; before or equal to `start` means on the next day. Without it the programme ends with its last item. */
  readonly end?: LocalTime | undefined;
  /** Plays the items again until the window ends. Needs `end`. */
  readonly loop: boolean;
  /** Zones and faces; empty means all. */
  readonly outputs: readonly string[];
  readonly volume?: Percent | undefined;
  readonly lateness: Lateness;
  readonly interruption: Interruption;
  readonly overrun: Overrun;
  /** Played before the first item. */
  readonly chime?: Sha256 | undefined;
  readonly repeats: { readonly count: number; readonly gapMs: Millis };
  readonly items: readonly Item[];
  /** The programme no longer starts after this instant, though already adopted. */
  readonly stopAfter?: Instant | undefined;
  /** Digest of the document that brought it and the address it was sent to: whose it is. */
  readonly origin: Origin;
}

/** The authority behind a programme or an alert: which signed document, by which key, from whom. */
export interface Origin {
  readonly issuer: string;
  /** When the station adopted it; slots that lie before were never its duty. */
  readonly adoptedAt: Instant;
  readonly address: string;
  readonly documentSha256: Sha256;
  /** JWK thumbprints (RFC 7638) of the keys whose signatures counted. */
  readonly keys: readonly string[];
  /** What the delegation of these keys allows to sound; absent means no limit of that kind. */
  readonly limits?: OriginLimits | undefined;
}

/** Limits that go with a signature: who signs for a commune may be held to its hours, its volume and a longest run. */
export interface OriginLimits {
  readonly longestMs?: Millis | undefined;
  readonly loudest?: Percent | undefined;
  readonly hours?: readonly { readonly from: LocalTime; readonly to: LocalTime }[] | undefined;
}

/** `siren`: before an alert that brings none. `warning`: in place of a text that no voice here can speak. `exercise`: says that it is one. */
export const MEDIA_USES = ["siren", "warning", "exercise"] as const;
export type MediaUse = (typeof MEDIA_USES)[number];

/** Media that a content (or, in its own scope, an emergency) key approved. */
export interface ApprovedMedia {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** IANA media type. */
  readonly type: string;
  readonly durationMs: Millis;
  readonly title: string;
  readonly urls: readonly string[];
  /** Kept decoded in memory and never evicted: what must cut in at once. */
  readonly pinned: boolean;
  /** What it is kept for besides being scheduled: see `alert-round.ts`. */
  readonly use?: MediaUse | undefined;
  /** Spoken in it, BCP 47. */
  readonly language?: string | undefined;
}
