/** What is due when: a pure answer for any stretch of time, from rules that are never expanded in storage. */
import type { Facts } from "../model/facts.ts";
import type { Item, Programme } from "../model/schedule.ts";
import { DAY, type Instant, type Millis, SECOND } from "../model/units.ts";
import { ruleStarts } from "./rrule.ts";
import { spansAt } from "./spans.ts";
import { replacement, suspensionAt } from "./suspension.ts";
import { addDays, dateAt, instantOf, weekdayOf } from "./zone.ts";

/** One occurrence of a programme: the unit that is played at most once. */
export interface Slot {
  /** `level:programme id@planned instant`; identifiers are unique within a level only. */
  readonly key: string;
  /** With the items that really play: under a suspension that replaces, those of the suspension. */
  readonly programme: Programme;
  /** The suspension whose items stand in place of the programme's own. */
  readonly replacedBy: string | null;
  /** As its schedule says. */
  readonly plannedAt: Instant;
  /** When it is due here: the plan, put off by the stagger of the output. */
  readonly start: Instant;
  /** End of the window, or of the last item as announced. */
  readonly end: Instant;
  /** After this instant it no longer starts. */
  readonly latestStart: Instant;
}

/** How late a `cut-in` may still be: long enough for a slow preparation, too short to be called late. */
const CUT_IN_GRACE: Millis = 5 * SECOND;
/** Assumed: Vietnamese read aloud is about 12 characters a second. */
const SPOKEN_CHARACTER: Millis = 80;
/** No slot is longer: windows end within a day, and item lists are cut there. */
export const LONGEST_SLOT: Millis = DAY;

export function itemLength(item: Item, approved: Facts["approved"]): Millis {
  switch (item.kind) {
    case "media":
      return approved.get(item.sha256)?.durationMs ?? 0;
    case "silence":
    case "tone":
      return item.durationMs;
    case "live":
    case "microphone":
      return item.longestMs;
    case "text":
      return item.text.length * SPOKEN_CHARACTER;
  }
}

function length(programme: Programme, approved: Facts["approved"]): Millis {
  const chime = programme.chime === undefined ? 0 : (approved.get(programme.chime)?.durationMs ?? 0);
  const round = programme.items.reduce((sum, item) => sum + itemLength(item, approved), 0);
  const { count, gapMs } = programme.repeats;
  return Math.min(chime + round * count + gapMs * (count - 1), LONGEST_SLOT);
}

function starts(programme: Programme, zone: string, from: Instant, to: Instant): Instant[] {
  const { recurrence } = programme;
  if (recurrence.kind === "rrule") return ruleStarts(recurrence, zone, from, to);
  const found: Instant[] = [];
  const last = dateAt(to, zone);
  for (let date = dateAt(from, zone); date <= last; date = addDays(date, 1)) {
    const matches =
      recurrence.kind === "once"
        ? recurrence.date === date
        : recurrence.weekdays.includes(weekdayOf(date)) &&
          (recurrence.from === undefined || recurrence.from <= date) &&
          (recurrence.until === undefined || date <= recurrence.until) &&
          !recurrence.except?.includes(date);
    if (!matches) continue;
    const start = instantOf(date, programme.start, zone);
    if (start >= from && start <= to) found.push(start);
  }
  return found;
}

/** Under which name a programme's occurrence is known for ever. */
export function slotKey(programme: Pick<Programme, "level" | "id">, start: Instant): string {
  return `${programme.level}:${programme.id}@${new Date(start).toISOString()}`;
}

function slotOf(original: Programme, plannedAt: Instant, facts: Facts): Slot {
  const { zone, staggerMs = 0 } = facts;
  const start = plannedAt + staggerMs;
  const period = suspensionAt(original, plannedAt, facts);
  const replaced = period === null ? null : replacement(original, period);
  const programme = replaced ?? original;
  let end = start + length(programme, facts.approved);
  if (programme.end !== undefined) {
    const date = dateAt(plannedAt, zone);
    const sameDay = instantOf(date, programme.end, zone);
    end = staggerMs + (sameDay > plannedAt ? sameDay : instantOf(addDays(date, 1), programme.end, zone));
  }
  const { lateness } = programme;
  const waited = lateness.word === "wait" ? start + lateness.upToMs : start;
  // Who has waited long enough takes the output then: that too needs its moment.
  const byWord = {
    "cut-in": start + CUT_IN_GRACE,
    "play-next": Math.max(end, start + CUT_IN_GRACE),
    wait: waited + CUT_IN_GRACE,
  };
  const latestStart = byWord[lateness.word];
  const replacedBy = replaced === null ? null : (period?.id ?? null);
  return { key: slotKey(programme, plannedAt), programme, replacedBy, plannedAt, start, end, latestStart };
}

/** Slots that touch [from, to]: running at `from`, or starting inside; in order of start, then id. A suspension that silences leaves its slots here: deciding says why they do not play. */
export function agenda(facts: Facts, from: Instant, to: Instant): Slot[] {
  const slots: Slot[] = [];
  const { staggerMs = 0 } = facts;
  for (const programme of facts.programmes) {
    for (const planned of starts(programme, facts.zone, from - staggerMs - LONGEST_SLOT, to - staggerMs)) {
      if (programme.stopAfter !== undefined && planned > programme.stopAfter) continue;
      const slot = slotOf(programme, planned, facts);
      if (slot.start >= from || slot.end > from || slot.latestStart >= from) slots.push(slot);
    }
  }
  return slots.sort((a, b) => a.start - b.start || (a.programme.id < b.programme.id ? -1 : 1));
}

/** True inside quiet hours, with the instant they end; else the instant the next ones begin (`null`: there are none). */
export function quietAt(facts: Facts, at: Instant): { quiet: boolean; until: Instant | null } {
  const { inside, until } = spansAt(facts.policy.quietHours, facts.zone, at);
  return { quiet: inside, until };
}
