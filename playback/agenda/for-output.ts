/** What one output of the cluster is asked for: the others' programmes and alerts are none of its business. Pure. */
import type { Facts } from "../model/facts.ts";

/** Whether something for these outputs is for this one; no name at all means every output. */
export function isFor(outputs: readonly string[], output: string): boolean {
  return outputs.length === 0 || outputs.includes(output);
}

/** The same facts, with only what `output` may be asked to play. */
export function factsFor(facts: Facts, output: string): Facts {
  return {
    ...facts,
    outputs: [output],
    programmes: facts.programmes.filter(({ outputs }) => isFor(outputs, output)),
    emergencies: facts.emergencies.filter(({ emergency }) => isFor(emergency.outputs, output)),
    announcements: facts.announcements.filter(({ announcement }) => isFor(announcement.outputs, output)),
  };
}
