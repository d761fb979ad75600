/** Who comes before whom on an output, and who may take it from whom. Pure. */
import { outranks, PRECEDENCES } from "../model/bulletin.ts";
import type { Instant } from "../model/units.ts";
import type { Candidate } from "./candidate.ts";

/** How the running one leaves: at once, with its item, or with the round of an alert. */
export type Displacement = "now" | "at-item-end" | "at-round-end";

const rank = (candidate: Candidate) => PRECEDENCES.indexOf(candidate.header.precedence);

/**
 * Total order on an output; smaller comes first. Inside one right: of alerts the one that was heard less, then the graver; then the commune's
 * order, the earlier start, then id.
 */
export function compare(a: Candidate, b: Candidate, level: (candidate: Candidate) => number): number {
  return (
    rank(b) - rank(a) ||
    a.turns - b.turns ||
    a.gravity - b.gravity ||
    a.order - b.order ||
    a.header.plannedAt - b.header.plannedAt ||
    level(a) - level(b) ||
    (a.header.key < b.header.key ? -1 : 1)
  );
}

/** Whether a due candidate may displace the running one, and how. `begun`: it sounded before, and had to make place. */
export function claim(challenger: Candidate, running: Candidate, now: Instant, begun: boolean): Displacement | null {
  const greater = outranks(challenger.header.precedence, running.header.precedence);
  // Two alerts are both heard, round by round; one that is graver and was not heard yet does not wait for the round.
  if (challenger.header.precedence === "emergency" && running.header.precedence === "emergency") {
    return challenger.turns === 0 && challenger.gravity < running.gravity ? "now" : "at-round-end";
  }
  // An alert or an announcement takes the output from what is less; announcements follow one another.
  const manual = challenger.header.precedence === "emergency" || challenger.header.precedence === "live";
  if (manual) return greater ? "now" : null;
  if (!greater && rank(challenger) !== rank(running)) return null;
  // Who made place for an equal waits for its end, else the two would take the output from each other without end.
  if (!greater && begun) return null;
  const { lateness } = challenger;
  if (lateness.word === "cut-in" && now <= challenger.latestStart) return "now";
  if (lateness.word === "wait" && now >= challenger.start + lateness.upToMs) return "now";
  return greater ? "at-item-end" : null;
}
