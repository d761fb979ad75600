/** What the source writes line by line survives a power cut. */
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { readIfPresent, syncFolder } from "../../storage/durable-file.ts";

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
