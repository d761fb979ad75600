/** Adopted documents, local controls and manual requests, joined into the facts that deciding needs. */
import type { Announcement } from "../playback/model/announcement.ts";
import type { Facts, HeldAnnouncement, HeldEmergency } from "../playback/model/facts.ts";
import { refusal } from "../playback/model/refusal.ts";
import type { Monotonic, Percent } from "../playback/model/units.ts";
import type { Clock } from "../playback/ports/clock.ts";
import type { Store } from "../storage/store.ts";
import type { Admission } from "./admission/admission.ts";
import { alertsOf, approvedOf, type Limits, livePinsOf, policyOf, programmesOf, suspensionsOf } from "./adopted.ts";
import type { ConfigBody } from "./contract/config.ts";
import { heldEmergencies } from "./emergencies.ts";

export interface FactBoardOptions {
  readonly admission: Admission;
  readonly store: Store;
  readonly clock: Clock;
  readonly chain: readonly string[];
  readonly zone: string;
  readonly output: string;
  readonly limits: Limits;
  /** Configuration in force, the broadest layer first. */
  readonly configuration: () => readonly ConfigBody[];
  readonly onChange: (facts: Facts) => void;
}

/** Latched identifiers kept; older ones could only return by an alert that was signed long ago. */
const STOPPED_KEPT = 200;

export class FactBoard {
  readonly #options: FactBoardOptions;
  /** What was set in this run, whether or not the disk has it. */
  readonly #controls = new Map<string, unknown>();
  readonly #heldSince = new Map<string, Monotonic>();
  readonly #announcements = new Map<
    string,
    { announcement: Announcement; since: Monotonic; ended: HeldAnnouncement["ended"] }
  >();
  #facts: Facts;

  constructor(options: FactBoardOptions) {
    this.#options = options;
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
    const announcements = this.#manual();
    if (endings({ emergencies, announcements }) === before) return;
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

  announce(announcement: Announcement): void {
    const key = `${announcement.origin.issuer} ${announcement.id}`;
    this.#announcements.set(key, { announcement, since: this.#options.clock.monotonic(), ended: null });
    this.rebuild();
  }

  /** False where no such announcement stands. */
  stopAnnouncement(id: string): boolean {
    const entries = [...this.#announcements.values()].filter(
      (held) => held.announcement.id === id && held.ended === null,
    );
    for (const entry of entries) entry.ended = refusal("policy", "stopped by command");
    if (entries.length > 0) this.rebuild();
    return entries.length > 0;
  }

  /** It played or was refused: nothing remembers it but the journal. */
  forgetAnnouncement(key: string): void {
    const issuerAndId = key.replace(/^announcement /, "");
    if (this.#announcements.delete(issuerAndId)) this.rebuild();
  }

  /** Takes effect at once, also where it cannot be written: a full disk must not keep an officer from silencing a false alert. */
  async #control(note: string, value: unknown, kind: string, body: object): Promise<void> {
    const { store, clock } = this.#options;
    this.#controls.set(note, value);
    this.rebuild();
    await store.transaction(async (tx) => {
      await store.notes.set(tx, note, value);
      await store.journal.append(tx, clock.now(), kind, body, "alarm");
    });
  }

  #noted(note: string): unknown {
    return this.#controls.has(note) ? this.#controls.get(note) : this.#options.store.notes.get(note);
  }

  #stopped(): readonly string[] {
    const noted = this.#noted("emergency-stopped");
    return Array.isArray(noted) ? noted.map(String) : [];
  }

  #emergencies(): HeldEmergency[] {
    const { admission, clock } = this.#options;
    const monotonic = clock.monotonic();
    const heldFor = (identifier: string) => {
      const since = this.#heldSince.get(identifier) ?? monotonic;
      this.#heldSince.set(identifier, since);
      return monotonic - since;
    };
    const time = { now: clock.now(), trust: clock.trust(), heldFor };
    return heldEmergencies(alertsOf(admission.documents), new Set(this.#stopped()), time);
  }

  #manual(): HeldAnnouncement[] {
    const monotonic = this.#options.clock.monotonic();
    return [...this.#announcements.values()].map(({ announcement, since, ended }) => ({
      announcement,
      ended:
        ended ?? (monotonic - since > announcement.longestMs ? refusal("expired", "its longest run is over") : null),
    }));
  }

  #build(): Facts {
    const { admission, chain, zone, output, limits, configuration } = this.#options;
    const { documents } = admission;
    const policy = policyOf(configuration(), limits);
    const volume = this.#noted("volume");
    return {
      zone,
      outputs: [output],
      programmes: programmesOf(documents, chain),
      approved: approvedOf(documents, chain),
      live: livePinsOf(documents, chain),
      suspensions: suspensionsOf(documents),
      emergencies: this.#emergencies(),
      announcements: this.#manual(),
      policy: typeof volume === "number" ? { ...policy, volume } : policy,
      muted: this.#noted("muted") === true,
    };
  }
}

/** Which manual things stand and which are over, as one comparable text. */
function endings(facts: Pick<Facts, "emergencies" | "announcements">): string {
  return JSON.stringify([
    facts.emergencies.map(({ emergency, ended }) => [emergency.identifier, ended?.detail]),
    facts.announcements.map(({ announcement, ended }) => [announcement.id, ended?.detail]),
  ]);
}
