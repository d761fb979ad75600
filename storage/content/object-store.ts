/**
 * Objects on the disk: `objects/ab/<sha256>`, unfinished ones in `partial/`, spoilt ones in `quarantine/`. Invariants: a file in `objects`
 * was whole and right when it got its name; what is opened is hashed first, and the descriptor given out is the one that was hashed.
 */
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Millis, parseSha256, SECOND, type Sha256 } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Database } from "../database.ts";
import { digestOf, type Fingerprint, fingerprint, keepNewest, openExisting, publish, sameFile } from "./files.ts";

/** Spoilt files kept for diagnosis. */
const KEPT_SPOILT = 5;
/** A file changed just before it was hashed could change again within the same tick of the file system's clock. */
const SETTLED_MS: Millis = SECOND;

export interface Wanted {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

export class ObjectStore {
  readonly #folder: string;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #present = new Map<Sha256, number>();
  readonly #verified = new Map<Sha256, Fingerprint>();

  private constructor(folder: string, database: Database, clock: Clock) {
    this.#folder = folder;
    this.#database = database;
    this.#clock = clock;
  }

  static async open(folder: string, database: Database, clock: Clock): Promise<ObjectStore> {
    for (const name of ["objects", "partial", "quarantine"]) await mkdir(join(folder, name), { recursive: true });
    const store = new ObjectStore(folder, database, clock);
    for (const row of await database.all<{ sha256: Sha256; bytes: number }>("SELECT sha256, bytes FROM media")) {
      store.#present.set(row.sha256, row.bytes);
    }
    return store;
  }

  /** Bytes of an object that is there, `null` of one that is not. */
  bytesOf(sha256: Sha256): number | null {
    return this.#present.get(sha256) ?? null;
  }

  partialPath(sha256: Sha256): string {
    return join(this.#folder, "partial", `${sha256}.part`);
  }

  /** The open file, its bytes being what the name says; or why not. A spoilt one is not removed: see `quarantine`. */
  async openVerified({ sha256, sizeBytes }: Wanted): Promise<FileHandle | "missing" | "altered"> {
    const file = await openExisting(this.#path(sha256));
    if (file === null) return "missing";
    try {
      if (await this.#isRight(file, sha256, sizeBytes)) return file;
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    return "altered";
  }

  /** Takes in a file that already lies in its place but is not known; a spoilt one is put away. */
  async adopt(wanted: Wanted): Promise<"adopted" | "missing" | "spoilt"> {
    const file = await this.openVerified(wanted);
    if (file === "missing") return "missing";
    if (file === "altered") {
      await this.quarantine(wanted.sha256);
      return "spoilt";
    }
    await file.close();
    await this.#record(wanted);
    return "adopted";
  }

  /** Takes in a file that is written, synced and verified. */
  async take(path: string, wanted: Wanted): Promise<void> {
    await publish(path, this.#path(wanted.sha256));
    await this.#record(wanted);
  }

  async quarantine(sha256: Sha256): Promise<void> {
    await rename(this.#path(sha256), join(this.#folder, "quarantine", sha256)).catch((error: NodeJS.ErrnoException) => {
      // Somebody else found it and put it away first.
      if (error.code !== "ENOENT") throw error;
    });
    await this.#forget(sha256);
    await keepNewest(join(this.#folder, "quarantine"), KEPT_SPOILT);
  }

  /**
   * Brings files and rows together again: a row without its file is forgotten, an unknown file in its place is verified and taken in, and
   * what is not wanted is deleted. Unfinished files of what is wanted and missing stay. Where nothing is wanted nothing is deleted: that
   * is what a station looks like that has just lost its database. Resolves with the digests found spoilt.
   */
  async reconcile(wanted: readonly Wanted[]): Promise<Sha256[]> {
    const spoilt: Sha256[] = [];
    const bySha = new Map(wanted.map((each) => [each.sha256, each]));
    const found = await this.#files(bySha);
    for (const sha256 of [...this.#present.keys()]) if (!found.has(sha256)) await this.#forget(sha256);
    for (const each of wanted) {
      if (!found.has(each.sha256) || this.#present.has(each.sha256)) continue;
      if ((await this.adopt(each)) === "spoilt") spoilt.push(each.sha256);
    }
    for (const name of await readdir(join(this.#folder, "partial"))) {
      const sha256 = parseSha256(name.replace(/\.part$/, ""));
      const useful = sha256 !== null && name.endsWith(".part") && bySha.has(sha256) && !this.#present.has(sha256);
      if (!useful && bySha.size > 0) await rm(join(this.#folder, "partial", name), { force: true });
    }
    return spoilt;
  }

  async #files(wanted: ReadonlyMap<Sha256, Wanted>): Promise<Set<Sha256>> {
    const found = new Set<Sha256>();
    for (const folder of await readdir(join(this.#folder, "objects"))) {
      for (const name of await readdir(join(this.#folder, "objects", folder))) {
        const sha256 = parseSha256(name);
        if (sha256?.startsWith(folder) && (wanted.size === 0 || wanted.has(sha256))) found.add(sha256);
        else if (wanted.size > 0)
          await rm(join(this.#folder, "objects", folder, name), { force: true, recursive: true });
      }
    }
    return found;
  }

  async #isRight(file: FileHandle, sha256: Sha256, sizeBytes: number): Promise<boolean> {
    const before = await fingerprint(file);
    if (before.size !== BigInt(sizeBytes)) return false;
    const known = this.#verified.get(sha256);
    if (known !== undefined && sameFile(known, before)) return true;
    this.#verified.delete(sha256);
    if ((await digestOf(file)) !== sha256) return false;
    // Changed while it was read: what was hashed is not what would play.
    if (!sameFile(before, await fingerprint(file))) return false;
    const age = this.#clock.now() - Number(before.ctimeNs / 1_000_000n);
    if (Math.abs(age) >= SETTLED_MS) this.#verified.set(sha256, before);
    return true;
  }

  async #record({ sha256, sizeBytes }: Wanted): Promise<void> {
    await this.#database.run("INSERT OR REPLACE INTO media VALUES (?, ?, ?)", sha256, sizeBytes, this.#clock.now());
    this.#present.set(sha256, sizeBytes);
  }

  async #forget(sha256: Sha256): Promise<void> {
    this.#verified.delete(sha256);
    this.#present.delete(sha256);
    await this.#database.run("DELETE FROM media WHERE sha256 = ?", sha256);
  }

  #path(sha256: Sha256): string {
    return join(this.#folder, "objects", sha256.slice(0, 2), sha256);
  }
}

/** Opens an unfinished file for going on with it, and creates it where it is missing. */
export async function openPartial(path: string): Promise<FileHandle> {
  return open(path, "a+").then(async (created) => {
    await created.close();
    // Not in append mode, which on Linux ignores the position of a write.
    return open(path, "r+");
  });
}
