/**
 * The running agent: its parts, introduced to each other by `compose`, started and stopped in an order that keeps the amplifier safe.
 * The core loop comes first and needs nothing that follows it.
 */
import type { GuardLink } from "../drivers/guard/guard-link.ts";
import type { HostFacts } from "../drivers/host/host-facts.ts";
import type { ServiceManager } from "../drivers/host/service-manager.ts";
import type { Monotonic } from "../playback/model/units.ts";
import type { Supervisor } from "../playback/ports/supervisor.ts";
import type { SpokenTexts } from "../playback/sound/spoken-texts.ts";
import type { MediaCache } from "../storage/content/media-cache.ts";
import type { Store } from "../storage/store.ts";
import type { Admission } from "./admission/admission.ts";
import type { AgendaWarnings } from "./agenda-warnings.ts";
import type { FaceStation } from "./board/face-station.ts";
import type { Commands } from "./commands/commands.ts";
import type { ConfigBook } from "./config/config-book.ts";
import type { StationFile } from "./config/station-file.ts";
import type { ContactWatch } from "./contacts/contact-watch.ts";
import type { Downlink } from "./downlink.ts";
import type { Security } from "./enrolment/security.ts";
import type { FactBoard } from "./fact-board.ts";
import type { AirWatch } from "./health/air-watch.ts";
import type { ConcernBook } from "./health/concerns.ts";
import type { Logger } from "./logger.ts";
import type { Measuring } from "./media/measuring.ts";
import type { Output } from "./outputs/output.ts";
import type { Pages } from "./paging/pages.ts";
import type { PowerWatch } from "./power-watch.ts";
import type { Recordings } from "./recordings/recordings.ts";
import type { LifeRecords } from "./report/life-records.ts";
import type { SpeakerTests } from "./speaker/speaker-tests.ts";
import type { StartPlan } from "./start/start-plan.ts";
import type { StartWatch } from "./start/start-watch.ts";
import type { TrustedClock } from "./trusted-clock.ts";
import type { BrokerLink } from "./uplink/broker-link.ts";
import type { EventPump } from "./uplink/event-pump.ts";
import type { Reporter } from "./uplink/reporter.ts";

export interface Parts {
  readonly file: StationFile;
  /** How this start was made, and what it had to leave out. */
  readonly plan: StartPlan;
  /** Documents that came back from the snapshot, because the database had begun anew. */
  readonly restored: number;
  readonly start: StartWatch;
  readonly session: string;
  readonly version: string;
  readonly log: Logger;
  readonly clock: TrustedClock;
  readonly store: Store;
  readonly media: MediaCache;
  readonly measuring: Measuring;
  readonly speech: SpokenTexts;
  readonly recordings: Recordings;
  readonly supervisor: Supervisor;
  /** The first one first; each with a card, an amplifier and a holder of its own. */
  readonly outputs: readonly [Output, ...Output[]];
  readonly admission: Admission;
  readonly config: ConfigBook;
  readonly security: Security;
  readonly commands: Commands;
  readonly board: FactBoard;
  readonly pages: Pages;
  readonly downlink: Downlink;
  readonly link: BrokerLink;
  readonly pump: EventPump;
  readonly reporter: Reporter;
  readonly life: LifeRecords;
  readonly concerns: ConcernBook;
  readonly air: AirWatch;
  readonly speakers: SpeakerTests;
  /** `null` where station.yaml names no board. */
  readonly faces: FaceStation | null;
  readonly warnings: AgendaWarnings;
  readonly power: PowerWatch;
  readonly contacts: ContactWatch;
  readonly host: HostFacts;
  /** Whoever started the agent and watches over it. */
  readonly manager: ServiceManager;
  /** Kept by the lifecycle, which starts it again when it is lost. */
  guard: GuardLink | null;
  /** What went wrong lately, by concern. */
  readonly trouble: Trouble;
}

/** Faults that no component keeps a state of, for the concerns. */
export interface Trouble {
  storage: string | null;
  /** The last record that will never be written. */
  lost: { at: Monotonic; what: string } | null;
  /** How the source's signed checkpoint contradicts this journal. */
  journal: string | null;
  /** The last pruning. */
  pruned: { at: Monotonic; what: string } | null;
  /** Monotonic time of the last refused document and what it was. */
  refused: { at: Monotonic; what: string } | null;
  /** The last time that the board told of its own supply sagging. */
  sagged: { at: Monotonic; what: string } | null;
  /** What was said live and could not be recorded, since the last recording that was. */
  recording: { at: Monotonic; what: string } | null;
}
