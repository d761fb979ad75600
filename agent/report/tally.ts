/** Adds up one month, record by record; of a slot it keeps a line, of everything else counts. Pure. */

import { dateAt } from "../../playback/agenda/zone.ts";
import type { Level, Precedence } from "../../playback/model/bulletin.ts";
import { type Millis, SECOND } from "../../playback/model/units.ts";
import { SLOT_OUTCOMES, type SlotOutcome } from "../../playback/ports/play-log.ts";
import type { JournalRecord } from "../../storage/journal.ts";
import type { LocalMonth } from "./local-month.ts";
import { OUTAGE_KINDS, outageOf } from "./outages.ts";
import type { Aired, Day, EmergencyEntry, MonthReport, Outage, StatedLevel } from "./report.ts";
import { type AiredSlot, readSlot, together } from "./slot-record.ts";

/** Upper ends of the lateness bins; the first holds what began early by more than that. */
export const LATENESS_BINS: readonly (Millis | null)[] = [-20, 5, 20, 100, 500, 1_000, 5_000, 60_000, null];
const PUNCTUAL: Millis = 20;
const KEPT_EMERGENCIES = 500;
const KEPT_OUTAGES = 2_000;
/** Acts of a person at the board or the desk. */
const CONTROLS: readonly string[] = ["muted", "unmuted", "volume", "emergency-stop", "imported"];

const wire = (at: number) => new Date(at).toISOString();
const increase = <Key>(counts: Map<Key, number>, key: Key, by = 1) => counts.set(key, (counts.get(key) ?? 0) + by);

type Sums = Pick<
  MonthReport,
  | "aired"
  | "slots"
  | "punctuality"
  | "audible"
  | "emergencies"
  | "emergencyCount"
  | "outages"
  | "downMs"
  | "documents"
  | "controls"
> & { readonly unreadable: number };

export class Tally {
  readonly #month: LocalMonth;
  /** The level of each schedule ever adopted, by the digest of its document. */
  readonly #levels: ReadonlyMap<string, Level>;
  readonly #aired = new Map<string, Millis>();
  readonly #days = new Map<string, { slots: number; playedMs: Partial<Record<Precedence, Millis>> }>();
  readonly #outcomes = new Map<SlotOutcome, number>();
  readonly #reasons = new Map<string, number>();
  readonly #bins = new Map<Millis | null, number>();
  readonly #documents = { adopted: new Map<string, number>(), refused: new Map<string, number>(), withdrawn: 0 };
  readonly #controls = new Map<string, number>();
  /** By key, whatever the number of outputs that gave it. */
  readonly #slots = new Map<string, AiredSlot>();
  readonly #emergencies = new Map<string, EmergencyEntry>();
  readonly #outages: Outage[] = [];
  readonly #down: Record<Outage["kind"], Millis> = { agent: 0, link: 0, clock: 0 };
  readonly #sound = { playedMs: 0, audibleMs: 0, unmeasuredMs: 0 };
  readonly #starts = { started: 0, within20Ms: 0, within1S: 0 };
  #worst: MonthReport["punctuality"]["worst"] = null;
  #announcements = 0;
  #unreadable = 0;

  constructor(month: LocalMonth, levels: ReadonlyMap<string, Level>) {
    this.#month = month;
    this.#levels = levels;
  }

  /** Takes a record, from this month or after it: a slot counts for the day it was planned for, an outage for the time it took. */
  add(record: JournalRecord): void {
    const { from, to } = this.#month;
    const { kind } = record;
    if (kind === "slot") this.#slot(record);
    else if (OUTAGE_KINDS.some((one) => one === kind)) this.#outage(record);
    else if (record.at >= from && record.at < to) this.#event(record);
  }

