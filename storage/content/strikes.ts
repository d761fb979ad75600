/**
 * How often each object was found spoilt on this disk, across restarts. After the third time it is not fetched again until a person brings
 * it: a card that eats it would eat the data budget too.
 */
import type { Instant, Sha256 } from "../../playback/model/units.ts";
import type { Database } from "../database.ts";

const MOST_STRIKES = 3;

export class Strikes {
  readonly #database: Database;
  readonly #counts = new Map<Sha256, number>();

  private constructor(database: Database) {
    this.#database = database;
  }

  /** @throws StationError `storage-failed` */
  static async open(database: Database): Promise<Strikes> {
    const strikes = new Strikes(database);
    const rows = await database.all<{ sha256: Sha256; count: number }>("SELECT sha256, count FROM media_strikes");
    for (const { sha256, count } of rows) strikes.#counts.set(sha256, count);
    return strikes;
  }

  of(sha256: Sha256): number {
    return this.#counts.get(sha256) ?? 0;
  }

  /** Whether it is given up. */
  outOf(sha256: Sha256): boolean {
    return this.of(sha256) >= MOST_STRIKES;
  }

  /** Counts at once, and on the disk when it resolves. @throws StationError `storage-failed` */
  async add(sha256: Sha256, at: Instant): Promise<void> {
    this.#counts.set(sha256, this.of(sha256) + 1);
    const sql = `INSERT INTO media_strikes VALUES (?, 1, ?)
      ON CONFLICT (sha256) DO UPDATE SET count = count + 1, last_ms = excluded.last_ms`;
    await this.#database.run(sql, sha256, at);
  }

  /** A person brought it anew. @throws StationError `storage-failed` */
  async forgive(sha256: Sha256): Promise<void> {
    if (this.of(sha256) === 0) return;
    await this.#database.run("DELETE FROM media_strikes WHERE sha256 = ?", sha256);
    this.#counts.delete(sha256);
  }
}
