/** Looks at a database file without changing it, with or without an agent that uses it: for diagnosis. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Connection } from "./connection.ts";
import { meansCorrupt } from "./faults.ts";

const BUSY_TIMEOUT_MS = 2_000;

export interface DatabaseFinding {
  /** `refused`: it is there and cannot be opened, by rights or by the disk. */
  readonly state: "absent" | "sound" | "damaged" | "refused";
  readonly problem: string;
  /** Damaged files that were put aside earlier. */
  readonly aside: readonly string[];
}

/** Runs SQLite's `quick_check`. Never rejects for the file's sake. */
export async function inspectDatabase(file: string): Promise<DatabaseFinding> {
  const names = await readdir(dirname(file)).catch(() => []);
  const prefix = `${basename(file)}.corrupt-`;
  const aside = names
    .filter((name) => name.startsWith(prefix) && !/-(wal|shm)$/.test(name))
    .map((name) => join(dirname(file), name));
  if ((await stat(file).catch(() => null)) === null) return { state: "absent", problem: "", aside };
  let connection: Connection | null = null;
  try {
    connection = await Connection.openReadOnly(file, BUSY_TIMEOUT_MS);
    const rows = await connection.all<{ quick_check: string }>("PRAGMA quick_check(10)");
    const problems = rows.map((row) => row.quick_check).filter((line) => line !== "ok");
    if (problems.length > 0) return { state: "damaged", problem: problems.join("; "), aside };
    return { state: "sound", problem: "", aside };
  } catch (error) {
    return { state: meansCorrupt(error) ? "damaged" : "refused", problem: (error as Error).message, aside };
  } finally {
    await connection?.close();
  }
}
