/** How loud media are, by (digest, way of measuring). Read from memory, written durably; a digest's bytes never change, so neither does this. */
import type { MeasuredLoudness } from "../playback/model/loudness.ts";
import type { Sha256 } from "../playback/model/units.ts";
import type { Database } from "./database.ts";

/** More than a station's media and sentences of years; the oldest go first, and can be measured again. */
const MOST_ROWS = 10_000;

interface Row {
  readonly sha256: Sha256;
  readonly recipe: string;
  readonly lufs: number | null;
  readonly true_peak: number | null;
}

export class LoudnessBook {
  readonly #database: Database;
  readonly #known = new Map<string, MeasuredLoudness>();

  private constructor(database: Database) {
    this.#database = database;
  }

  /** @throws StationError `storage-failed` */
  static async open(database: Database): Promise<LoudnessBook> {
    const book = new LoudnessBook(database);
    await book.#load();
    database.onReopen(() => book.#load());
    return book;
  }

  /** `null` where it was not measured this way. */
  get(sha256: Sha256, recipe: string): MeasuredLoudness | null {
    return this.#known.get(`${sha256} ${recipe}`) ?? null;
  }

  /** Resolves when it is on the disk. @throws StationError `storage-failed` */
  async set(sha256: Sha256, recipe: string, { lufs, truePeak }: MeasuredLoudness): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const insert = "INSERT INTO loudness (sha256, recipe, lufs, true_peak) VALUES (?, ?, ?, ?)";
      await tx.run(`${insert} ON CONFLICT DO NOTHING`, sha256, recipe, lufs, truePeak);
      await tx.run("DELETE FROM loudness WHERE n <= (SELECT max(n) FROM loudness) - ?", MOST_ROWS);
      tx.afterCommit(() => this.#known.set(`${sha256} ${recipe}`, { lufs, truePeak }));
    });
  }

  async #load(): Promise<void> {
    const rows = await this.#database.all<Row>("SELECT sha256, recipe, lufs, true_peak FROM loudness");
    this.#known.clear();
    for (const { sha256, recipe, lufs, true_peak: truePeak } of rows) {
      this.#known.set(`${sha256} ${recipe}`, { lufs, truePeak });
    }
  }
}
