/** Adopted documents, local controls and manual requests, joined into the facts that deciding needs. */
import { randomUUID } from "node:crypto";
import { periodsAt } from "../playback/agenda/volume.ts";
import type { Announcement } from "../playback/model/announcement.ts";
import { isTrusted } from "../playback/model/clock-trust.ts";
import type { Facts, HeldEmergency } from "../playback/model/facts.ts";
import type { Policy } from "../playback/model/policy.ts";
import { type Refusal, refusal } from "../playback/model/refusal.ts";
import type { Instant, Monotonic, Percent } from "../playback/model/units.ts";
import type { Clock } from "../playback/ports/clock.ts";
import type { SlotOutcome } from "../playback/ports/play-log.ts";
import type { Store } from "../storage/store.ts";
import type { Admission } from "./admission/admission.ts";
import {
  alertsOf,
  approvedOf,
  approvedTextsOf,
  type Limits,
  livePinsOf,
  playlistsOf,
  policyOf,
  programmesOf,
  suspensionsOf,
} from "./adopted.ts";
import { Announced } from "./announced.ts";
import type { ReadLayer } from "./config/read-layers.ts";
import { type AlertTime, heldEmergencies } from "./emergencies.ts";
import { localAlert, localAlertMedia, localAlertPolicy, type RaisedAlert, raisedIdentifier } from "./local-alert.ts";
import { LocalControls } from "./local-controls.ts";
import type { OnUnwritten } from "./unwritten.ts";

export interface FactBoardOptions {
  readonly admission: Admission;
  readonly store: Store;
  readonly clock: Clock;
  readonly chain: readonly string[];
  readonly zone: string;
  readonly outputs: readonly string[];
  readonly limits: Limits;
  /** Configuration in force, the broadest layer first. */
  readonly configuration: () => readonly ReadLayer[];
  /** No live source is taken up: safe mode. */
  readonly withoutLive?: boolean;
  readonly onChange: (facts: Facts) => void;
  /** What was set on the spot and the disk refuses. Where it is not given, that is an error. */
  readonly onUnwritten?: OnUnwritten;
}

/** Latched identifiers kept; older ones could only return by an alert that was signed long ago. */
const STOPPED_KEPT = 200;

export class FactBoard {
  readonly #options: FactBoardOptions;
  readonly #controls: LocalControls;
  readonly #heldSince = new Map<string, Monotonic>();
  /** When alerts that were raised without a clock began, once there was one. */
  readonly #dated = new Map<string, Instant>();
  readonly #announced: Announced;
  #facts: Facts;
  /** Which periods held when the outputs were last told. */
  #heldVolumes = "";

  constructor(options: FactBoardOptions) {
    this.#options = options;
    this.#announced = new Announced(options.outputs);
    this.#controls = new LocalControls(options);
    this.#facts = this.#build();
  }

  get facts(): Facts {
    return this.#facts;
  }

  /** After documents or controls changed. */
  rebuild(): void {
    this.#facts = this.#build();
    this.#options.onChange(this.#facts);
  }

