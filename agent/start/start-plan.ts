/** How this start of the agent is made: with what it was told, or with what is known to be good; and what had to be left out. */
import { mkdir, open, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StationFile } from "../config/station-file.ts";
import { type LoadedStation, loadStation } from "./last-good.ts";
import { readSnapshot, type Snapshot } from "./snapshot.ts";
import { StartBook } from "./start-book.ts";
import type { Rung } from "./start-memory.ts";

export interface StartPlan {
  /** Path of `station.yaml`. */
  readonly configFile: string;
  /** The station as it is run now. */
  readonly file: StationFile;
  /** As it is configured. */
  readonly loaded: LoadedStation;
  readonly book: StartBook;
  /** `null`: everything runs. */
  readonly safe: { readonly rung: Rung; readonly why: string } | null;
  readonly snapshot: Snapshot | null;
  /** Why the state folder cannot be used; what is remembered now is in memory only. */
  readonly stateLost: string | null;
}

/** Reads what is configured and counts this start. @throws StationError `config-invalid` where nothing good was ever read */
export async function planStart(configFile: string): Promise<StartPlan> {
  const loaded = await loadStation(configFile);
  const { state } = loaded.file;
  const stateLost = await problemOf(state);
  const folder = stateLost === null ? state : await scratchFor(loaded.file);
  const book = await StartBook.begin(folder);
  const { safe } = book.memory;
  const standing = { ...loaded.file, state: folder };
  const file = safe === null ? standing : withoutOptions(standing);
  return { configFile, file, loaded, book, safe, snapshot: await readSnapshot(state), stateLost };
}

/** A station without what it can do without: boards, live sources, microphones, the status page. Keys, amplifiers and battery stay. Pure. */
export function withoutOptions(file: StationFile): StationFile {
  const { board: _, microphone: __, ear: ___, ...hardware } = file.hardware;
  return { ...file, statusPage: undefined, hardware: { ...hardware, lineInputs: {} } };
}

/** Why nothing can be kept in a folder, found by writing; `null` where all is well. A full disk is none of its faults: it has room again. */
export async function problemOf(folder: string): Promise<string | null> {
  const probe = join(folder, ".probe");
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    const file = await open(probe, "w", 0o600);
    await file.close();
    await rm(probe);
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOSPC" ? null : message;
  }
}

/** A folder in memory, beside the socket, that shows media and identity of the real one as far as they can be read. */
async function scratchFor({ socket, state }: StationFile): Promise<string> {
  const scratch = join(dirname(socket), "state-in-memory");
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  for (const name of ["media", "identity"]) {
    const link = join(scratch, name);
    await rm(link, { force: true, recursive: true });
    if (await readable(join(state, name))) await symlink(join(state, name), link);
  }
  return scratch;
}

async function readable(folder: string): Promise<boolean> {
  try {
    await (await open(folder, "r")).close();
    return true;
  } catch {
    return false;
  }
}
