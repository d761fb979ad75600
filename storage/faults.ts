/** What SQLite or the file system answers, sorted: a fault of the world becomes a `StationError`, anything else stays the bug that it is. */
import { StationError } from "../playback/model/station-error.ts";

/** SQLite result codes that say something about the disk or the file, not about our statement. */
const OF_THE_WORLD = new Set([
  "SQLITE_BUSY",
  "SQLITE_CANTOPEN",
  "SQLITE_CORRUPT",
  "SQLITE_FULL",
  "SQLITE_IOERR",
  "SQLITE_LOCKED",
  "SQLITE_NOMEM",
  "SQLITE_NOTADB",
  "SQLITE_PERM",
  "SQLITE_PROTOCOL",
  "SQLITE_READONLY",
]);

/** SQLite result codes that say that the file itself is damaged, or is no database. */
const OF_THE_FILE = new Set(["SQLITE_CORRUPT", "SQLITE_NOTADB"]);

/** Damage that SQLite's own check found. */
export class DamagedFile extends Error {
  override readonly name = "DamagedFile";
}

/** The error code that Node, or the SQLite binding, put on an error; empty where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** True where the file itself is damaged or is no database, whoever has put the error into words of his own since. */
export function meansCorrupt(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one instanceof DamagedFile || OF_THE_FILE.has(codeOf(one))) return true;
  }
  return false;
}

/** Faults of SQLite become `storage-failed`; everything else is returned as it came. */
export function fromSqlite(error: unknown, doing: string): unknown {
  if (!OF_THE_WORLD.has(codeOf(error))) return error;
  return new StationError("storage-failed", `${doing}: ${(error as Error).message}`, { cause: error });
}

/** Faults of the file system (anything with an error code) become `storage-failed`. */
export function fromFileSystem(error: unknown, doing: string): unknown {
  if (error instanceof StationError || codeOf(error) === "") return error;
  return new StationError("storage-failed", `${doing}: ${(error as Error).message}`, { cause: error });
}

/** Work with files, whose faults become `storage-failed`. @throws StationError */
export async function asStation<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fromFileSystem(error, doing);
  }
}
