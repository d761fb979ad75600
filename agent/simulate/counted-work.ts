/** Lets virtual time wait for the real disk: each question to the database is work that must end before the clock moves on. */
import type { Database } from "../../storage/database.ts";

export function countWork(database: Database, track: <T>(work: Promise<T>) => Promise<T>): void {
  const { get, all, transaction } = database;
  database.get = (sql, ...values) => track(get.call(database, sql, ...values)) as never;
  database.all = (sql, ...values) => track(all.call(database, sql, ...values)) as never;
  database.transaction = (work) => track(transaction.call(database, work)) as never;
}
