/** A contact for training and tests: a file that says `1` while it is closed and `0` while it is open. */
import { open } from "node:fs/promises";
import { StationError } from "../../playback/model/station-error.ts";
import type { Contact } from "../../playback/ports/contact.ts";

export class SimulatedContact implements Contact {
  readonly name: string;
  readonly #path: string;

  constructor(name: string, path: string) {
    this.name = name;
    this.#path = path;
  }

  async open(): Promise<void> {
    await this.read();
  }

  async read(): Promise<boolean> {
    const text = await this.#text();
    if (text === "1" || text === "0") return text === "1";
    throw new StationError("contact-unreachable", `the contact '${this.name}' reads "${text}", neither 0 nor 1`);
  }

  async close(): Promise<void> {}

  async #text(): Promise<string> {
    try {
      const file = await open(this.#path, "r");
      const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0).finally(() => file.close());
      return buffer.toString("utf8", 0, bytesRead).trim();
    } catch (error) {
      throw new StationError("contact-unreachable", `the contact '${this.name}': ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}
