/**
 * How far the station may believe its wall clock, and what each belief allows. The table is the law; it is tested cell by cell.
 */
import type { Precedence } from "./bulletin.ts";

/** `unknown` before any floor; `floor` only a lower bound; `held` by a good RTC, NTP or a technician; `attested` by signed time. */
export const CLOCK_TRUSTS = ["unknown", "floor", "held", "attested"] as const;
export type ClockTrust = (typeof CLOCK_TRUSTS)[number];

const PLAYS: Record<ClockTrust, readonly Precedence[]> = {
  unknown: ["emergency", "live"],
  floor: ["emergency", "live"],
  held: ["emergency", "live", "priority", "normal", "filler"],
  attested: ["emergency", "live", "priority", "normal", "filler"],
};

/** Whether the wall clock says what time it is: schedules, ends and ages are judged by it then. */
export function isTrusted(trust: ClockTrust): boolean {
  return trust === "held" || trust === "attested";
}

/** Whether something of this right may sound while the clock is trusted this far. */
export function clockAllows(trust: ClockTrust, precedence: Precedence): boolean {
  return PLAYS[trust].includes(precedence);
}
