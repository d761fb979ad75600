/**
 * How the journal is kept from growing for ever. Invariants: nothing is removed that the source has not signed to keep; what is removed is a
 * beginning, and the checkpoint's own record stays, so the rest of the chain still leads to what was signed; numbers and counts go on.
 */
import { type Refusal, refusal } from "../playback/model/refusal.ts";
import { DAY, type Instant, type Millis } from "../playback/model/units.ts";
import type { Reading } from "./connection.ts";
import type { Transaction } from "./database.ts";

/** The source keeps the journal up to and including this record. */
export interface Checkpoint {
  readonly seq: number;
  readonly hash: string;
  /** The signed bytes that say so, for whoever audits the board. */
  readonly evidence: Buffer;
}

/** The last record that was pruned; 0 and the first previous hash where none was. */
export interface JournalBase {
  readonly seq: number;
  readonly hash: string;
  /** Of the texts that are here, UTF-8. */
  readonly bytes: number;
}

export interface PruneBounds {
  /** What is younger stays, unless there are too many bytes. */
  readonly keepMs: Millis;
  readonly keepBytes: number;
}

/** A year and a month: the ministry's year can be answered for from the board alone. Assumed: 256 MB is several such years. */
export const DEFAULT_PRUNE_BOUNDS: PruneBounds = { keepMs: 400 * DAY, keepBytes: 256_000_000 };

/** So that nobody waits long for the writer. */
const MOST_AT_ONCE = 2_000;

/** @throws StationError `storage-failed` */
export async function baseOf(from: Reading): Promise<JournalBase> {
  const base = await from.get<JournalBase>("SELECT seq, hash, bytes FROM journal_base");
  if (base === undefined) throw new Error("the journal has lost the row of its beginning");
  return base;
}

/** @throws StationError `storage-failed` */
export async function checkpointOf(from: Reading): Promise<Checkpoint | null> {
  return (await from.get<Checkpoint>("SELECT seq, hash, evidence FROM journal_checkpoint")) ?? null;
}

/** See `Journal.keep`. @throws StationError `storage-failed` */
export async function keepCheckpoint(tx: Transaction, checkpoint: Checkpoint, now: Instant): Promise<Refusal | null> {
  const { seq, hash, evidence } = checkpoint;
  const kept = await checkpointOf(tx);
  if (kept !== null && seq === kept.seq && hash === kept.hash) return refusal("duplicate", "kept already");
  if (kept !== null && seq <= kept.seq) return refusal("older", `record ${seq} is not after the kept ${kept.seq}`);
  const own = await tx.get<{ hash: string }>("SELECT hash FROM journal WHERE seq = ?", seq);
  if (own === undefined)
    return refusal("policy", `the source claims to keep record ${seq}, which this journal does not have`);
  if (own.hash !== hash)
    return refusal("policy", `the source keeps another record ${seq}: its hash is not this journal's`);
  await tx.run(
    "INSERT INTO journal_checkpoint VALUES (1, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, evidence = excluded.evidence, kept_ms = excluded.kept_ms",
    ...[seq, hash, evidence, now],
  );
  return null;
}

/** See `Journal.prune`. @throws StationError `storage-failed` */
export async function pruneTo(
  tx: Transaction,
  now: Instant,
  { keepMs, keepBytes }: PruneBounds = DEFAULT_PRUNE_BOUNDS,
): Promise<number> {
  const checkpoint = await checkpointOf(tx);
  if (checkpoint === null) return 0;
  const base = await baseOf(tx);
  // Its own record stays, and is still what was signed: a journal that disagrees with the source is evidence, and is not touched.
  const own = await tx.get<{ hash: string }>("SELECT hash FROM journal WHERE seq = ?", checkpoint.seq);
  if (own?.hash !== checkpoint.hash) return 0;
  const rows = await tx.all<{ seq: number; at_ms: number; hash: string; bytes: number }>(
    "SELECT seq, at_ms, hash, octet_length(text) AS bytes FROM journal WHERE seq < ? ORDER BY seq LIMIT ?",
    ...[checkpoint.seq, MOST_AT_ONCE],
  );
  let over = base.bytes - keepBytes;
  let last: { seq: number; hash: string } | null = null;
  for (const row of rows) {
    if (row.at_ms >= now - keepMs && over <= 0) break;
    // A hole is evidence too.
    if (row.seq !== (last?.seq ?? base.seq) + 1) break;
    over -= row.bytes;
    last = row;
  }
  if (last === null) return 0;
  await tx.run("DELETE FROM journal WHERE seq <= ?", last.seq);
  await tx.run("UPDATE journal_base SET seq = ?, hash = ?", last.seq, last.hash);
  return last.seq - base.seq;
}
