/** Suspensions stand above all schedules: they silence a class on given dates, or put something else in its place. Pure. */
import type { Facts, SuspensionPeriod } from "../model/facts.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import type { Programme } from "../model/schedule.ts";
import type { Instant } from "../model/units.ts";
import { dateAt } from "./zone.ts";

/**
 * The period that covers a slot of this programme, by the local date on which it starts. Where several do, one that silences wins over one
 * that replaces: what a mourning forbids no other word may fill.
 */
export function suspensionAt(programme: Programme, start: Instant, facts: Facts): SuspensionPeriod | null {
  const date = dateAt(start, facts.zone);
  const covering = facts.suspensions.filter(
    (period) => period.from <= date && date <= period.until && period.classes.includes(programme.class),
  );
  return covering.find(({ replaceBy }) => replaceBy.length === 0) ?? covering[0] ?? null;
}

/** The programme with a period's items in place of its own, played once; `null` where the period only silences. */
export function replacement(programme: Programme, period: SuspensionPeriod): Programme | null {
  if (period.replaceBy.length === 0) return null;
  const { chime: _, ...rest } = programme;
  return { ...rest, items: period.replaceBy, loop: false, repeats: { count: 1, gapMs: 0 } };
}

/** Why a period that only silences refuses a slot. */
export function suspended(period: SuspensionPeriod): Refusal {
  return refusal("suspended", `suspended by ${period.id}: ${period.reason}`);
}
