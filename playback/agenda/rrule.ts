/** The one file that knows the recurrence library (RFC 5545). */
import { messageOf } from "../model/station-error.ts";
import "temporal-polyfill/global";
import { RRuleTemporal } from "rrule-temporal";
import type { LocalDateTime, Recurrence } from "../model/schedule.ts";
import { DAY, type Instant } from "../model/units.ts";

type RuleRecurrence = Extract<Recurrence, { kind: "rrule" }>;

const basic = (local: LocalDateTime) => local.replaceAll(/[-:]/g, "").slice(0, 15);

/** A century of days: a rule with a COUNT is followed from its first occurrence. */
const MOST_PERIODS = 40_000;

function build(recurrence: RuleRecurrence, zone: string, maxIterations = MOST_PERIODS): RRuleTemporal {
  const dates = (name: string, list: readonly LocalDateTime[] | undefined) =>
    list === undefined || list.length === 0 ? [] : [`${name};TZID=${zone}:${list.map(basic).join(",")}`];
  return new RRuleTemporal({
    rruleString: [
      `DTSTART;TZID=${zone}:${basic(recurrence.dtstart)}`,
      `RRULE:${recurrence.rrule}`,
      ...dates("EXDATE", recurrence.exdates),
      ...dates("RDATE", recurrence.rdates),
    ].join("\n"),
    maxIterations,
  });
}

/** Building a rule costs more than asking it; documents live long, so each rule is built once. */
const built = new WeakMap<RuleRecurrence, { zone: string; rule: RRuleTemporal }>();

/**
 * Starts in [from, to].
 * @throws Error where the rule cannot be understood or never matches; `probeRule` finds that at the door.
 */
export function ruleStarts(recurrence: RuleRecurrence, zone: string, from: Instant, to: Instant): Instant[] {
  let entry = built.get(recurrence);
  if (entry === undefined || entry.zone !== zone) {
    entry = { zone, rule: build(recurrence, zone) };
    built.set(recurrence, entry);
  }
  return entry.rule.between(new Date(from), new Date(to), true).map((start) => start.epochMilliseconds);
}

/** The parts of a rule, by upper-case name. */
function partsOf(rrule: string): ReadonlyMap<string, string> {
  return new Map(
    rrule
      .toUpperCase()
      .split(";")
      .map((part) => {
        const [name = "", value = ""] = part.split("=");
        return [name, value] as const;
      }),
  );
}

/**
 * Combinations that RFC 5545 leaves open or that the library and other calendars read differently; a source and its stations could disagree
 * about the hour, so they are refused. Each was found by comparing with python3-dateutil.
 */
function ambiguity(parts: ReadonlyMap<string, string>): string | null {
  const has = (name: string) => parts.has(name);
  const freq = parts.get("FREQ");
  // Is the first week counted whole or from DTSTART? They differ.
  if (freq === "WEEKLY" && has("BYSETPOS")) return "BYSETPOS does not go with WEEKLY: name the days";
  if (freq === "HOURLY" && (has("BYSETPOS") || has("BYYEARDAY")))
    return "HOURLY does not go with BYSETPOS or BYYEARDAY";
  if (freq !== "YEARLY") return null;
  if (has("BYWEEKNO") && !has("BYDAY")) return "BYWEEKNO needs BYDAY: say which days of the week";
  if (has("BYWEEKNO") && (has("BYMONTHDAY") || has("BYYEARDAY"))) {
    return "BYWEEKNO does not go with BYMONTHDAY or BYYEARDAY";
  }
  const weeks = (parts.get("BYWEEKNO") ?? "").split(",").map((week) => Math.abs(Number(week)));
  if (weeks.some((week) => week === 1 || week > 51))
    return "weeks 1, 52 and 53 reach into another year: name the dates";
  if (has("BYYEARDAY") && (has("BYMONTHDAY") || has("BYDAY"))) return "BYYEARDAY does not go with BYMONTHDAY or BYDAY";
  const numbered = /\d/.test(parts.get("BYDAY") ?? "");
  return numbered && has("BYMONTHDAY") ? "numbered BYDAY does not go with BYMONTHDAY" : null;
}

/** A rule must be answerable for this long after its first occurrence; nobody will ask later. */
const FAR = 50 * 366 * DAY;

/** Periods in which a rule must match at least once; the rarest that a commune can mean is a 29 February on a given weekday. */
const LONGEST_SEARCH: Readonly<Record<string, number>> = {
  YEARLY: 60,
  MONTHLY: 720,
  WEEKLY: 600,
  DAILY: 4_000,
  HOURLY: 10_000,
};

/**
 * Why a rule may not be adopted, or `null`. A rule that never matches would cost 0.2 s at every question, and hundreds of them in one
 * document would hold up the station: the search is bounded.
 */
export function probeRule(recurrence: Recurrence, zone: string): string | null {
  if (recurrence.kind !== "rrule") return null;
  if (!/^[A-Z0-9=;,+-]+$/i.test(recurrence.rrule)) return "the rule holds signs that no rule has";
  const parts = partsOf(recurrence.rrule);
  const freq = parts.get("FREQ") ?? "";
  if (freq === "SECONDLY" || freq === "MINUTELY") return "a rule may not repeat more often than hourly";
  const open = ambiguity(parts);
  if (open !== null) return `the rule is ambiguous: ${open}`;
  try {
    const first = build(recurrence, zone, LONGEST_SEARCH[freq]).next(new Date(0), true);
    if (first === null) return "the rule never matches";
    // What would throw in decades throws now: the playing loop must never meet it.
    const far = first.epochMilliseconds + FAR;
    build(recurrence, zone).between(new Date(far), new Date(far + DAY), true);
    return null;
  } catch (error) {
    const message = messageOf(error);
    return message.startsWith("Maximum iterations") ? "the rule never matches" : `the rule cannot be used: ${message}`;
  }
}
