/**
 * What downloads have cost, by local day. Every byte of a body that arrived counts, also of a download that failed; what the network adds
 * around it does not. Written at least once a megabyte, so that a power cut forgets at most that much.
 */
import type { LocalDate } from "../../playback/model/schedule.ts";
import type { Database } from "../database.ts";
import type { CacheRules } from "./cache-rules.ts";

const WRITE_EVERY_BYTES = 1_000_000;
/** Days that are remembered; more than the longest month, and bounded whatever the clock does. */
const KEPT_DAYS = 400;

interface Count {
  bytes: number;
  /** Of pinned media, which no budget holds back. */
  exempt: number;
}

export class Traffic {
  readonly #database: Database;
  readonly #days = new Map<LocalDate, Count>();
  readonly #unwritten = new Map<LocalDate, Count>();

  private constructor(database: Database) {
    this.#database = database;
  }

  /** @throws StationError `storage-failed` */
  static async open(database: Database): Promise<Traffic> {
    const traffic = new Traffic(database);
    const rows = await database.all<{ day: string } & Count>("SELECT day, bytes, exempt FROM media_traffic");
    for (const { day, bytes, exempt } of rows) traffic.#days.set(day, { bytes, exempt });
    return traffic;
  }

  /** Bytes on that day, and in its month. */
  spent(date: LocalDate): { day: Readonly<Count>; month: Readonly<Count> } {
    const month = { bytes: 0, exempt: 0 };
    for (const [day, count] of this.#days) if (day.startsWith(date.slice(0, 7))) increase(month, count);
    return { day: this.#days.get(date) ?? { bytes: 0, exempt: 0 }, month };
  }

  /** What may still be spent on that day; infinite without a budget, never below 0. */
  left(date: LocalDate, { dayBytes, monthBytes }: Pick<CacheRules, "dayBytes" | "monthBytes">): number {
    const { day, month } = this.spent(date);
    const ofDay = dayBytes === null ? Number.POSITIVE_INFINITY : dayBytes - day.bytes;
    const ofMonth = monthBytes === null ? Number.POSITIVE_INFINITY : monthBytes - month.bytes;
    return Math.max(0, Math.min(ofDay, ofMonth));
  }

  /** Counts at once and writes now and then. @throws StationError `storage-failed`; the bytes stay counted */
  async add(date: LocalDate, bytes: number, exempt: boolean): Promise<void> {
    const count = exempt ? { bytes: 0, exempt: bytes } : { bytes, exempt: 0 };
    for (const book of [this.#days, this.#unwritten]) {
      const known = book.get(date) ?? { bytes: 0, exempt: 0 };
      increase(known, count);
      book.set(date, known);
    }
    const waiting = [...this.#unwritten.values()].reduce((sum, one) => sum + one.bytes + one.exempt, 0);
    if (waiting >= WRITE_EVERY_BYTES) await this.flush();
  }

  /** @throws StationError `storage-failed`; then it is tried again with the next */
  async flush(): Promise<void> {
    if (this.#unwritten.size === 0) return;
    const batch = [...this.#unwritten];
    this.#unwritten.clear();
    try {
      await this.#database.transaction(async (tx) => {
        for (const [day, { bytes, exempt }] of batch) {
          await tx.run(
            `INSERT INTO media_traffic (day, bytes, exempt) VALUES (?, ?, ?)
             ON CONFLICT (day) DO UPDATE SET bytes = bytes + excluded.bytes, exempt = exempt + excluded.exempt`,
            ...[day, bytes, exempt],
          );
        }
        await tx.run("DELETE FROM media_traffic WHERE n <= (SELECT max(n) FROM media_traffic) - ?", KEPT_DAYS);
      });
    } catch (error) {
      for (const [day, count] of batch) {
        const since = this.#unwritten.get(day) ?? { bytes: 0, exempt: 0 };
        increase(since, count);
        this.#unwritten.set(day, since);
      }
      throw error;
    }
  }
}

function increase(count: Count, by: Readonly<Count>): void {
  count.bytes += by.bytes;
  count.exempt += by.exempt;
}
