/**
 * What really happened, append-only and hash-chained: `hash = sha256(previous hash + "\n" + text)` in lower-case hex, the first previous
 * hash being 64 zeros. Invariants: numbers run from 1 without holes; a record is in the outbox if and only if it is in the journal.
 * What an administrator of the board can still do is rewrite everything; that is found by comparing with a head that was sent away before.
 */
import { createHash } from "node:crypto";
import { type Instant, type Millis, SECOND } from "../playback/model/units.ts";
import type { Database, Transaction } from "./database.ts";
import type { EventClass, Outbox } from "./outbox.ts";

export const FIRST_PREVIOUS_HASH = "0".repeat(64);
const VERIFY_BATCH = 500;

export interface JournalRecord {
  readonly seq: number;
  readonly at: Instant;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The exact JSON text `{seq, at, kind, body}` that the hash covers. */
  readonly text: string;
  readonly hash: string;
}

export interface JournalHead {
  /** 0 while the journal is empty. */
  readonly seq: number;
  readonly hash: string;
  readonly count: number;
}

export type Verdict =
  | { readonly ok: true; readonly count: number }
  /** `seq`: the first record that is not as it was written. */
  | { readonly ok: false; readonly seq: number; readonly problem: string };

interface Row {
  seq: number;
  at_ms: number;
  kind: string;
  text: string;
  hash: string;
}

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
    const last = await tx.get<{ seq: number; hash: string }>("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1");
    const seq = (last?.seq ?? 0) + 1;
    const text = JSON.stringify({ seq, at: new Date(at).toISOString(), kind, body });
    const prev = last?.hash ?? FIRST_PREVIOUS_HASH;
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
    const heads = remembered === undefined ? [this.#head] : [this.#head, remembered];
    let previous = FIRST_PREVIOUS_HASH;
    let count = 0;
    for (;;) {
      const rows = await this.#database.all<Row>(
        `SELECT ${COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?`,
        count === 0 ? Number.MIN_SAFE_INTEGER : count,
        VERIFY_BATCH,
      );
      for (const row of rows) {
        const problem = problemOf(row, count + 1, previous) ?? differenceFrom(heads, row);
        if (problem !== null) return { ok: false, seq: Math.min(row.seq, count + 1), problem };
        previous = row.hash;
        count = row.seq;
      }
      if (rows.length < VERIFY_BATCH) break;
    }
    for (const head of heads) {
      if (head.count > count || head.seq > count) {
        return { ok: false, seq: count + 1, problem: `the journal ended at ${head.seq}, now it ends at ${count}` };
      }
    }
    return { ok: true, count };
  }

  /** Records in order, by their `at` (`from` included, `to` excluded) and after a number. @throws StationError `storage-failed` */
  async list(query: { from?: Instant; to?: Instant; afterSeq?: number; limit: number }): Promise<JournalRecord[]> {
    const rows = await this.#database.all<Row>(
      `SELECT ${COLUMNS} FROM journal WHERE seq > ? AND at_ms >= ? AND at_ms < ? ORDER BY seq LIMIT ?`,
      query.afterSeq ?? 0,
      query.from ?? Number.MIN_SAFE_INTEGER,
      query.to ?? Number.MAX_SAFE_INTEGER,
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
      "SELECT seq, hash, (SELECT count(*) FROM journal) AS count FROM journal ORDER BY seq DESC LIMIT 1",
    );
    this.#head = row ?? { seq: 0, hash: FIRST_PREVIOUS_HASH, count: 0 };
  }
}

function chained(previous: string, text: string): string {
  return createHash("sha256").update(`${previous}\n${text}`).digest("hex");
}

function problemOf(row: Row, expected: number, previous: string): string | null {
  if (row.seq !== expected) return `record ${expected} is missing`;
  if (chained(previous, row.text) !== row.hash) return "the text or an earlier record was altered";
  const record = toRecord(row);
  // The columns beside the text are what searches use: they must not say anything else than the text.
  const inText = JSON.parse(row.text) as { seq: unknown; at: string; kind: unknown };
  if (inText.seq !== row.seq) return `the record says that it is number ${String(inText.seq)}`;
  if (inText.kind !== row.kind || Date.parse(inText.at) !== record.at)
    return "time or kind beside the text differ from it";
  return null;
}

function differenceFrom(heads: readonly JournalHead[], row: Row): string | null {
  const differs = heads.some((head) => head.seq === row.seq && head.hash !== row.hash);
  return differs ? "the chain was rewritten: this record's hash is not the one remembered" : null;
}

function toRecord(row: Row): JournalRecord {
  const { body } = JSON.parse(row.text) as { body: Record<string, unknown> };
  // Whole milliseconds, as in the text.
  return { seq: row.seq, at: Math.trunc(row.at_ms), kind: row.kind, body, text: row.text, hash: row.hash };
}

function instantOf(value: unknown): Instant | null {
  if (typeof value === "number") return value;
  const parsed = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? null : parsed;
}
