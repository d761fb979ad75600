/**
 * What really happened, append-only and hash-chained: `hash = sha256(previous hash + "\n" + text)` in lower-case hex, the first previous
 * hash being 64 zeros. Invariants: numbers run from 1 without holes; a record is in the outbox if and only if it is in the journal.
 * What an administrator of the board can still do is rewrite everything; that is found by comparing with a head that was sent away before.
 * Its beginning may be pruned (`journal-pruning.ts`): then the chain starts from the last pruned record's hash, and must still lead to the
 * hash that the source signed.
 */
import type { Refusal } from "../playback/model/refusal.ts";
import { type Instant, type Millis, SECOND } from "../playback/model/units.ts";
import type { Database, Transaction } from "./database.ts";
import {
  chained,
  differenceFrom,
  FIRST_PREVIOUS_HASH,
  type JournalHead,
  type JournalRecord,
  problemOf,
  type Row,
  toRecord,
} from "./journal-chain.ts";
import {
  baseOf,
  type Checkpoint,
  checkpointOf,
  type JournalBase,
  keepCheckpoint,
  type PruneBounds,
  pruneTo,
} from "./journal-pruning.ts";
import type { EventClass, Outbox } from "./outbox.ts";

/** Small, so that whoever must answer at once is not kept waiting by a long chain. */
const VERIFY_BATCH = 100;

export { FIRST_PREVIOUS_HASH, type JournalHead, type JournalRecord } from "./journal-chain.ts";

export type Verdict =
  /** `pruned`: how many of `count` lie before the checkpoint and are no longer here. */
  | { readonly ok: true; readonly count: number; readonly pruned: number }
  /** `seq`: the first record that is not as it was written. */
  | { readonly ok: false; readonly seq: number; readonly problem: string };

const COLUMNS = "seq, at_ms, kind, text, hash";

export class Journal {
  readonly #database: Database;
  readonly #outbox: Outbox;
  #head: JournalHead = { seq: 0, hash: FIRST_PREVIOUS_HASH, count: 0 };

  private constructor(database: Database, outbox: Outbox) {
    this.#database = database;
    this.#outbox = outbox;
  }

