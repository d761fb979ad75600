/**
 * Objects on the disk: `objects/ab/<sha256>`, unfinished ones in `partial/`, spoilt ones in `quarantine/`. Invariants: a file in `objects`
 * was whole and right when it got its name; what is opened is hashed first, and the descriptor given out is the one that was hashed.
 */
import { type FileHandle, mkdir, readdir, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Instant, type Millis, parseSha256, SECOND, type Sha256 } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Database } from "../database.ts";
import { digestOf, type Fingerprint, fingerprint, keepNewest, openExisting, publish, sameFile } from "./files.ts";
import { partialsIn } from "./partials.ts";
import { Strikes } from "./strikes.ts";

/** Spoilt files kept for diagnosis. */
const KEPT_SPOILT = 5;
/** A file changed just before it was hashed could change again within the same tick of the file system's clock. */
const SETTLED_MS: Millis = SECOND;

/** An object on the disk. */
export interface Stored {
  readonly sha256: Sha256;
  readonly bytes: number;
  /** Running numbers: the least was used, or read again, the longest ago. */
  readonly used: number;
  readonly scrub: number;
  readonly scrubbedAt: Instant;
}

export interface Wanted {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

export class ObjectStore {
  readonly #folder: string;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #present = new Map<Sha256, Stored>();
  readonly #verified = new Map<Sha256, Fingerprint>();
  readonly #strikes: Strikes;
  /** Used since the last `flush`. */
  readonly #used = new Set<Sha256>();
  #running = 0;

  private constructor(folder: string, database: Database, strikes: Strikes, clock: Clock) {
    this.#folder = folder;
    this.#database = database;
    this.#strikes = strikes;
    this.#clock = clock;
  }

  static async open(folder: string, database: Database, clock: Clock): Promise<ObjectStore> {
    for (const name of ["objects", "partial", "quarantine"]) await mkdir(join(folder, name), { recursive: true });
    const store = new ObjectStore(folder, database, await Strikes.open(database), clock);
    const rows = await database.all<Stored>(
      "SELECT sha256, bytes, used_n AS used, scrub_n AS scrub, scrubbed_ms AS scrubbedAt FROM media",
    );
    for (const row of rows) {
      store.#present.set(row.sha256, row);
      store.#running = Math.max(store.#running, row.used, row.scrub);
    }
    return store;
  }

  list(): readonly Stored[] {
    return [...this.#present.values()];
  }

  /** How often each was found spoilt on this disk. */
  get strikes(): Pick<Strikes, "of" | "outOf" | "forgive"> {
    return this.#strikes;
  }

  /** It is being used now; on the disk after `flush`. */
  use(sha256: Sha256): void {
    const stored = this.#present.get(sha256);
    if (stored === undefined) return;
    this.#running += 1;
    this.#present.set(sha256, { ...stored, used: this.#running });
    this.#used.add(sha256);
  }

  /** Writes what was used. Apart from `use`, so that playing never waits for it. */
  async flush(): Promise<void> {
    const used = [...this.#used].flatMap((sha256) => this.#present.get(sha256) ?? []);
    if (used.length > 0) {
      await this.#database.transaction(async (tx) => {
        for (const one of used) await tx.run("UPDATE media SET used_n = ? WHERE sha256 = ?", one.used, one.sha256);
      });
    }
    for (const { sha256 } of used) this.#used.delete(sha256);
  }

  /** It was read again whole and is right. */
  async scrubbed(sha256: Sha256): Promise<void> {
    const stored = this.#present.get(sha256);
    if (stored === undefined) return;
    this.#running += 1;
    const [scrub, scrubbedAt] = [this.#running, this.#clock.now()];
    this.#present.set(sha256, { ...stored, scrub, scrubbedAt });
    const sql = "UPDATE media SET scrub_n = ?, scrubbed_ms = ? WHERE sha256 = ?";
    await this.#database.run(sql, scrub, scrubbedAt, sha256);
  }

  /** Makes room. The file first: a row without it is put right at the next start, a file without its row would be taken in again. */
  async remove(sha256: Sha256): Promise<void> {
    await rm(this.#path(sha256), { force: true });
    await this.#forget(sha256);
  }

  /** Bytes of unfinished files. */
  partials(): Promise<Map<Sha256, number>> {
    return partialsIn(join(this.#folder, "partial"));
  }

  async removePartial(sha256: Sha256): Promise<void> {
    await rm(this.partialPath(sha256), { force: true });
  }

  /** Bytes that the file system gives to this process, as it says itself. */
  async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize;
  }

  /** Bytes of an object that is there, `null` of one that is not. */
  bytesOf(sha256: Sha256): number | null {
    return this.#present.get(sha256)?.bytes ?? null;
  }

  partialPath(sha256: Sha256): string {
    return join(this.#folder, "partial", `${sha256}.part`);
  }

  /** What was known of its bytes no longer counts: it is read again at the next opening. */
  doubt(sha256: Sha256): void {
    this.#verified.delete(sha256);
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

  /** Opens whatever lies in its place; `null` where nothing does. */
  openUnverified(sha256: Sha256): Promise<FileHandle | null> {
    return openExisting(this.#path(sha256));
  }

  /** Puts a spoilt object away and counts it against this disk. */
  async quarantine(sha256: Sha256): Promise<void> {
    const moved = await rename(this.#path(sha256), join(this.#folder, "quarantine", sha256)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        // Somebody else found it and put it away first.
        if (error.code !== "ENOENT") throw error;
        return false;
      },
    );
    if (moved) await this.#strikes.add(sha256, this.#clock.now());
    await this.#forget(sha256);
    await keepNewest(join(this.#folder, "quarantine"), KEPT_SPOILT);
  }

  /**
   * Brings files and rows together again: a row without its file is forgotten, an unknown file in its place is verified and taken in, and
   * what is not wanted is deleted. Unfinished files of what is wanted and missing stay. Where nothing is wanted nothing is deleted: that
   * is what a station looks like that has just lost its database; nor with `keep`. Resolves with the digests found spoilt.
   */
  async reconcile(wanted: readonly Wanted[], keep = false): Promise<Sha256[]> {
    const spoilt: Sha256[] = [];
    const bySha = new Map(wanted.map((each) => [each.sha256, each]));
    const found = await this.#files(keep ? new Map() : bySha);
    for (const sha256 of [...this.#present.keys()]) if (!found.has(sha256)) await this.#forget(sha256);
    for (const each of wanted) {
      if (!found.has(each.sha256) || this.#present.has(each.sha256)) continue;
      if ((await this.adopt(each)) === "spoilt") spoilt.push(each.sha256);
    }
    for (const name of await readdir(join(this.#folder, "partial"))) {
      const sha256 = parseSha256(name.replace(/\.part$/, ""));
      const useful = sha256 !== null && name.endsWith(".part") && bySha.has(sha256) && !this.#present.has(sha256);
      if (!useful && bySha.size > 0 && !keep) await rm(join(this.#folder, "partial", name), { force: true });
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

  async #record({ sha256, sizeBytes: bytes }: Wanted): Promise<void> {
    this.#running += 1;
    const at = this.#clock.now();
    const stored: Stored = { sha256, bytes, used: this.#running, scrub: this.#running, scrubbedAt: at };
    const sql = "INSERT OR REPLACE INTO media VALUES (?, ?, ?, ?, ?, ?)";
    await this.#database.run(sql, sha256, bytes, at, stored.used, stored.scrub, stored.scrubbedAt);
    this.#present.set(sha256, stored);
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
