/** Whether the horns have something else to do than to be tested: who is on air, on whichever output, would be heard or cut off. Pure. */
import type { Facts } from "../../playback/model/facts.ts";
import { type Instant, type Millis, SECOND } from "../../playback/model/units.ts";
import type { Output } from "./output.ts";

/** Nothing may be due for so long. */
const FREE: Millis = 30 * SECOND;

/** Why the station cannot be tested now, or `null`. */
export function busyOf(
  { emergencies }: Pick<Facts, "emergencies">,
  outputs: readonly Pick<Output, "name" | "conductor">[],
  now: Instant,
): string | null {
  if (emergencies.some(({ ended }) => ended === null)) return "an emergency stands";
  for (const { name, conductor } of outputs) {
    const taken = conductor.onAir() ?? conductor.over() ?? conductor.decision?.holder ?? null;
    if (taken !== null) return `${name} is on air`;
    const next = conductor.decision?.upcoming[0]?.header.plannedAt ?? Number.POSITIVE_INFINITY;
    if (next - now < FREE) return `${name} is on air within ${FREE / 1_000} s`;
  }
  return null;
}