  /** @throws StationError `storage-failed` */
  static async open(database: Database, outbox: Outbox): Promise<Journal> {
    const journal = new Journal(database, outbox);
    await journal.#load();
    database.onReopen(() => journal.#load());
    return journal;
  }

  /**
   * Appends a record and adds it to the outbox, both in `tx`. The event's payload is the JSON `{seq, prev, hash, text}` with the
   * text verbatim, so that a receiver can check the chain. `body.startedAt` and `body.endedAt`, RFC 3339 or milliseconds, make it
   * found by `at`. @throws StationError `storage-failed`
   */
  async append(
    tx: Transaction,
    at: Instant,
    kind: string,
    body: object,
    eventClass: EventClass,
  ): Promise<JournalRecord> {
    // Asked in the transaction, not remembered: two appends of one transaction chain, and one rolled back leaves nothing behind.
    const newest = "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1";
    const last = (await tx.get<{ seq: number; hash: string }>(newest)) ?? (await baseOf(tx));
    const seq = last.seq + 1;
    const text = JSON.stringify({ seq, at: new Date(at).toISOString(), kind, body });
    const prev = last.hash;
    const hash = chained(prev, text);
    const record = toRecord({ seq, at_ms: at, kind, text, hash });
    const startedAt = instantOf(record.body.startedAt);
    const endedAt = instantOf(record.body.endedAt);
    await tx.run(
      "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)",
      seq,
      record.at,
      kind,
      startedAt,
      endedAt,
      text,
      hash,
    );
    await this.#outbox.add(tx, eventClass, at, JSON.stringify({ seq, prev, hash, text }));
    tx.afterCommit(() => {
      this.#head = { seq, hash, count: this.#head.count + 1 };
    });
    return record;
  }

  /** The newest record on the disk, as this process knows it. */
  head(): JournalHead {
    return this.#head;
  }

  /**
   * Walks the whole chain and compares it with what this process, and the caller from elsewhere, remember of it.
   * @throws StationError `storage-failed`
   */
  async verify(remembered?: JournalHead): Promise<Verdict> {
    for (;;) {
      const base = await baseOf(this.#database);
      const verdict = await this.#walk(base, remembered);
      // What was pruned while we walked is not missing.
      if (verdict.ok || (await baseOf(this.#database)).seq === base.seq) return verdict;
    }
  }

  async #walk(base: JournalBase, remembered?: JournalHead): Promise<Verdict> {
    const checkpoint = await checkpointOf(this.#database);
    if (base.seq > 0 && (checkpoint === null || checkpoint.seq <= base.seq)) {
      return { ok: false, seq: 1, problem: "the beginning was removed without a checkpoint of the source" };
    }
    const heads = [
      this.#head,
      ...(remembered === undefined ? [] : [remembered]),
      ...(checkpoint === null ? [] : [checkpoint]),
    ];
    let previous = base.hash;
    let count = base.seq;
    let from = Number.MIN_SAFE_INTEGER;
    for (;;) {
      const rows = await this.#database.all<Row>(
        `SELECT ${COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?`,
        from,
        VERIFY_BATCH,
      );
      for (const row of rows) {
        const problem = problemOf(row, count + 1, previous) ?? differenceFrom(heads, row);
        if (problem !== null) return { ok: false, seq: Math.min(row.seq, count + 1), problem };
        previous = row.hash;
        count = row.seq;
        from = row.seq;
      }
      if (rows.length < VERIFY_BATCH) break;
    }
    for (const head of heads) {
      if (head.seq > count) {
        return { ok: false, seq: count + 1, problem: `the journal ended at ${head.seq}, now it ends at ${count}` };
      }
    }
    return { ok: true, count, pruned: base.seq };
  }

  /**
   * Takes the source's word, whose signature the caller verified, that it keeps the journal up to a record; the newest is kept with its
   * evidence. Only a word that agrees with the station's own record is taken. @throws StationError `storage-failed`
   */
  keep(tx: Transaction, checkpoint: Checkpoint, now: Instant): Promise<Refusal | null> {
    return keepCheckpoint(tx, checkpoint, now);
  }

  /** The source's newest word, with its evidence. @throws StationError `storage-failed` */
  checkpoint(): Promise<Checkpoint | null> {
    return checkpointOf(this.#database);
  }

  /**
   * Removes, from the oldest on, what lies before the checkpoint and is beyond the bounds, at most some thousand at a time. Call it only while
   * the clock is held or attested. Resolves with how many went. @throws StationError `storage-failed`
   */
  prune(tx: Transaction, now: Instant, bounds?: PruneBounds): Promise<number> {
    return pruneTo(tx, now, bounds);
  }

  /** Where the chain on this disk begins. @throws StationError `storage-failed` */
  base(): Promise<JournalBase> {
    return baseOf(this.#database);
  }

  /**
   * Records in order, by their `at` (`from` included, `to` excluded), after a number, and of some kinds only.
   * @throws StationError `storage-failed`
   */
  async list(query: {
    from?: Instant;
    to?: Instant;
    afterSeq?: number;
    kinds?: readonly string[];
    limit: number;
  }): Promise<JournalRecord[]> {
    const kinds = query.kinds ?? [];
    const ofKinds = kinds.length === 0 ? "" : `AND kind IN (${kinds.map(() => "?").join(", ")})`;
    const rows = await this.#database.all<Row>(
      `SELECT ${COLUMNS} FROM journal WHERE seq > ? AND at_ms >= ? AND at_ms < ? ${ofKinds} ORDER BY seq LIMIT ?`,
      query.afterSeq ?? 0,
      query.from ?? Number.MIN_SAFE_INTEGER,
      query.to ?? Number.MAX_SAFE_INTEGER,
      ...kinds,
      query.limit,
    );
    return rows.map(toRecord);
  }

  /**
   * What the journal knows of one moment: records whose span from `body.startedAt` to `body.endedAt` covers it, and of those without a
   * span the ones written within `withinMs` of it. @throws StationError `storage-failed`
   */
  async at(instant: Instant, withinMs: Millis = SECOND): Promise<JournalRecord[]> {
    const rows = await this.#database.all<Row>(
      `SELECT ${COLUMNS} FROM journal WHERE started_ms IS NOT NULL AND started_ms <= ? AND coalesce(ended_ms, started_ms) >= ?
       UNION ALL
       SELECT ${COLUMNS} FROM journal WHERE started_ms IS NULL AND at_ms BETWEEN ? AND ? ORDER BY seq`,
      ...[instant, instant, instant - withinMs, instant + withinMs],
    );
    return rows.map(toRecord);
  }

  async #load(): Promise<void> {
    const row = await this.#database.get<{ seq: number; hash: string; count: number }>(
      "SELECT seq, hash, (SELECT count(*) FROM journal) + (SELECT seq FROM journal_base) AS count FROM journal ORDER BY seq DESC LIMIT 1",
    );
    this.#head = row ?? { seq: 0, hash: FIRST_PREVIOUS_HASH, count: 0 };
  }
}

function instantOf(value: unknown): Instant | null {
  if (typeof value === "number") return value;
  const parsed = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? null : parsed;
}
