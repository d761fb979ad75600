/**
 * The memory of starts on the disk: written before anything else is tried, so it must not need what may be broken. A disk that is full still
 * takes it, because it is written over itself in one block; one that takes nothing means that starts are not counted, which stops nobody.
 */

import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { SystemTime } from "../../drivers/clock/system-time.ts";
import { messageOf } from "../../playback/model/station-error.ts";
import { replaceFile } from "../../storage/durable-file.ts";
import { begin, ended, good, left, type Moment, NO_STARTS, type StartMemory, startMemory } from "./start-memory.ts";

export const STARTS_FILE = "starts.json";
/** One block of every file system that a board has. */
const BLOCK = 4_096;

/** What stands there; nothing where there is no file, or one that cannot be read. */
export async function readStarts(folder: string): Promise<StartMemory> {
  try {
    const parsed = startMemory.safeParse(JSON.parse(await readFile(join(folder, STARTS_FILE), "utf8")));
    return parsed.success ? parsed.data : NO_STARTS;
  } catch {
    // Missing, torn or refused: a start is tried in full.
    return NO_STARTS;
  }
}

async function overwrite(path: string, text: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.write(text, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

export class StartBook {
  readonly #folder: string;
  #memory: StartMemory;
  /** Why it could not be written last. */
  problem: string | null = null;

  private constructor(folder: string, memory: StartMemory) {
    this.#folder = folder;
    this.#memory = memory;
  }

  /** Counts this start. Never rejects. */
  static async begin(folder: string, now?: Moment): Promise<StartBook> {
    const book = await StartBook.open(folder);
    await book.#write(begin(book.#memory, now ?? (await moment())));
    return book;
  }

  /** Without counting a start. */
  static async open(folder: string): Promise<StartBook> {
    return new StartBook(folder, await readStarts(folder));
  }

  get memory(): StartMemory {
    return this.#memory;
  }

  good(): Promise<void> {
    return this.#write(good(this.#memory));
  }

  ended(): Promise<void> {
    return this.#write(ended(this.#memory));
  }

  leave(): Promise<void> {
    return this.#write(left(this.#memory));
  }

  async #write(memory: StartMemory): Promise<void> {
    this.#memory = memory;
    const path = join(this.#folder, STARTS_FILE);
    const text = `${JSON.stringify(memory).padEnd(BLOCK - 1)}\n`;
    this.problem = await replaceFile(path, text)
      .catch(() => overwrite(path, text))
      .then(() => null, messageOf);
  }
}

async function moment(): Promise<Moment> {
  const time = new SystemTime();
  return { bootId: await time.bootId(), boottimeMs: await time.boottimeMs() };
}
