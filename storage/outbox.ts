/**
 * Events on their way to the source, counted exactly. Invariant: each number from 1 to `issued` is acknowledged, or is a row, or lies in
 * exactly one gap; so a receiver that takes what `batch` gives after its own last number accounts for each number once, whatever was
 * evicted in between. Numbers are never used twice within one `stream`; a new stream begins only where the database had to be started anew.
 */
import { DAY, type Instant, type Millis } from "../playback/model/units.ts";
import type { Database, Transaction } from "./database.ts";

/** In the order in which they are given up when room is short. */
export const EVENT_CLASSES = ["metric", "log", "play", "result", "alarm"] as const;
export type EventClass = (typeof EVENT_CLASSES)[number];

export interface OutboxBounds {
  readonly rows: number;
  /** Of payloads, UTF-8. */
  readonly bytes: number;
  readonly ageMs: Millis;
}

/**
 * What one class may have of the bounds: figures and log lines grow stale first, results and alarms are worth waiting for twice as long.
 * Rows of a class leave before anything of another must.
 */
const SHARES: Readonly<Record<EventClass, { readonly rows: number; readonly age: number }>> = {
  metric: { rows: 0.1, age: 0.1 },
  log: { rows: 0.5, age: 0.5 },
  play: { rows: 1, age: 1 },
  result: { rows: 1, age: 2 },
  alarm: { rows: 1, age: 2 },
};

/** Source: 30 days without a network on a small card. `ageMs` is that of plays. */
export const DEFAULT_OUTBOX_BOUNDS: OutboxBounds = { rows: 100_000, bytes: 50_000_000, ageMs: 30 * DAY };

export type OutboxEntry =
  | {
      readonly kind: "event";
      readonly seq: number;
      readonly class: EventClass;
      readonly at: Instant;
      readonly payload: string;
    }
  /** Numbers `from` to `to`, both included, were given up. */
  | { readonly kind: "gap"; readonly from: number; readonly to: number };

/** Numbers `from` to `to`, both included. */
export interface Numbers {
  readonly from: number;
  readonly to: number;
}

export interface OutboxStats {
  readonly stream: string;
  /** The highest number given out; 0 before the first. */
  readonly issued: number;
  readonly acknowledged: number;
  readonly rows: number;
  readonly bytes: number;
  readonly oldestAt: Instant | null;
  /** Gaps not yet acknowledged, and the numbers in them. */
  readonly gaps: number;
  readonly missing: number;
  /** Events ever given up, by class. */
  readonly dropped: Readonly<Record<EventClass, number>>;
}

interface State {
  stream: string;
  issued: number;
  acknowledged: number;
  rows: number;
  bytes: number;
}

interface Row {
  seq: number;
  rank: number;
  bytes: number;
}

export class Outbox {
  readonly #database: Database;
  readonly #bounds: OutboxBounds;

  constructor(database: Database, bounds: OutboxBounds = DEFAULT_OUTBOX_BOUNDS) {
    this.#database = database;
    this.#bounds = bounds;
  }

  /** Adds an event and evicts what no longer fits, possibly the event itself. Resolves with its number. @throws StationError `storage-failed` */
  async add(tx: Transaction, eventClass: EventClass, at: Instant, payload: string): Promise<number> {
    const state = await readState(tx);
    const bytes = Buffer.byteLength(payload);
    const rank = EVENT_CLASSES.indexOf(eventClass);
    state.issued += 1;
    const seq = state.issued;
    // What fits in no case must not push out everything else first.
    if (bytes > this.#bounds.bytes) {
      await drop(tx, { seq, rank, bytes });
    } else {
      await tx.run("INSERT INTO outbox VALUES (?, ?, ?, ?, ?)", seq, rank, at, bytes, payload);
      state.rows += 1;
      state.bytes += bytes;
      await this.#evictClass(tx, state, eventClass);
      await this.#evict(tx, state);
    }
    await writeState(tx, state);
    return seq;
  }

  /**
   * Gives up what is older than its class may be, but for `undated`, whose age is not known. Call it only while the clock is held or attested: a
   * wrong one would throw everything away.
   */
  async expire(tx: Transaction, now: Instant, undated: readonly Numbers[] = []): Promise<void> {
    const state = await readState(tx);
    for (const [rank, name] of EVENT_CLASSES.entries()) {
      const old = await tx.all<Row>(
        "SELECT seq, rank, bytes FROM outbox WHERE rank = ? AND at_ms < ? ORDER BY seq",
        ...[rank, now - this.#bounds.ageMs * SHARES[name].age],
      );
      for (const row of old) {
        if (!undated.some(({ from, to }) => from <= row.seq && row.seq <= to)) await remove(tx, state, row);
      }
    }
    await writeState(tx, state);
  }

  /**
   * What follows number `afterSeq`, in order and without holes: events, and gaps for what was given up (clipped to begin after `afterSeq`).
   * @throws StationError `storage-failed`
   */
  async batch(afterSeq: number, limit: number): Promise<OutboxEntry[]> {
    // One statement, one snapshot: an eviction in between cannot hide a number.
    const rows = await this.#database.all<{
      seq: number;
      to_seq: number;
      rank: number | null;
      at_ms: number;
      payload: string;
    }>(
      `SELECT * FROM (SELECT seq, seq AS to_seq, rank, at_ms, payload FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?)
       UNION ALL
       SELECT * FROM (SELECT max(from_seq, ?) AS seq, to_seq, NULL, NULL, NULL FROM gaps WHERE to_seq > ? ORDER BY to_seq LIMIT ?)
       ORDER BY 1 LIMIT ?`,
      ...[afterSeq, limit, afterSeq + 1, afterSeq, limit, limit],
    );
    return rows.map((row) =>
      row.rank === null
        ? { kind: "gap", from: row.seq, to: row.to_seq }
        : {
            kind: "event",
            seq: row.seq,
            class: EVENT_CLASSES[row.rank] as EventClass,
            at: row.at_ms,
            payload: row.payload,
          },
    );
  }

