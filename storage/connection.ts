/** The only file that knows `sqlite3`: its callbacks become promises and its faults `StationError`. */
import sqlite3 from "sqlite3";
import { fromSqlite } from "./faults.ts";

/** What may be bound to a parameter. Whole numbers up to 2^53 are exact. */
export type SqlValue = string | number | null | Buffer;

export interface Reading {
  /** The first row, or `undefined`. @throws StationError `storage-failed` */
  get<T>(sql: string, ...values: SqlValue[]): Promise<T | undefined>;
  /** All rows. @throws StationError `storage-failed` */
  all<T>(sql: string, ...values: SqlValue[]): Promise<T[]>;
}

/** One connection. Statements run in the order in which they were asked for. */
export class Connection implements Reading {
  readonly #handle: sqlite3.Database;

  private constructor(handle: sqlite3.Database) {
    this.#handle = handle;
    // One statement at a time: without this the binding may reorder what is asked for in one go.
    handle.serialize();
  }

  /** Opens or creates the file. @throws StationError `storage-failed` */
  static open(file: string, busyTimeoutMs: number): Promise<Connection> {
    return Connection.#open(file, sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE | sqlite3.OPEN_FULLMUTEX, busyTimeoutMs);
  }

  /** Opens an existing file to be looked at only. @throws StationError `storage-failed` */
  static openReadOnly(file: string, busyTimeoutMs: number): Promise<Connection> {
    return Connection.#open(file, sqlite3.OPEN_READONLY | sqlite3.OPEN_FULLMUTEX, busyTimeoutMs);
  }

  static #open(file: string, mode: number, busyTimeoutMs: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const handle = new sqlite3.Database(file, mode, (error) => {
        if (error) return reject(fromSqlite(error, `open ${file}`));
        handle.configure("busyTimeout", busyTimeoutMs);
        resolve(new Connection(handle));
      });
    });
  }

  get<T>(sql: string, ...values: SqlValue[]): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#handle.get<T>(sql, values, (error, row) => (error ? reject(fromSqlite(error, sql)) : resolve(row)));
    });
  }

  all<T>(sql: string, ...values: SqlValue[]): Promise<T[]> {
    return new Promise((resolve, reject) => {
      this.#handle.all<T>(sql, values, (error, rows) => (error ? reject(fromSqlite(error, sql)) : resolve(rows)));
    });
  }

  /** Resolves with the number of rows changed. @throws StationError `storage-failed` */
  run(sql: string, ...values: SqlValue[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#handle.run(sql, values, function (error) {
        if (error) reject(fromSqlite(error, sql));
        else resolve(this.changes);
      });
    });
  }

  /** Runs several statements without parameters. @throws StationError `storage-failed` */
  script(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#handle.exec(sql, (error) => (error ? reject(fromSqlite(error, "script")) : resolve()));
    });
  }

  /** @throws StationError `storage-failed` */
  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#handle.close((error) => (error ? reject(fromSqlite(error, "close")) : resolve()));
    });
  }
}
