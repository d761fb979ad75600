/** The one file that knows the recurrence library (RFC 5545). */
import "temporal-polyfill/global";
import { RRuleTemporal } from "rrule-temporal";
import type { LocalDateTime, Recurrence } from "../model/schedule.ts";
import type { Instant } from "../model/units.ts";

type RuleRecurrence = Extract<Recurrence, { kind: "rrule" }>;

const basic = (local: LocalDateTime) => local.replaceAll(/[-:]/g, "").slice(0, 15);

function build(recurrence: RuleRecurrence, zone: string): RRuleTemporal {
  const dates = (name: string, list: readonly LocalDateTime[] | undefined) =>
    list === undefined || list.length === 0 ? [] : [`${name};TZID=${zone}:${list.map(basic).join(",")}`];
  return new RRuleTemporal({
    rruleString: [
      `DTSTART;TZID=${zone}:${basic(recurrence.dtstart)}`,
      `RRULE:${recurrence.rrule}`,
      ...dates("EXDATE", recurrence.exdates),
      ...dates("RDATE", recurrence.rdates),
    ].join("\n"),
    maxIterations: 10_000,
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

/** Why a rule may not be adopted, or `null`. A rule that never matches would cost 0.2 s at every question. */
export function probeRule(recurrence: Recurrence, zone: string): string | null {
  if (recurrence.kind !== "rrule") return null;
  if (/FREQ=(SECONDLY|MINUTELY)/i.test(recurrence.rrule)) return "a rule may not repeat more often than hourly";
  try {
    return build(recurrence, zone).next(new Date(0), true) === null ? "the rule never matches" : null;
  } catch (error) {
    return `the rule cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}
