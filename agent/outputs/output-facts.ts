/** What of the facts one output sees now. Pure but for the clock that it is given. */
import { factsFor } from "../../playback/agenda/for-output.ts";
import { policyAt } from "../../playback/agenda/volume.ts";
import { clockAllows } from "../../playback/model/clock-trust.ts";
import type { Facts } from "../../playback/model/facts.ts";
import type { Clock } from "../../playback/ports/clock.ts";

/** What is for it, with the volume that holds here and now; a time of day that nobody can tell changes nothing. */
export function factsNow(facts: Facts, output: string, clock: Clock): Facts {
  const mine = factsFor(facts, output);
  if (!clockAllows(clock.trust(), "normal")) return mine;
  return { ...mine, policy: policyAt(facts.policy, output, facts.zone, clock.now()) };
}
