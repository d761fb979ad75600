/**
 * The report of one month, from the journal alone. Reads in batches and keeps a line a slot, so that a year's journal needs no more memory
 * than a month's.
 */
import { LEVELS, type Level } from "../../playback/model/bulletin.ts";
import { DAY, type Instant } from "../../playback/model/units.ts";
import type { Journal, JournalRecord, Verdict } from "../../storage/journal.ts";
import { indicatorsOf } from "./indicators.ts";
import type { LocalMonth } from "./local-month.ts";
import { OUTAGE_KINDS } from "./outages.ts";
import type { MonthReport } from "./report.ts";
import { Tally } from "./tally.ts";

/** Slots that an outage kept open are closed, and outages told of, when the agent is up again. */
const LATE_RECORDS = 35 * DAY;
const LATE_KINDS = ["slot", ...OUTAGE_KINDS];
/** Small, so that playing is not kept waiting by a long month. */
const BATCH = 100;

export interface ReportPorts {
  readonly journal: Pick<Journal, "list" | "head" | "base">;
  /** The journal's verdict on itself, with whatever evidence the caller asks for. */
  readonly verify: () => Promise<Verdict>;
  readonly identity: Pick<MonthReport, "station" | "commune" | "province">;
  readonly now: Instant;
}

async function* records(
  { journal }: ReportPorts,
  query: { from?: Instant; to: Instant; kinds?: readonly string[] },
): AsyncGenerator<JournalRecord> {
  for (let afterSeq = 0; ; ) {
    const batch = await journal.list({ ...query, afterSeq, limit: BATCH });
    yield* batch;
    const last = batch.at(-1);
    if (last === undefined || batch.length < BATCH) return;
    afterSeq = last.seq;
  }
}

/** Which level each schedule was for, as its adoption says; kept for slots whose own record does not state it. */
async function levelsOf(ports: ReportPorts, month: LocalMonth): Promise<Map<string, Level>> {
  const levels = new Map<string, Level>();
  for await (const { body } of records(ports, { to: month.to, kinds: ["adopted"] })) {
    const level = LEVELS.find((one) => one === body.level);
    if (body.kind === "schedule" && level !== undefined) levels.set(String(body.sha256), level);
  }
  return levels;
}

/** @throws StationError `storage-failed` */
export async function monthlyReport(month: LocalMonth, ports: ReportPorts): Promise<MonthReport> {
  const { journal, identity, now } = ports;
  const verdict = await ports.verify();
  const tally = new Tally(month, await levelsOf(ports, month));
  for await (const record of records(ports, { from: month.from, to: month.to })) {
    tally.add(record);
  }
  for await (const record of records(ports, { from: month.to, to: month.to + LATE_RECORDS, kinds: LATE_KINDS })) {
    tally.add(record);
  }
  const { unreadable, ...sums } = tally.sums();
  const { seq, hash, count } = journal.head();
  const pruned = (await journal.base()).seq;
  // What was pruned is older than what is here: only where the journal now begins within the month is some of it missing.
  const [first] = await journal.list({ limit: 1 });
  const whole = pruned === 0 || (first !== undefined && first.at < month.from);
  return {
    version: 1,
    ...identity,
    zone: month.zone,
    month: month.name,
    generatedAt: new Date(now).toISOString(),
    complete: now >= month.to && whole,
    journal: {
      verified: verdict.ok,
      problem: verdict.ok ? null : verdict.problem,
      seq,
      hash,
      count,
      pruned,
      unreadable,
    },
    ...sums,
    indicators: indicatorsOf(sums),
  };
}
