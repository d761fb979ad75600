/** A contact on a GPIO line of the board itself, read as often as it is asked: not every line can tell its edges. */
import { StationError } from "../../playback/model/station-error.ts";
import type { Contact } from "../../playback/ports/contact.ts";
import { type GpioLineConfig, globalNumber } from "../gpio/chips.ts";
import { OnoffLine } from "../gpio/onoff-line.ts";

export interface GpioContactConfig {
  /** Closed while the line is active. */
  readonly line: GpioLineConfig;
  /** Where the chips are looked up; the kernel's own place unless a test says otherwise. */
  readonly sysfsRoot?: string | undefined;
}

export class GpioContact implements Contact {
  readonly name: string;
  readonly #config: GpioContactConfig;
  #line: OnoffLine | null = null;

  constructor(name: string, config: GpioContactConfig) {
    this.name = name;
    this.#config = config;
  }

  async open(): Promise<void> {
    this.#line?.close();
    this.#line = null;
    const { line, sysfsRoot } = this.#config;
    this.#line = await OnoffLine.input(await globalNumber(line, sysfsRoot), line.activeLow);
  }

  async read(): Promise<boolean> {
    if (this.#line === null) throw new StationError("contact-unreachable", `the contact '${this.name}' is not open`);
    try {
      return await this.#line.read();
    } catch (error) {
      throw new StationError("contact-unreachable", `the contact '${this.name}': ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  async close(): Promise<void> {
    this.#line?.close();
    this.#line = null;
  }
}
