/** A contact on a GPIO line of the board itself, read as often as it is asked, and told its edges in between where the line can tell them. */
import { StationError } from "../../playback/model/station-error.ts";
import type { Contact } from "../../playback/ports/contact.ts";
import type { GpioLineConfig, HeldLines } from "../gpio/held-lines.ts";
import type { GpioKernel } from "../gpio/kernel.ts";
import { GpioTaker, type GpioWayConfig } from "../gpio/take-lines.ts";

export interface GpioContactConfig extends GpioWayConfig {
  /** Closed while the line is active. */
  readonly line: GpioLineConfig;
}

export class GpioContact implements Contact {
  readonly name: string;
  readonly #config: GpioContactConfig;
  readonly #taker: GpioTaker;
  #line: HeldLines | null = null;

  constructor(name: string, config: GpioContactConfig, kernel?: GpioKernel) {
    this.name = name;
    this.#config = config;
    this.#taker = new GpioTaker(name, config, kernel);
  }

  async open(): Promise<void> {
    this.#line?.close();
    this.#line = null;
    this.#line = await this.#taker.inputs([this.#config.line], true);
  }

  async read(): Promise<boolean> {
    const line = this.#opened();
    return this.#ask(async () => (await line.read())[0] === true);
  }

  async moved(): Promise<boolean | null> {
    const line = this.#opened();
    return this.#ask(async () => line.moved());
  }

  #opened(): HeldLines {
    if (this.#line === null) throw new StationError("contact-unreachable", `the contact '${this.name}' is not open`);
    return this.#line;
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
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
