/**
 * Commands, each executed at most once. Invariant: a key (issuer, jti) begins once; when an old key is forgotten, everything its issuer
 * signed until then counts as known, so forgetting never opens a replay.
 */
import { DAY, type Instant } from "../playback/model/units.ts";
import type { Database, Transaction } from "./database.ts";

/** Forgotten when older than this and not among the newest `KEPT`, or when not among the newest `MOST`. */
const KEPT_MS = 30 * DAY;
const KEPT = 10_000;
const MOST = 100_000;
const PRUNE_EVERY = 256;

export interface CommandRecord {
  readonly issuer: string;
  readonly jti: string;
  readonly kind: string;
  readonly issuedAt: Instant;
  readonly begunAt: Instant;
  readonly finishedAt: Instant | null;
  /** `null` until finished. */
  readonly status: string | null;
  /** JSON text, given back to a duplicate as it was; `null` until finished. */
  readonly result: string | null;
}

interface Row {
  issuer: string;
  jti: string;
  kind: string;
  issued_ms: number;
  begun_ms: number;
  finished_ms: number | null;
  status: string | null;
  result: string | null;
}

export class CommandResults {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws StationError `storage-failed` */
  async find(issuer: string, jti: string): Promise<CommandRecord | null> {
    const row = await this.#database.get<Row>("SELECT * FROM commands WHERE issuer = ? AND jti = ?", issuer, jti);
    return row === undefined ? null : toRecord(row);
  }

  /** Writes that it begins. False where it is known or was forgotten: then it must not be executed. @throws StationError `storage-failed` */
  async begin(
    tx: Transaction,
    command: { issuer: string; jti: string; kind: string; issuedAt: Instant; begunAt: Instant },
  ): Promise<boolean> {
    const { issuer, jti, kind, issuedAt, begunAt } = command;
    const known = await tx.get<{ n: number }>("SELECT n FROM commands WHERE issuer = ? AND jti = ?", issuer, jti);
    if (known !== undefined) return false;
    const mark = await tx.get<{ issued_ms: number }>(
      "SELECT issued_ms FROM command_low_water WHERE issuer = ?",
      issuer,
    );
    if (mark !== undefined && issuedAt <= mark.issued_ms) return false;
    await tx.run(
      "INSERT INTO commands (issuer, jti, kind, issued_ms, begun_ms) VALUES (?, ?, ?, ?, ?)",
      ...[issuer, jti, kind, issuedAt, begunAt],
    );
    const last = await tx.get<{ n: number }>("SELECT max(n) AS n FROM commands");
    if (last !== undefined && last.n % PRUNE_EVERY === 0) await this.prune(tx, begunAt);
    return true;
  }

  /** Writes the result of a command that began. One that never began, or has finished, is a bug. @throws StationError `storage-failed` */
  async finish(
    tx: Transaction,
    issuer: string,
    jti: string,
    at: Instant,
    status: string,
    resultJson: string,
  ): Promise<void> {
    const changed = await tx.run(
      "UPDATE commands SET finished_ms = ?, status = ?, result = ? WHERE issuer = ? AND jti = ? AND finished_ms IS NULL",
      ...[at, status, resultJson, issuer, jti],
    );
    if (changed !== 1) throw new Error(`command ${jti} of ${issuer} has not begun or has finished`);
  }

  /** Begun and not finished, in the order in which they began; after a start these were interrupted. @throws StationError `storage-failed` */
  async unfinished(): Promise<CommandRecord[]> {
    return (await this.#database.all<Row>("SELECT * FROM commands WHERE finished_ms IS NULL ORDER BY n")).map(toRecord);
  }

  /** Forgets the oldest finished ones; `begin` does it by itself now and then. @throws StationError `storage-failed` */
  async prune(tx: Transaction, now: Instant): Promise<void> {
    const last = (await tx.get<{ n: number | null }>("SELECT max(n) AS n FROM commands"))?.n ?? 0;
    const gone = await tx.all<{ issuer: string; issued_ms: number }>(
      `DELETE FROM commands WHERE finished_ms IS NOT NULL AND n <= ? AND (begun_ms < ? OR n <= ?) RETURNING issuer, issued_ms`,
      ...[last - KEPT, now - KEPT_MS, last - MOST],
    );
    for (const { issuer, issued_ms } of gone) {
      await tx.run(
        "INSERT INTO command_low_water VALUES (?, ?) ON CONFLICT DO UPDATE SET issued_ms = max(issued_ms, excluded.issued_ms)",
        ...[issuer, issued_ms],
      );
    }
  }
}

function toRecord(row: Row): CommandRecord {
  const { issuer, jti, kind, status, result } = row;
  return {
    issuer,
    jti,
    kind,
    issuedAt: row.issued_ms,
    begunAt: row.begun_ms,
    finishedAt: row.finished_ms,
    status,
    result,
  };
}
