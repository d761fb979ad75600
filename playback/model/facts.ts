/** Everything deciding knows besides the time: adopted documents, policy and local controls, already merged. */
import type { Announcement } from "./announcement.ts";
import type { Playlist } from "./board.ts";
import type { Emergency } from "./emergency.ts";
import type { LivePin } from "./live.ts";
import type { Policy } from "./policy.ts";
import type { PowerMode } from "./power.ts";
import type { Refusal } from "./refusal.ts";
import type { ApprovedMedia, LocalDate, MediaItem, Programme } from "./schedule.ts";
import type { Millis, Sha256 } from "./units.ts";

export interface SuspensionPeriod {
  readonly id: string;
  readonly reason: string;
  /** Both included. */
  readonly from: LocalDate;
  readonly until: LocalDate;
  readonly classes: readonly string[];
  readonly replaceBy: readonly MediaItem[];
}

/** An alert stays among the facts after its end, so that deciding can say why it stopped. */
export interface HeldEmergency {
  readonly emergency: Emergency;
  readonly ended: Refusal | null;
}

export interface HeldAnnouncement {
  readonly announcement: Announcement;
  readonly ended: Refusal | null;
}

export interface Facts {
  /** IANA name. */
  readonly zone: string;
  /** The outputs of this cluster. */
  readonly outputs: readonly string[];
  readonly programmes: readonly Programme[];
  /** What faces show. */
  readonly playlists: readonly Playlist[];
  /** Digests of texts (NFC, UTF-8) that a content key approved to be spoken or shown. */
  readonly texts: ReadonlySet<Sha256>;
  readonly approved: ReadonlyMap<Sha256, ApprovedMedia>;
  /** Live sources that a content key approved, by identifier. */
  readonly live: ReadonlyMap<string, LivePin>;
  readonly suspensions: readonly SuspensionPeriod[];
  readonly emergencies: readonly HeldEmergency[];
  readonly announcements: readonly HeldAnnouncement[];
  readonly policy: Policy;
  /** Local or remote mute: silences all but emergencies. */
  readonly muted: boolean;
  /**
   * This output sounds what is scheduled so much later, all of it: start, end of the window, and how late it may still begin. So neighbouring
   * horns do not talk over each other. Hours of the day stay where they are. Default 0.
   */
  readonly staggerMs?: Millis | undefined;
  /** What the supply allows; absent where the station has no battery to care for. */
  readonly power?: PowerMode | undefined;
}
