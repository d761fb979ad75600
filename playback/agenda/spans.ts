/** Spans of local time that return every day: quiet hours, the hours in which a signer may be heard. Pure. */
import type { LocalTime } from "../model/schedule.ts";
import type { Instant } from "../model/units.ts";
import { addDays, dateAt, instantOf } from "./zone.ts";

export interface Span {
  readonly from: LocalTime;
  /** Before or equal to `from` means on the next day. */
  readonly to: LocalTime;
}

/** Whether an instant lies in one of the spans, and when that may change; `until` is `null` where there are no spans. */
export function spansAt(spans: readonly Span[], zone: string, at: Instant): { inside: boolean; until: Instant | null } {
  let next: Instant | null = null;
  const today = dateAt(at, zone);
  for (const { from, to } of spans) {
    for (const date of [addDays(today, -1), today, addDays(today, 1)]) {
      const begins = instantOf(date, from, zone);
      const sameDay = instantOf(date, to, zone);
      const ends = sameDay > begins ? sameDay : instantOf(addDays(date, 1), to, zone);
      if (begins <= at && at < ends) return { inside: true, until: ends };
      if (begins > at && (next === null || begins < next)) next = begins;
    }
  }
  return { inside: false, until: next };
}
