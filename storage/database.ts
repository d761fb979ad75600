/**
 * One SQLite file, one writer. Invariants: a transaction that resolved is on the disk (WAL, synchronous=FULL); transactions never overlap;
 * `get` and `all` see only what was committed.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { StationError } from "../playback/model/station-error.ts";
import type { Instant } from "../playback/model/units.ts";
import type { Connection, Reading, SqlValue } from "./connection.ts";
import { noteDamage } from "./damage-note.ts";
import { codeOf, meansCorrupt } from "./faults.ts";
import { type Opened, openOrRecover, type Pair, probeWrite, type Recovery, reopenPair } from "./opening.ts";

/** The writer's side of a running transaction; unusable once it ended. */
export interface Transaction extends Reading {
  /** Resolves with the number of rows changed. @throws StationError `storage-failed` */
  run(sql: string, ...values: SqlValue[]): Promise<number>;
  /** Called in order once the transaction is on the disk, and not at all where it failed. Must not throw. */
  afterCommit(effect: () => void): void;
}

interface Scope {
  open: boolean;
}

export class Database implements Reading {
  readonly file: string;
  /** Set where the file was damaged and a new one was started. */
  readonly recovered: Recovery | null;
  /** The file was looked through whole at this start, because the run before had found it damaged. */
  readonly examined: boolean;
  readonly #scope = new AsyncLocalStorage<Scope>();
  readonly #reloads: (() => Promise<void>)[] = [];
  /** `null` while a file in doubt could not be opened anew. */
  #pair: Pair | null;
  #queue: Promise<unknown> = Promise.resolve();
  #suspect = false;
  #damage: string | null = null;
  #closed = false;

  private constructor(file: string, { pair, recovered, examined }: Opened) {
    this.file = file;
    this.#pair = pair;
    this.recovered = recovered;
    this.examined = examined;
  }

  /**
   * Opens or creates the file in an existing folder, checks it and brings it to the newest schema.
   * @throws StationError `storage-failed`, `database-newer`
   */
  static async open(file: string, now: () => Instant = Date.now): Promise<Database> {
    return new Database(file, await openOrRecover(file, now));
  }

  /**
   * How the file was found damaged while it was used; `null` while it was not. As long as it opens, what is whole of it goes on being used. Only a start,
   * when nobody uses the file, begins it anew.
   */
  get damage(): string | null {
    return this.#damage;
  }

  /** Leaves word for the next start that the file is damaged: it looks it through whole. @throws StationError `storage-failed` */
  async noteDamage(): Promise<void> {
    if (this.#damage !== null) await noteDamage(this.file, this.#damage);
  }

  /** The first row of what was committed. @throws StationError `storage-failed` */
  async get<T>(sql: string, ...values: SqlValue[]): Promise<T | undefined> {
    return this.#watched(() => this.#usable().reader.get<T>(sql, ...values));
  }

  /** All rows of what was committed. @throws StationError `storage-failed` */
  async all<T>(sql: string, ...values: SqlValue[]): Promise<T[]> {
    return this.#watched(() => this.#usable().reader.all<T>(sql, ...values));
  }

  /** One statement in a transaction of its own; resolves with the rows changed. @throws StationError `storage-failed` */
  run(sql: string, ...values: SqlValue[]): Promise<number> {
    return this.transaction((tx) => tx.run(sql, ...values));
  }

  /**
   * Runs `work` between BEGIN IMMEDIATE and COMMIT, after those asked for before it; rolls back where it throws. Resolves when it is on
   * the disk. Inside `work`, await only the transaction: one transaction inside another is a bug and throws.
   * @throws StationError `storage-failed`
   */
  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.#scope.getStore()?.open) throw new Error("a transaction inside a transaction would wait for itself");
    const result = this.#queue.then(() => this.#watched(() => this.#perform(work)));
    // The queue goes on after a failure; the caller hears of it through `result`.
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** `reload` is run after the file had to be opened anew, when what was remembered may differ from what is on the disk. */
  onReopen(reload: () => Promise<void>): void {
    this.#reloads.push(reload);
  }

  /** Waits for the running transactions, then closes. @throws StationError `storage-failed` */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue;
    await this.#pair?.reader.close();
    await this.#pair?.writer.close();
  }

  async #perform<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error(`${this.file} is closed`);
    if (this.#suspect) await this.#reopen();
    const { writer } = this.#usable();
    const effects: (() => void)[] = [];
    const scope: Scope = { open: true };
    await writer.run("BEGIN IMMEDIATE");
    let result: T;
    try {
      result = await this.#scope.run(scope, () => work(guarded(writer, scope, effects)));
      scope.open = false;
      await writer.run("COMMIT");
    } catch (error) {
      scope.open = false;
      await this.#rollback(writer, error);
      throw error;
    }
    for (const effect of effects) effect();
    return result;
  }

  async #rollback(writer: Connection, error: unknown): Promise<void> {
    // After a failed write or fsync nobody knows what the disk holds: nothing is acknowledged before the file was opened and checked anew.
    if (codeOf((error as { cause?: unknown } | null)?.cause) === "SQLITE_IOERR") this.#suspect = true;
    try {
      await writer.run("ROLLBACK");
    } catch (failure) {
      // SQLite itself rolls back on some faults, then there is nothing left to do; anything else leaves the connection in doubt.
      if (!(failure instanceof Error && failure.message.includes("no transaction is active"))) this.#suspect = true;
    }
  }

  async #reopen(): Promise<void> {
    const old = this.#pair;
    // The old connections may well be unable to close: what matters is what the new ones find on the disk.
    await Promise.allSettled([old?.writer.close()]);
    // While the disk takes no write, the old reader goes on answering.
    if (old !== null) await probeWrite(this.file);
    this.#pair = null;
    // All of them, so that the log is read from the disk anew and not from what this process has of it in memory.
    await Promise.allSettled([old?.reader.close()]);
    this.#pair = await reopenPair(this.file);
    // What is damaged in it all the same says so again.
    this.#damage = null;
    for (const reload of this.#reloads) await reload();
    this.#suspect = false;
  }

  /** Remembers where SQLite says that the file is damaged. */
  async #watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (meansCorrupt(error)) this.#damage = (error as Error).message;
      throw error;
    }
  }

  #usable(): Pair {
    if (this.#pair === null)
      throw new StationError("storage-failed", `${this.file} failed and could not be opened anew yet`);
    return this.#pair;
  }
}

function guarded(writer: Connection, scope: Scope, effects: (() => void)[]): Transaction {
  const use = (): Connection => {
    if (!scope.open) throw new Error("the transaction has ended");
    return writer;
  };
  return {
    get: async (sql, ...values) => use().get(sql, ...values),
    all: async (sql, ...values) => use().all(sql, ...values),
    run: async (sql, ...values) => use().run(sql, ...values),
    afterCommit: (effect) => void effects.push(effect),
  };
}
