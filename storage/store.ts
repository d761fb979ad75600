/** Everything that the station remembers, on one database in one folder. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Instant } from "../playback/model/units.ts";
import type { Clock } from "../playback/ports/clock.ts";
import { CommandResults } from "./command-results.ts";
import { Database, type Transaction } from "./database.ts";
import { DocumentStore } from "./documents.ts";
import { fromFileSystem } from "./faults.ts";
import { Journal } from "./journal.ts";
import { LoudnessBook } from "./loudness.ts";
import { Notes } from "./notes.ts";
import { type EventClass, Outbox, type OutboxBounds } from "./outbox.ts";
import { SqlitePlayLog } from "./play-log.ts";
import { Unreadable } from "./unreadable.ts";

export const DATABASE_FILE = "loa.db";

export interface StoreOptions {
  readonly clock: Clock;
  readonly outbox?: OutboxBounds;
}

export class Store {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly journal: Journal;
  readonly documents: DocumentStore;
  readonly commands: CommandResults;
  readonly playLog: SqlitePlayLog;
  readonly notes: Notes;
  readonly loudness: LoudnessBook;
  /** What was stored and can no longer be read. */
  readonly unreadable: Unreadable;

  private constructor(parts: Omit<Store, "transaction" | "record" | "close">) {
    this.database = parts.database;
    this.outbox = parts.outbox;
    this.journal = parts.journal;
    this.documents = parts.documents;
    this.commands = parts.commands;
    this.playLog = parts.playLog;
    this.notes = parts.notes;
    this.loudness = parts.loudness;
    this.unreadable = parts.unreadable;
  }

  /** Opens `loa.db` in the folder, which is created where it is missing. @throws StationError `storage-failed`, `database-newer` */
  static async open(folder: string, options: StoreOptions): Promise<Store> {
    const { clock } = options;
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw fromFileSystem(error, `create ${folder}`);
    });
    const database = await Database.open(join(folder, DATABASE_FILE), () => clock.now());
    try {
      const outbox = new Outbox(database, options.outbox);
      const journal = await Journal.open(database, outbox);
      const unreadable = new Unreadable();
      const [documents, notes] = [await DocumentStore.open(database), await Notes.open(database, unreadable)];
      const playLog = await SqlitePlayLog.open(database, journal, clock, unreadable);
      return new Store({
        database,
        outbox,
        journal,
        documents,
        commands: new CommandResults(database),
        playLog,
        notes,
        loudness: await LoudnessBook.open(database),
        unreadable,
      });
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** See `Database.transaction`. @throws StationError `storage-failed` */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /** Writes one record, and nothing else with it. @throws StationError `storage-failed` */
  async record(at: Instant, kind: string, body: object, eventClass: EventClass): Promise<void> {
    await this.transaction((tx) => this.journal.append(tx, at, kind, body, eventClass));
  }

  /** Waits for what is being written. @throws StationError `storage-failed` */
  close(): Promise<void> {
    return this.database.close();
  }
}
