/**
 * Why something may not sound at an instant, whatever else asks for the output: the device's own rules and the limits that go with a
 * signature. Pure.
 *
 * Invariant: an emergency passes every gate but the clock's and the limits of its own signer.
 */
import { quietAt, type Slot } from "../agenda/agenda.ts";
import { spansAt } from "../agenda/spans.ts";
import { suspended, suspensionAt } from "../agenda/suspension.ts";
import { dateAt } from "../agenda/zone.ts";
import { type ClockTrust, clockAllows } from "../model/clock-trust.ts";
import type { Facts } from "../model/facts.ts";
import { powerRefuses } from "../model/power.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import type { Instant, Millis } from "../model/units.ts";
import type { Candidate } from "./candidate.ts";
import { type Sessions, sessionsOn } from "./sessions.ts";

export interface Moment {
  readonly facts: Facts;
  readonly now: Instant;
  readonly trust: ClockTrust;
}

/** Why the clock or whoever signed it keeps it from being heard or seen now. */
export function unentitled({ header }: Candidate, { facts, trust, now }: Moment): Refusal | null {
  const { precedence, origin } = header;
  if (!clockAllows(trust, precedence)) {
    return refusal("clock-not-trusted", `the clock is only '${trust}': schedules wait until it is held or attested`);
  }
  // Hours are a matter of the wall clock; where it cannot be trusted a person at the desk is believed.
  const hours = clockAllows(trust, "normal") ? origin.limits?.hours : undefined;
  if (hours !== undefined && !spansAt(hours, facts.zone, now).inside) {
    return refusal("out-of-scope", `outside the hours in which '${origin.issuer}' may be heard`);
  }
  return null;
}

/** Why something of this kind may not sound now. */
export function blockedBy(candidate: Candidate, moment: Moment): Refusal | null {
  const { facts, trust, now } = moment;
  const { precedence } = candidate.header;
  const why = unentitled(candidate, moment);
  if (why !== null || precedence === "emergency") return why;
  if (facts.muted) return refusal("muted", "the station is muted");
  if (clockAllows(trust, "normal") && quietAt(facts, now).quiet) {
    return refusal("quiet-hours", "the device's quiet hours allow nothing but emergencies");
  }
  return facts.power === undefined ? null : powerRefuses(facts.power, precedence);
}

/** Why a slot may not sound on its day, or `null`: suspended without a replacement, or the day has had its sessions. */
export function forbiddenToday(slot: Slot, facts: Facts, sessions: Sessions): Refusal | null {
  const period = suspensionAt(slot.programme, slot.plannedAt, facts);
  if (period !== null && period.replaceBy.length === 0) return suspended(period);
  const { sessionsPerDay } = facts.policy;
  if (sessionsPerDay === null || sessions.has(slot.key)) return null;
  const had = sessionsOn(dateAt(slot.plannedAt, facts.zone), sessions, facts.zone);
  return had < sessionsPerDay ? null : refusal("session-limit", `the day has had its ${sessionsPerDay} session(s)`);
}

/** How long one candidate may sound in all, and the rule that says so; `null` is no limit. */
export function longestRun(candidate: Candidate, facts: Facts): { readonly ms: Millis; readonly why: Refusal } | null {
  const { kind, origin } = candidate.header;
  const signer = origin.limits?.longestMs;
  const session = kind === "programme" ? facts.policy.sessionLengthMs : null;
  if (session !== null && session <= (signer ?? Number.POSITIVE_INFINITY)) {
    return { ms: session, why: refusal("session-limit", `one session sounds at most ${session / 1_000} s`) };
  }
  if (signer === undefined) return null;
  return {
    ms: signer,
    why: refusal("out-of-scope", `'${origin.issuer}' may be heard for ${signer / 1_000} s at most`),
  };
}

export interface HolderEnd {
  readonly at: Instant;
  readonly why: "window" | "quiet-hours" | "signer-hours" | "longest-run";
}

/** The earliest instant at which a rule silences the holder, of which `soundedMs` were heard already. */
export function endOf(holder: Candidate, soundedMs: Millis, facts: Facts, now: Instant): HolderEnd | null {
  const ends: HolderEnd[] = [];
  const longest = longestRun(holder, facts);
  if (longest !== null) ends.push({ at: now + Math.max(0, longest.ms - soundedMs), why: "longest-run" });
  const hours = holder.header.origin.limits?.hours;
  const until = hours === undefined ? null : spansAt(hours, facts.zone, now).until;
  if (until !== null) ends.push({ at: until, why: "signer-hours" });
  if (holder.header.precedence !== "emergency") {
    if (holder.end !== null) ends.push({ at: holder.end, why: "window" });
    const quiet = quietAt(facts, now).until;
    if (quiet !== null) ends.push({ at: quiet, why: "quiet-hours" });
  }
  return ends.reduce<HolderEnd | null>((first, end) => (first === null || end.at < first.at ? end : first), null);
}
