/** How loud an output is at an instant: the policy's volume, and inside it what holds for its zone and this time of day. Pure. */
import type { Policy, VolumePeriod } from "../model/policy.ts";
import type { Instant } from "../model/units.ts";
import { isFor } from "./for-output.ts";
import { spansAt } from "./spans.ts";

/** The periods that hold for an output now, of each kind the last one that was named; `null` where none does. */
export function periodsAt(
  { volumePeriods }: Pick<Policy, "volumePeriods">,
  output: string,
  zone: string,
  now: Instant,
): { readonly ordinary: VolumePeriod | null; readonly emergency: VolumePeriod | null } {
  const holding = volumePeriods.filter(
    (period) => isFor(period.outputs, output) && spansAt([period], zone, now).inside,
  );
  return {
    ordinary: holding.findLast(({ emergency }) => !emergency) ?? null,
    emergency: holding.findLast(({ emergency }) => emergency) ?? null,
  };
}

/**
 * The policy as it is for one output now. In a period its volume is also the ceiling, for programmes that name a volume of their own; an
 * emergency has periods of its own and is not touched by the others. Nothing passes the ceiling of the installation.
 */
export function policyAt(policy: Policy, output: string, zone: string, now: Instant): Policy {
  const { ordinary, emergency } = periodsAt(policy, output, zone, now);
  return {
    ...policy,
    volume: Math.min(ordinary?.volume ?? policy.volume, policy.volumeCeiling),
    volumeCeiling: Math.min(policy.volumeCeiling, ordinary?.volume ?? 100),
    emergencyVolume: emergency?.volume ?? policy.emergencyVolume,
  };
}
