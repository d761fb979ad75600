/** Files that survive a power cut: what these functions have returned from is on the disk. */
import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Replaces a file whole: a reader sees the old text or the new one, never a mixture. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** The text of a file, or `null` where there is none. */
export async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Append-only JSON lines; `append` resolves when the line is on the disk. */
export class LineLog {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens or makes the log. A last line that a power cut tore off is removed: nobody was told that it was stored. */
  static async open(path: string): Promise<{ log: LineLog; lines: unknown[] }> {
    const text = (await readIfPresent(path)) ?? "";
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const file = await open(path, "a", 0o600);
    await file.truncate(Buffer.byteLength(whole));
    await file.sync();
    await syncFolder(dirname(path));
    const lines = whole.split("\n").filter((line) => line !== "");
    return { log: new LineLog(file), lines: lines.map((line): unknown => JSON.parse(line)) };
  }

  async append(value: unknown): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(value)}\n`);
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
