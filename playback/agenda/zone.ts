/**
 * Local time in the station's zone, both ways. All schedule arithmetic goes through here, because mixing a local weekday
 * with a UTC time of day puts 00:00–07:00 on the wrong day.
 */
import { type LocalDate, type LocalTime, WEEKDAYS, type Weekday } from "../model/schedule.ts";
import { DAY, type Instant, MINUTE, type Millis } from "../model/units.ts";

/** A memo of pure answers, not state: dropping it changes nothing but speed. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let made = formats.get(zone);
  if (made === undefined) {
    made = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(zone, made);
  }
  return made;
}

/** Offsets change on whole quarters of an hour only, so one look-up serves fifteen minutes. */
const QUARTER = 15 * MINUTE;
const offsets = new Map<string, Millis>();
const MAX_OFFSETS = 20_000;

/** Local minus UTC at that instant. */
export function offsetAt(at: Instant, zone: string): Millis {
  const quarter = Math.floor(at / QUARTER) * QUARTER;
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const parts = format(zone).formatToParts(quarter);
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const local = Date.UTC(
    number("year"),
    number("month") - 1,
    number("day"),
    number("hour"),
    number("minute"),
    number("second"),
  );
  const offset = local - quarter;
  if (offsets.size >= MAX_OFFSETS) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

/** The local calendar date of an instant. */
export function dateAt(at: Instant, zone: string): LocalDate {
  return new Date(at + offsetAt(at, zone)).toISOString().slice(0, 10);
}

/** `HH:MM:SS` of an instant, local. */
export function timeAt(at: Instant, zone: string): LocalTime {
  return new Date(at + offsetAt(at, zone)).toISOString().slice(11, 19);
}

/**
 * The instant of a local date and time. A time that a change of offset skips is moved forward by the gap;
 * one that happens twice means the first.
 */
export function instantOf(date: LocalDate, time: LocalTime, zone: string): Instant {
  const asUtc = Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}Z`);
  const before = asUtc - offsetAt(asUtc - DAY, zone);
  if (offsetAt(before, zone) === asUtc - before) return before;
  const after = asUtc - offsetAt(asUtc + DAY, zone);
  return offsetAt(after, zone) === asUtc - after ? after : before;
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

export function weekdayOf(date: LocalDate): Weekday {
  const sundayFirst = new Date(`${date}T00:00:00Z`).getUTCDay();
  // `% 7` keeps the index inside the tuple, Monday being 0.
  return WEEKDAYS[(sundayFirst + 6) % 7] ?? "MO";
}
