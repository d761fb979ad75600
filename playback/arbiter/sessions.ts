/** What has sounded of each slot lately: the caps on how many slots sound on a day, and how long each, are counted from it. Pure. */
import { dateAt } from "../agenda/zone.ts";
import type { LocalDate } from "../model/schedule.ts";
import type { Instant, Millis, Sha256 } from "../model/units.ts";
import type { SlotHeader } from "../ports/play-log.ts";

/** A slot that has sounded. */
export interface Session {
  readonly key: string;
  readonly kind: SlotHeader["kind"];
  readonly plannedAt: Instant;
  readonly soundedMs: Millis;
  /** Of an alert: recordings that were heard to their end. */
  readonly whole?: readonly Sha256[];
}

/** By slot key. */
export type Sessions = ReadonlyMap<string, Session>;

export const NO_SESSIONS: Sessions = new Map();

/** Programmes' slots planned for that local date that have sounded; alerts and what people ask for by hand are not counted. */
export function sessionsOn(date: LocalDate, sessions: Sessions, zone: string): number {
  let count = 0;
  for (const { kind, plannedAt } of sessions.values()) {
    if (kind === "programme" && dateAt(plannedAt, zone) === date) count += 1;
  }
  return count;
}
