/** Proof of play as it stands at the province: every slot that was due exactly once, with the right outcome. Pure. */
import { z } from "zod";
import type { ParsedRecord } from "../source/heard-stations.ts";

const segment = z.object({
  title: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  outcome: z.string(),
  audibleMs: z.number(),
});
const slotRecord = z.object({
  kind: z.literal("slot"),
  body: z.object({
    key: z.string(),
    title: z.string(),
    precedence: z.string(),
    plannedAt: z.string(),
    outcome: z.string(),
    audibleMs: z.number(),
    origin: z.object({ issuer: z.string() }),
    segments: z.array(segment),
  }),
});
export type SlotRecord = z.infer<typeof slotRecord>["body"];

/** What the province must hold of one slot. */
export interface ExpectedRecord {
  readonly key: string;
  /** Its time is over; before that a record may be there or not. */
  readonly due: boolean;
  /** Unbroken stretches it must at least be made of. */
  readonly segments: number;
}

export interface RecordsVerdict {
  readonly ok: boolean;
  readonly expected: number;
  readonly arrived: number;
  readonly missing: readonly string[];
  readonly doubled: readonly string[];
  /** Slots that nobody planned. */
  readonly unknown: readonly string[];
  /** Key and what is wrong with it. */
  readonly wrong: readonly string[];
  /** What the source may hold against the station. */
  readonly findings: readonly string[];
}

/** The slot records among all that a station has sent. */
export function slotRecords(records: readonly ParsedRecord[]): SlotRecord[] {
  return records.flatMap(({ record }) => {
    const parsed = slotRecord.safeParse(record);
    return parsed.success ? [parsed.data.body] : [];
  });
}

export function judgeRecords(
  slots: readonly SlotRecord[],
  planned: readonly ExpectedRecord[],
  findings: readonly string[],
): RecordsVerdict {
  const of = (key: string) => slots.filter((slot) => slot.key === key);
  const expected = planned.filter(({ due }) => due);
  const known = new Set(planned.map(({ key }) => key));
  const missing = expected.filter(({ key }) => of(key).length === 0).map(({ key }) => key);
  const doubled = planned.filter(({ key }) => of(key).length > 1).map(({ key }) => key);
  const unknown = slots.filter(({ key }) => !known.has(key)).map(({ key }) => key);
  const wrong = expected.flatMap(({ key, segments }) => {
    const [slot] = of(key);
    if (slot === undefined) return [];
    if (slot.outcome !== "played") return [`${key}: ${slot.outcome}`];
    return slot.segments.length < segments ? [`${key}: ${slot.segments.length} segments, not ${segments}`] : [];
  });
  const faults = [missing, doubled, unknown, wrong, findings];
  const arrived = expected.length - missing.length;
  const ok = faults.every((list) => list.length === 0);
  return { ok, expected: expected.length, arrived, missing, doubled, unknown, wrong, findings };
}
