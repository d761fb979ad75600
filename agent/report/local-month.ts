/** A calendar month in the station's zone, as instants and local days. Pure. */
import { addDays, dateAt, instantOf } from "../../playback/agenda/zone.ts";
import type { LocalDate } from "../../playback/model/schedule.ts";
import type { Instant } from "../../playback/model/units.ts";

export interface LocalMonth {
  /** `YYYY-MM`. */
  readonly name: string;
  readonly zone: string;
  /** Its first instant, and the first that is no longer in it. */
  readonly from: Instant;
  readonly to: Instant;
  readonly days: readonly LocalDate[];
}

/** `null` where the text is no month from 2020 to 2199. */
export function localMonth(name: string, zone: string): LocalMonth | null {
  if (!/^(20[2-9]\d|21\d\d)-(0[1-9]|1[0-2])$/.test(name)) return null;
  const days: LocalDate[] = [];
  for (let day = `${name}-01`; day.startsWith(name); day = addDays(day, 1)) days.push(day);
  const after = addDays(days.at(-1) ?? name, 1);
  return { name, zone, from: instantOf(`${name}-01`, "00:00", zone), to: instantOf(after, "00:00", zone), days };
}

/** The last month that is over. */
export function lastMonth(now: Instant, zone: string): string {
  return addDays(`${dateAt(now, zone).slice(0, 7)}-01`, -1).slice(0, 7);
}