  #event({ kind, body }: JournalRecord): void {
    if (kind === "adopted") increase(this.#documents.adopted, String(body.kind));
    else if (kind === "refused") increase(this.#documents.refused, String(body.reason));
    else if (kind === "withdrawn") this.#documents.withdrawn += 1;
    else if (CONTROLS.includes(kind)) increase(this.#controls, kind);
  }

  #slot(record: JournalRecord): void {
    const slot = readSlot(record);
    if (slot === null) {
      this.#unreadable += 1;
      return;
    }
    if (slot === "self-test" || slot.plannedAt < this.#month.from || slot.plannedAt >= this.#month.to) return;
    const other = this.#slots.get(slot.key);
    this.#slots.set(slot.key, other === undefined ? slot : together(other, slot));
  }

  #counted(slot: AiredSlot): void {
    const level: StatedLevel = slot.level ?? this.#levels.get(slot.documentSha256) ?? "unstated";
    if (slot.playedMs > 0) increase(this.#aired, `${slot.class} ${level}`, slot.playedMs);
    const date = dateAt(slot.plannedAt, this.#month.zone);
    const day = this.#days.get(date) ?? { slots: 0, playedMs: {} };
    day.playedMs[slot.class] = (day.playedMs[slot.class] ?? 0) + slot.playedMs;
    this.#sound.playedMs += slot.playedMs;
    this.#sound.audibleMs += slot.audibleMs;
    this.#sound.unmeasuredMs += slot.unmeasuredMs;
    if (slot.kind === "programme") {
      day.slots += 1;
      this.#programme(slot);
    } else if (slot.kind === "emergency") this.#emergency(slot);
    else this.#announcements += 1;
    this.#days.set(date, day);
  }

  #programme(slot: AiredSlot): void {
    increase(this.#outcomes, slot.outcome);
    if (slot.outcome !== "played") increase(this.#reasons, `${slot.outcome} ${slot.reason ?? "unstated"}`);
    const { lateMs } = slot;
    if (lateMs === null) return;
    this.#starts.started += 1;
    if (Math.abs(lateMs) <= PUNCTUAL) this.#starts.within20Ms += 1;
    if (Math.abs(lateMs) <= SECOND) this.#starts.within1S += 1;
    increase(this.#bins, LATENESS_BINS.find((upTo) => upTo === null || lateMs <= upTo) ?? null);
    if (this.#worst === null || lateMs > this.#worst.lateMs) {
      this.#worst = { title: slot.title, plannedAt: wire(slot.plannedAt), lateMs };
    }
  }

  #emergency(slot: AiredSlot): void {
    const before = this.#emergencies.get(slot.id);
    if (before !== undefined) {
      // The round that it owed for a late recording.
      this.#emergencies.set(slot.id, { ...before, audibleMs: before.audibleMs + slot.audibleMs });
      return;
    }
    this.#emergencies.set(slot.id, {
      identifier: slot.id,
      headline: slot.title,
      sent: wire(slot.plannedAt),
      adoptedAt: wire(slot.adoptedAt),
      startedAt: slot.startedAt === null ? null : wire(slot.startedAt),
      timeToAirMs: slot.startedAt === null ? null : slot.startedAt - slot.adoptedAt,
      outcome: slot.outcome,
      reason: slot.reason,
      audibleMs: slot.audibleMs,
    });
  }

  #outage(record: JournalRecord): void {
    const outage = outageOf(record, this.#month);
    if (outage === null) return;
    this.#down[outage.kind] += outage.ms;
    if (this.#outages.length < KEPT_OUTAGES) this.#outages.push(outage);
  }

  /** Once. */
  sums(): Sums {
    for (const slot of this.#slots.values()) this.#counted(slot);
    const { playedMs, audibleMs, unmeasuredMs } = this.#sound;
    const measured = playedMs - unmeasuredMs;
    return {
      aired: { playedMs, byClassAndLevel: this.#byClassAndLevel(), days: this.#allDays() },
      slots: {
        planned: [...this.#outcomes.values()].reduce((sum, one) => sum + one, 0),
        outcomes: Object.fromEntries(
          SLOT_OUTCOMES.map((outcome) => [outcome, this.#outcomes.get(outcome) ?? 0]),
        ) as Record<SlotOutcome, number>,
        reasons: [...this.#reasons]
          .map(([key, count]) => {
            const [outcome = "failed", reason = "unstated"] = key.split(" ");
            return { outcome: outcome as SlotOutcome, reason, count };
          })
          .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
        announcements: this.#announcements,
      },
      punctuality: {
        ...this.#starts,
        bins: LATENESS_BINS.map((upToMs) => ({ upToMs, count: this.#bins.get(upToMs) ?? 0 })),
        worst: this.#worst,
      },
      audible: { playedMs, audibleMs, unmeasuredMs, share: measured > 0 ? Math.min(1, audibleMs / measured) : null },
      emergencies: [...this.#emergencies.values()].slice(0, KEPT_EMERGENCIES),
      emergencyCount: this.#emergencies.size,
      outages: this.#outages,
      downMs: this.#down,
      documents: {
        adopted: Object.fromEntries(this.#documents.adopted),
        refused: Object.fromEntries(this.#documents.refused),
        withdrawn: this.#documents.withdrawn,
      },
      controls: Object.fromEntries(this.#controls),
      unreadable: this.#unreadable,
    };
  }

  #byClassAndLevel(): Aired[] {
    return [...this.#aired]
      .map(([key, playedMs]) => {
        const [name, level] = key.split(" ");
        return { class: name as Precedence, level: level as StatedLevel, playedMs };
      })
      .sort((a, b) => b.playedMs - a.playedMs);
  }

  #allDays(): Day[] {
    return this.#month.days.map((date) => ({ date, ...(this.#days.get(date) ?? { slots: 0, playedMs: {} }) }));
  }
}
