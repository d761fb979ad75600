/**
 * How a database file is opened: every promise about durability is read back, not assumed, and a damaged file is moved aside, because a
 * station that starts with an empty memory is better than one that does not start.
 * Source: sqlite.org/pragma.html; a power cut lost 204 of 400 acknowledged writes with synchronous=NORMAL and none with FULL.
 */
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StationError } from "../playback/model/station-error.ts";
import type { Instant } from "../playback/model/units.ts";
import { Connection } from "./connection.ts";
import { takeDamageNote } from "./damage-note.ts";
import { DamagedFile, fromFileSystem, meansCorrupt } from "./faults.ts";
import { migrate, schemaVersion } from "./migrations.ts";

const BUSY_TIMEOUT_MS = 5_000;
/** The WAL-reset fix. */
const OLDEST_SQLITE = [3, 51, 3] as const;
/** Damaged files kept for diagnosis; a dying card must not fill itself with them. */
const KEPT_CORRUPT = 3;

export interface Recovery {
  /** Where the damaged file lies now. */
  readonly movedTo: string;
  readonly problem: string;
}

/** A connection for writing and one for reading, so that a reader sees only what was committed. */
export interface Pair {
  readonly writer: Connection;
  readonly reader: Connection;
}

export interface Opened {
  readonly pair: Pair;
  readonly recovered: Recovery | null;
  /** It was looked through whole, because the run before had found it damaged. */
  readonly examined: boolean;
}

/** Opens the pair; where the file is damaged, moves it aside and starts a new one. @throws StationError `storage-failed`, `database-newer` */
export async function openOrRecover(file: string, now: () => Instant): Promise<Opened> {
  const examined = await takeDamageNote(file);
  try {
    return { pair: await openPair(file, examined ? "integrity_check" : "quick_check"), recovered: null, examined };
  } catch (error) {
    if (!meansCorrupt(error)) throw error;
    const movedTo = await moveAside(file, now()).catch((failure: unknown) => {
      throw fromFileSystem(failure, `move ${file} aside`);
    });
    return { pair: await openPair(file), recovered: { movedTo, problem: (error as Error).message }, examined };
  }
}

/** Opens the pair and throws where the file is damaged. @throws StationError `storage-failed`, `database-newer` */
async function openPair(file: string, check: "quick_check" | "integrity_check" = "quick_check"): Promise<Pair> {
  const writer = await Connection.open(file, BUSY_TIMEOUT_MS);
  try {
    await assertVersion(writer);
    await schemaVersion(writer);
    const found = await writer.all<Record<string, string>>(`PRAGMA ${check}(10)`);
    const problems = found.flatMap((row) => Object.values(row)).filter((line) => line !== "ok");
    if (problems.length > 0) throw new DamagedFile(`${check}: ${problems.join("; ")}`);
    await configure(writer);
    await migrate(writer);
    const reader = await Connection.open(file, BUSY_TIMEOUT_MS);
    await configure(reader);
    await readBack(reader, "query_only", "ON", 1);
    return { writer, reader };
  } catch (error) {
    await writer.close();
    throw error;
  }
}

/**
 * Opens the pair of a file that this process had open. Damage is a fault of the disk like any other then: what plays goes on from memory, and
 * only a start, when nobody uses the file, moves it aside. @throws StationError `storage-failed`, `database-newer`
 */
export async function reopenPair(file: string): Promise<Pair> {
  try {
    return await openPair(file);
  } catch (error) {
    if (!meansCorrupt(error)) throw error;
    const told = `${file} is damaged (${(error as Error).message}); a restart moves it aside and begins a new one`;
    throw new StationError("storage-failed", told, { cause: error });
  }
}

/** Whether the disk takes a write again: makes one, which changes nothing. @throws StationError `storage-failed` */
export async function probeWrite(file: string): Promise<void> {
  const connection = await Connection.open(file, BUSY_TIMEOUT_MS);
  try {
    await configure(connection);
    await connection.run("UPDATE outbox_state SET id = id");
  } finally {
    await connection.close();
  }
}

async function assertVersion(connection: Connection): Promise<void> {
  const row = await connection.get<{ version: string }>("SELECT sqlite_version() AS version");
  const [major = 0, minor = 0, patch = 0] = (row?.version ?? "").split(".").map(Number);
  const [a, b, c] = OLDEST_SQLITE;
  if (major !== a ? major > a : minor !== b ? minor > b : patch >= c) return;
  throw new Error(
    `SQLite ${row?.version} is older than ${OLDEST_SQLITE.join(".")}: its WAL can be corrupted by a reset`,
  );
}

async function configure(connection: Connection): Promise<void> {
  await readBack(connection, "journal_mode", "WAL", "wal");
  await readBack(connection, "synchronous", "FULL", 2);
  await readBack(connection, "foreign_keys", "ON", 1);
  await readBack(connection, "journal_size_limit", "4194304", 4_194_304);
}

async function readBack(connection: Connection, name: string, value: string, expected: string | number): Promise<void> {
  await connection.all(`PRAGMA ${name} = ${value}`);
  const row = await connection.get<Record<string, unknown>>(`PRAGMA ${name}`);
  if (row?.[name] !== expected) throw new Error(`SQLite did not take ${name}=${value}: it says ${String(row?.[name])}`);
}

async function moveAside(file: string, now: Instant): Promise<string> {
  const stamp = new Date(now).toISOString().replaceAll(":", "").replace(/\.\d+/, "");
  let target = `${file}.corrupt-${stamp}`;
  for (let n = 2; await exists(target); n++) target = `${file}.corrupt-${stamp}-${n}`;
  // The log first: a new file that found the old log beside it would be damaged at birth.
  for (const suffix of ["-wal", "-shm", ""]) {
    if (await exists(file + suffix)) await rename(file + suffix, target + suffix);
  }
  await forgetOld(file);
  return target;
}

async function forgetOld(file: string): Promise<void> {
  const folder = dirname(file);
  const names = await readdir(folder);
  const corrupt = names.filter((name) => name.startsWith(`${basename(file)}.corrupt-`) && !/-(wal|shm)$/.test(name));
  const aged = await Promise.all(
    corrupt.map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name))).ctimeMs })),
  );
  aged.sort((a, b) => b.at - a.at);
  for (const { path } of aged.slice(KEPT_CORRUPT)) {
    for (const suffix of ["-wal", "-shm", ""]) await rm(path + suffix, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