  /**
   * Deletes everything up to and including `upTo`. False, and nothing happens, for a number that was never given out; a number
   * acknowledged before is true and changes nothing. Without `tx` in a transaction of its own. @throws StationError `storage-failed`
   */
  async acknowledge(tx: Transaction | null, upTo: number): Promise<boolean> {
    if (tx === null) return this.#database.transaction((own) => this.acknowledge(own, upTo));
    const state = await readState(tx);
    if (!Number.isSafeInteger(upTo) || upTo < 0 || upTo > state.issued) return false;
    if (upTo <= state.acknowledged) return true;
    const gone = await tx.get<{ rows: number; bytes: number }>(
      "SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM outbox WHERE seq <= ?",
      upTo,
    );
    await tx.run("DELETE FROM outbox WHERE seq <= ?", upTo);
    await tx.run("DELETE FROM gaps WHERE to_seq <= ?", upTo);
    await tx.run("UPDATE gaps SET from_seq = ? WHERE from_seq <= ?", upTo + 1, upTo);
    state.rows -= gone?.rows ?? 0;
    state.bytes -= gone?.bytes ?? 0;
    state.acknowledged = upTo;
    await writeState(tx, state);
    return true;
  }

  /** @throws StationError `storage-failed` */
  async stats(): Promise<OutboxStats> {
    const state = await readState(this.#database);
    const oldest = await this.#database.get<{ at: number | null }>("SELECT min(at_ms) AS at FROM outbox");
    const gaps = await this.#database.get<{ gaps: number; missing: number }>(
      "SELECT count(*) AS gaps, coalesce(sum(to_seq - from_seq + 1), 0) AS missing FROM gaps",
    );
    const counts = await this.#database.all<{ rank: number; count: number }>("SELECT rank, count FROM outbox_dropped");
    const dropped = Object.fromEntries(
      EVENT_CLASSES.map((name, rank) => [name, counts.find((row) => row.rank === rank)?.count ?? 0]),
    ) as Record<EventClass, number>;
    return { ...state, oldestAt: oldest?.at ?? null, gaps: gaps?.gaps ?? 0, missing: gaps?.missing ?? 0, dropped };
  }

  async #evictClass(tx: Transaction, state: State, name: EventClass): Promise<void> {
    const rank = EVENT_CLASSES.indexOf(name);
    const most = Math.max(1, Math.ceil(this.#bounds.rows * SHARES[name].rows));
    const { rows } = (await tx.get<{ rows: number }>("SELECT rows FROM outbox_classes WHERE rank = ?", rank)) ?? {
      rows: 0,
    };
    if (rows <= most) return;
    const old = await tx.all<Row>(
      "SELECT seq, rank, bytes FROM outbox WHERE rank = ? ORDER BY seq LIMIT ?",
      ...[rank, rows - most],
    );
    for (const row of old) await remove(tx, state, row);
  }

  async #evict(tx: Transaction, state: State): Promise<void> {
    while (state.rows > this.#bounds.rows || state.bytes > this.#bounds.bytes) {
      const victim = await tx.get<Row>("SELECT seq, rank, bytes FROM outbox ORDER BY rank, seq LIMIT 1");
      if (victim === undefined) throw new Error("the outbox counts rows that it does not have");
      await remove(tx, state, victim);
    }
  }
}

async function remove(tx: Transaction, state: State, row: Row): Promise<void> {
  await tx.run("DELETE FROM outbox WHERE seq = ?", row.seq);
  state.rows -= 1;
  state.bytes -= row.bytes;
  await drop(tx, row);
}

/** Puts one number into the gaps, joined with its neighbours, so that there are never more gaps than rows plus one. */
async function drop(tx: Transaction, row: Row): Promise<void> {
  const before = await tx.get<{ from_seq: number }>("SELECT from_seq FROM gaps WHERE to_seq = ?", row.seq - 1);
  const after = await tx.get<{ to_seq: number }>("SELECT to_seq FROM gaps WHERE from_seq = ?", row.seq + 1);
  if (after !== undefined) await tx.run("DELETE FROM gaps WHERE from_seq = ?", row.seq + 1);
  const to = after?.to_seq ?? row.seq;
  if (before === undefined) await tx.run("INSERT INTO gaps VALUES (?, ?)", row.seq, to);
  else await tx.run("UPDATE gaps SET to_seq = ? WHERE from_seq = ?", to, before.from_seq);
  await tx.run("INSERT INTO outbox_dropped VALUES (?, 1) ON CONFLICT (rank) DO UPDATE SET count = count + 1", row.rank);
}

async function readState(from: Transaction | Database): Promise<State> {
  const state = await from.get<State>("SELECT stream, issued, acknowledged, rows, bytes FROM outbox_state");
  if (state === undefined) throw new Error("the outbox has lost its state row");
  return state;
}

async function writeState(tx: Transaction, state: State): Promise<void> {
  const { issued, acknowledged, rows, bytes } = state;
  await tx.run(
    "UPDATE outbox_state SET issued = ?, acknowledged = ?, rows = ?, bytes = ?",
    issued,
    acknowledged,
    rows,
    bytes,
  );
}
