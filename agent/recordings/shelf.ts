/**
 * The folder of recordings: what is kept there, and what has to go. The names tell the order, so that a damaged note hides nothing from the
 * rules that bound the disk.
 */
import { mkdir, readdir, readFile, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { DAY, type Instant } from "../../playback/model/units.ts";
import { readIfPresent, replaceFile } from "../../storage/durable-file.ts";
import { sha256Of } from "../sha256.ts";
import type { Recording, RecordingNote } from "./recording-file.ts";

/** What bounds the shelf. */
export interface Bounds {
  readonly days: number;
  readonly maxBytes: number;
}

/** More are never kept: each is looked at when one has to go. Assumed: ninety a day for a month. */
const MOST_KEPT = 2_700;
/** Ends the name of one that was made when nobody knew the hour. */
const UNDATED = "-undated";
const NAME = /^rec-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}(-undated)?$/;

/** `mark`: eight hexadecimal digits that no other one of this instant has. */
export function nameOf(at: Instant, mark: string, dated: boolean): string {
  return `rec-${new Date(at).toISOString().replace(/[-:.]/g, "")}-${mark}${dated ? "" : UNDATED}`;
}

export class RecordingShelf {
  readonly #folder: string;
  readonly #reserveBytes: number;

  /** `reserveBytes`: room on the disk that nothing here may take. */
  constructor(folder: string, reserveBytes: number) {
    this.#folder = folder;
    this.#reserveBytes = reserveBytes;
  }

  /** @throws Error of the file system */
  async make(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o750 });
  }

  /** Those whose samples the last run of the agent left; what can never become one is removed. @throws Error of the file system */
  async unfinished(): Promise<readonly string[]> {
    const found = await this.#files();
    for (const [id, endings] of found) {
      const lone = !endings.includes("s16") && !endings.includes("ogg");
      const stray = lone ? endings : endings.filter((ending) => ending === "making" || ending === "json.new");
      for (const ending of stray) await rm(join(this.#folder, `${id}.${ending}`), { force: true });
    }
    return [...found].filter(([, endings]) => endings.includes("s16")).map(([id]) => id);
  }

  /** The oldest first; one whose note cannot be read is left out. @throws Error of the file system */
  async list(): Promise<Recording[]> {
    const listed: Recording[] = [];
    for (const [id, endings] of await this.#files()) {
      const note = endings.includes("ogg") ? await this.#note(id) : null;
      if (isWhole(note)) listed.push(note);
    }
    return listed;
  }

  /** Its bytes, and whether they are those that were recorded; `null` where there is none of this name. @throws Error of the file system */
  async read(id: string): Promise<{ readonly bytes: Buffer; readonly intact: boolean } | null> {
    const endings = (await this.#files()).get(id);
    if (endings?.includes("ogg") !== true) return null;
    const bytes = await readFile(join(this.#folder, `${id}.ogg`));
    return { bytes, intact: sha256Of(bytes) === (await this.#note(id))?.sha256 };
  }

  /**
   * Lets go of the oldest that may not be kept longer, by age (under a clock that is believed, else `now` is `null`), by what all take, and for
   * the room on the disk; gives their names. @throws Error of the file system
   */
  async prune({ days, maxBytes }: Bounds, now: Instant | null, busy: (id: string) => boolean): Promise<string[]> {
    const gone: string[] = [];
    const kept = await Promise.all(
      [...(await this.#files())].map(async ([id, endings]) => ({ id, bytes: await this.#bytes(id, endings) })),
    );
    let [bytes, count, full] = [kept.reduce((sum, one) => sum + one.bytes, 0), kept.length, await this.isFull()];
    for (const one of kept) {
      const age = now === null ? 0 : now - (await this.#keptFrom(one.id, now));
      const must = age > days * DAY || bytes > maxBytes || count > MOST_KEPT || full;
      if (!must || busy(one.id)) continue;
      await this.remove(one.id);
      gone.push(one.id);
      [bytes, count, full] = [bytes - one.bytes, count - 1, full && (await this.isFull())];
    }
    return gone;
  }

  /** @throws Error of the file system */
  async remove(id: string): Promise<void> {
    // The note last: what a power cut leaves of it is found again.
    for (const ending of ["making", "ogg", "s16", "json.new", "json"]) {
      await rm(join(this.#folder, `${id}.${ending}`), { force: true });
    }
  }

  /** @throws Error of the file system */
  async isFull(): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize < this.#reserveBytes;
  }

  /** Endings by name, in the order in which they were made. */
  async #files(): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    for (const name of (await readdir(this.#folder)).sort()) {
      const at = name.indexOf(".");
      const id = name.slice(0, Math.max(0, at));
      if (NAME.test(id)) found.set(id, [...(found.get(id) ?? []), name.slice(at + 1)]);
    }
    return found;
  }

  async #bytes(id: string, endings: readonly string[]): Promise<number> {
    const sizes = await Promise.all(
      endings.map((ending) => stat(join(this.#folder, `${id}.${ending}`)).then(({ size }) => size, gone)),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Since when it is kept. One that was made when nobody knew the hour ages from the first hour that is known. */
  async #keptFrom(id: string, now: Instant): Promise<Instant> {
    const [, year, month, day, hour, minute, second, ms] = NAME.exec(id) ?? [];
    if (!id.endsWith(UNDATED)) return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
    const note = await this.#note(id);
    if (note?.keptFrom !== undefined) return Date.parse(note.keptFrom);
    if (isWhole(note)) {
      await replaceFile(
        join(this.#folder, `${id}.json`),
        JSON.stringify({ ...note, keptFrom: new Date(now).toISOString() }),
      );
    }
    return now;
  }

  async #note(id: string): Promise<RecordingNote | null> {
    try {
      const text = await readIfPresent(join(this.#folder, `${id}.json`));
      return text === null ? null : { ...(JSON.parse(text) as RecordingNote), id };
    } catch (error) {
      // Spoilt by the card: the sound itself is still there, and its digest in the journal.
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }
}

function isWhole(note: RecordingNote | null): note is Recording & RecordingNote {
  return note?.sha256 !== undefined && note.startedAt !== undefined;
}

function gone(error: NodeJS.ErrnoException): number {
  if (error.code === "ENOENT") return 0;
  throw error;
}
