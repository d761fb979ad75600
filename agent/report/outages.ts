/** When nothing ran here, no broker was reached, or schedules waited for the time, as the journal tells. Pure. */
import { type ClockTrust, isTrusted } from "../../playback/model/clock-trust.ts";
import type { Instant } from "../../playback/model/units.ts";
import type { JournalRecord } from "../../storage/journal.ts";
import type { LocalMonth } from "./local-month.ts";
import type { Outage } from "./report.ts";

/** Records that tell of an outage; they come when it is over. */
export const OUTAGE_KINDS = ["started", "link", "clock"] as const;

/** Its kind and both its ends; not a number where the record tells of none. */
function spanOf({ kind, body, at }: JournalRecord): Pick<Outage, "kind"> & { from: Instant; to: Instant } {
  if (kind === "started") return { kind: "agent", from: Date.parse(String(body.aliveAt)), to: at };
  if (kind === "link") return { kind: "link", from: Date.parse(String(body.downAt)), to: at };
  const to = Date.parse(String(body.since));
  return { kind: "clock", from: typeof body.blindMs === "number" ? to - body.blindMs : Number.NaN, to };
}

/** The part of an outage that lies in the month; `null` where none does. */
export function outageOf(record: JournalRecord, month: LocalMonth): Outage | null {
  const span = spanOf(record);
  const [from, to] = [Math.max(span.from, month.from), Math.min(span.to, month.to)];
  // Not a number, or a clock that stepped back in between: it tells nothing.
  if (!(span.from <= span.to) || from >= to) return null;
  const { clock } = record.body;
  return {
    kind: span.kind,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ms: to - from,
    uncertain: span.kind !== "clock" && !isTrusted(clock as ClockTrust),
  };
}