  /** Ends what time has ended; call it every second. */
  tick(): void {
    const before = endings(this.#facts);
    const emergencies = this.#emergencies();
    const announcements = this.#announced.held(this.#options.clock.monotonic());
    const volumes = this.#volumes();
    if (endings({ emergencies, announcements }) === before && volumes === this.#heldVolumes) return;
    this.#heldVolumes = volumes;
    this.#facts = { ...this.#facts, emergencies, announcements };
    this.#options.onChange(this.#facts);
  }

  /** Local and remote mute. `by` names the person or the command for the journal. */
  async setMuted(muted: boolean, by: string): Promise<void> {
    await this.#control("muted", muted, muted ? "muted" : "unmuted", { by });
  }

  async setVolume(volume: Percent, by: string): Promise<void> {
    await this.#control("volume", volume, "volume", { by, volume });
  }

  /** Ends these alerts on the spot, for good. Returns the identifiers that stood. */
  async stopEmergencies(identifiers: readonly string[] | null, by: string): Promise<string[]> {
    const standing = this.#facts.emergencies
      .filter(({ emergency, ended }) => ended === null && (identifiers?.includes(emergency.identifier) ?? true))
      .map(({ emergency }) => emergency.identifier);
    if (standing.length === 0) return [];
    const latched = [...this.#stopped(), ...standing].slice(-STOPPED_KEPT);
    await this.#control("emergency-stopped", latched, "emergency-stop", { by, identifiers: standing });
    return standing;
  }

  /** Raises the alert that a signed configuration allows, or says why not. One that stands already is the same one. */
  async raiseAlert(by: string): Promise<string | Refusal> {
    if (localAlertPolicy(this.#options.configuration()) === null) {
      return refusal(
        "policy",
        "no signed configuration says what may be raised here: ask the province for `policy.localAlert`",
      );
    }
    const known = this.raised;
    if (known !== null) return known.identifier;
    const sent = this.#options.clock.now();
    const undated = isTrusted(this.#options.clock.trust()) ? {} : { undated: true as const };
    const raised: RaisedAlert = { identifier: raisedIdentifier(sent, mark()), sent, by, ...undated };
    await this.#control("local-alert", raised, "local-alert", { by, identifier: raised.identifier });
    return raised.identifier;
  }

  /** The alert that was raised on the spot, while it stands. */
  get raised(): RaisedAlert | null {
    const noted = this.#controls.get("local-alert") as RaisedAlert | undefined;
    const held = this.#facts.emergencies.find(({ emergency }) => emergency.identifier === noted?.identifier);
    return noted === undefined || held === undefined || held.ended !== null ? null : noted;
  }

  /**
   * Forgets on the disk an alert that was raised on the spot and is over. A start counts the run of what it finds there anew: under a clock that
   * nobody trusts it would stand again, without a sound, in the way of the next one. @throws StationError `storage-failed`
   */
  async forgetEnded(): Promise<void> {
    const { notes } = this.#options.store;
    const noted = this.#controls.get("local-alert") as RaisedAlert | undefined;
    if (noted === undefined || notes.get("local-alert") === undefined) return;
    const held = this.#facts.emergencies.find(({ emergency }) => emergency.identifier === noted.identifier);
    if (held === undefined || held.ended === null) return;
    // This run goes on saying why it ended.
    this.#controls.keep("local-alert", noted);
    await notes.set(null, "local-alert", undefined);
  }

  /**
   * Writes down when an alert that was raised without a clock began, as soon as that is known: after the next start nobody could tell.
   * @throws StationError `storage-failed`
   */
  async dateRaised(): Promise<void> {
    const noted = this.#controls.get("local-alert") as RaisedAlert | undefined;
    const sent = noted?.undated === undefined ? undefined : this.#dated.get(noted.identifier);
    if (noted === undefined || sent === undefined) return;
    const { identifier, by } = noted;
    const dated: RaisedAlert = { identifier, sent, by };
    await this.#options.store.notes.set(null, "local-alert", dated);
    this.#controls.keep("local-alert", dated);
  }

  /** Call it every second: what was set on the spot and the disk refused is offered to it again. */
  settle(): Promise<void> {
    return this.#controls.settle();
  }

  announce(announcement: Announcement): void {
    this.#announced.add(announcement, this.#options.clock.monotonic());
    this.rebuild();
  }

  /** False where no such announcement stands. */
  stopAnnouncement(id: string, why: Refusal = refusal("policy", "stopped by command")): boolean {
    const stood = this.#announced.stop(id, why);
    if (stood) this.rebuild();
    return stood;
  }

  /** It played or was refused on this output. */
  forgetAnnouncement(key: string, output: string, outcome: SlotOutcome): void {
    if (this.#announced.forget(key, output, outcome === "played", this.#options.clock.monotonic())) this.rebuild();
  }

  async #control(note: string, value: unknown, kind: string, body: object): Promise<void> {
    const written = this.#controls.set(note, value, kind, body);
    this.rebuild();
    await written;
  }

  #volumes(): string {
    const { policy, outputs, zone } = this.#facts;
    if (policy.volumePeriods.length === 0) return "";
    const { clock } = this.#options;
    const periods = outputs.map((output) => periodsAt(policy, output, zone, clock.now()));
    return JSON.stringify([clock.trust(), periods]);
  }

  #stopped(): readonly string[] {
    const noted = this.#controls.get("emergency-stopped");
    return Array.isArray(noted) ? noted.map(String) : [];
  }

  /**
   * A siren does not end because somebody told the time: what was raised without a clock began as long ago as it has been held. `null` while nobody
   * has.
   */
  #issuedAt({ identifier, sent, undated }: RaisedAlert, { now, trust, heldFor }: AlertTime): Instant | null {
    if (undated === undefined) return sent;
    if (!isTrusted(trust)) return null;
    const since = this.#dated.get(identifier) ?? now - heldFor(identifier);
    this.#dated.set(identifier, since);
    return since;
  }

  #emergencies(): HeldEmergency[] {
    const { admission, clock, configuration } = this.#options;
    const monotonic = clock.monotonic();
    const heldFor = (identifier: string) => {
      const since = this.#heldSince.get(identifier) ?? monotonic;
      this.#heldSince.set(identifier, since);
      return monotonic - since;
    };
    const time = { now: clock.now(), trust: clock.trust(), heldFor };
    const policy = localAlertPolicy(configuration());
    const raised = this.#controls.get("local-alert") as RaisedAlert | undefined;
    const local =
      policy === null || raised === undefined ? [] : [localAlert(raised, policy, this.#issuedAt(raised, time))];
    return heldEmergencies([...alertsOf(admission.documents), ...local], new Set(this.#stopped()), time);
  }

  #build(): Facts {
    const { admission, chain, zone, outputs, limits, configuration } = this.#options;
    const { documents } = admission;
    const policy = policyOf(
      configuration().map(({ body }) => body),
      limits,
    );
    const volume = this.#controls.get("volume");
    return {
      zone,
      outputs,
      programmes: programmesOf(documents, chain),
      playlists: playlistsOf(documents, chain),
      texts: approvedTextsOf(documents),
      approved: approvedOf(documents, chain, localAlertMedia(configuration())),
      live: this.#options.withoutLive === true ? new Map() : livePinsOf(documents, chain),
      suspensions: suspensionsOf(documents),
      emergencies: this.#emergencies(),
      announcements: this.#announced.held(this.#options.clock.monotonic()),
      policy: typeof volume === "number" ? turnedTo(policy, volume) : policy,
      muted: this.#controls.get("muted") === true,
    };
  }
}

function mark(): string {
  return randomUUID().slice(0, 8);
}

/** What was turned down on the spot is no louder in any period, nor where a programme names a volume of its own; an emergency is. */
function turnedTo(policy: Policy, volume: Percent): Policy {
  return { ...policy, volume, volumeCeiling: Math.min(policy.volumeCeiling, volume) };
}

/** Which manual things stand and which are over, and since when, as one comparable text. */
function endings(facts: Pick<Facts, "emergencies" | "announcements">): string {
  return JSON.stringify([
    facts.emergencies.map(({ emergency, ended }) => [emergency.identifier, emergency.issuedAt, ended?.detail]),
    facts.announcements.map(({ announcement, ended }) => [announcement.id, ended?.detail]),
  ]);
}
