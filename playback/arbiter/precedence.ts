/** Who comes before whom on an output, and who may take it from whom. Pure. */
import { outranks, PRECEDENCES } from "../model/bulletin.ts";
import type { Instant } from "../model/units.ts";
import type { Candidate } from "./candidate.ts";

const rank = (candidate: Candidate) => PRECEDENCES.indexOf(candidate.header.precedence);

/** Total order on an output; smaller comes first. Inside one right: the commune's order, the earlier start, then id. */
export function compare(a: Candidate, b: Candidate, level: (candidate: Candidate) => number): number {
  return (
    rank(b) - rank(a) ||
    a.order - b.order ||
    a.header.plannedAt - b.header.plannedAt ||
    level(a) - level(b) ||
    (a.header.key < b.header.key ? -1 : 1)
  );
}

/** Whether a due candidate may displace the running one, and how. */
export function claim(challenger: Candidate, running: Candidate, now: Instant): "now" | "at-item-end" | null {
  const greater = outranks(challenger.header.precedence, running.header.precedence);
  // An alert or an announcement takes the output from what is less; among themselves they follow one another.
  const manual = challenger.header.precedence === "emergency" || challenger.header.precedence === "live";
  if (manual) return greater ? "now" : null;
  if (!greater && rank(challenger) !== rank(running)) return null;
  const { lateness } = challenger;
  if (lateness.word === "cut-in" && now <= challenger.latestStart) return "now";
  if (lateness.word === "wait" && now >= challenger.start + lateness.upToMs) return "now";
  return greater ? "at-item-end" : null;
}
