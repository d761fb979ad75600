/** When nothing ran here, or no broker was reached, as the journal tells. Pure. */
import type { JournalRecord } from "../../storage/journal.ts";
import type { LocalMonth } from "./local-month.ts";
import type { Outage } from "./report.ts";

/**
 * The part of an outage that lies in the month; `null` where none does. A `started` record ends one that began when the agent last said that
 * it was alive, a `link` record carries both its ends.
 */
export function outageOf(record: JournalRecord, month: LocalMonth): Outage | null {
  const { body, kind, at } = record;
  const begun = Date.parse(String(kind === "started" ? body.aliveAt : body.downAt));
  // A clock that stepped back in between tells nothing.
  if (Number.isNaN(begun) || begun > at) return null;
  const [from, to] = [Math.max(begun, month.from), Math.min(at, month.to)];
  if (from >= to) return null;
  return {
    kind: kind === "started" ? "agent" : "link",
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ms: to - from,
    uncertain: body.clock !== "held" && body.clock !== "attested",
  };
}
