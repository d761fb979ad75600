/**
 * One GPIO line. The only file that knows `onoff`, which swallows errors on lines that were exported before: so everything it was asked to
 * set is read back here.
 */
import { closeSync } from "node:fs";
import type { Gpio } from "onoff";
import { StationError } from "../../playback/model/station-error.ts";

/** Loads the native library, so that a process that may need it later does not need the disk then. @throws StationError `gpio-unavailable` */
export async function loadOnoff(): Promise<typeof Gpio> {
  try {
    return (await import("onoff")).Gpio;
  } catch (error) {
    throw new StationError("gpio-unavailable", `the GPIO library cannot be loaded: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

export class OnoffLine {
  readonly #gpio: Gpio;
  readonly #number: number;
  readonly #direction: "in" | "out";
  /** Whether it moved since that was last asked; `null` where it does not tell. */
  #moved: boolean | null = null;

  private constructor(gpio: Gpio, number: number, direction: "in" | "out") {
    this.#gpio = gpio;
    this.#number = number;
    this.#direction = direction;
  }

  /**
   * Takes the line as an output at a logical level, without a moment at the other one. Blocks for up to 0.2 s where the kernel is slow to
   * export it. @throws StationError `gpio-unavailable`, `amplifier-disobeys`
   */
  static async output(number: number, activeLow: boolean, level: boolean): Promise<OnoffLine> {
    // The kernel takes `low` and `high` for physical levels, whatever `active_low` says.
    const line = await OnoffLine.#take(number, level !== activeLow ? "high" : "low", activeLow);
    try {
      await line.write(level);
    } catch (error) {
      line.close();
      throw error;
    }
    return line;
  }

  /** Takes the line as an input; `edges`: tells its movements where it can. @throws StationError `gpio-unavailable`, `amplifier-disobeys` */
  static async input(number: number, activeLow: boolean, edges = false): Promise<OnoffLine> {
    const line = await OnoffLine.#take(number, "in", activeLow);
    if (edges) line.#watch();
    return line;
  }

  static async #take(number: number, direction: "in" | "low" | "high", activeLow: boolean): Promise<OnoffLine> {
    const Library = await loadOnoff();
    let gpio: Gpio;
    try {
      gpio = new Library(number, direction, undefined, { activeLow });
    } catch (error) {
      throw new StationError("gpio-unavailable", `GPIO ${number} cannot be taken: ${(error as Error).message}`, {
        cause: error,
      });
    }
    const line = new OnoffLine(gpio, number, direction === "in" ? "in" : "out");
    try {
      line.#assertDirection();
      if (gpio.activeLow() !== activeLow)
        throw new StationError("amplifier-disobeys", `GPIO ${number} does not take active_low=${activeLow}`);
    } catch (error) {
      line.close();
      throw error;
    }
    return line;
  }

  /** The logical level. @throws StationError `amplifier-unreachable`, `amplifier-disobeys` where the line is no longer ours */
  async read(): Promise<boolean> {
    this.#assertDirection();
    return this.#ask(async () => (await this.#gpio.read()) === 1);
  }

  /** Writes the logical level and reads it back. @throws StationError `amplifier-unreachable`, `amplifier-disobeys` */
  async write(level: boolean): Promise<void> {
    this.#assertDirection();
    await this.#ask(() => this.#gpio.write(level ? 1 : 0));
    if ((await this.read()) === level) return;
    throw new StationError(
      "amplifier-disobeys",
      `GPIO ${this.#number} was set to ${level ? 1 : 0} and reads back otherwise`,
    );
  }

  /** Whether it moved since this was last asked, also to and fro; `null` where the line does not tell. */
  moved(): boolean | null {
    const moved = this.#moved;
    if (moved !== null) this.#moved = false;
    return moved;
  }

  #watch(): void {
    try {
      this.#gpio.setEdge("both");
      this.#gpio.watch(() => {
        this.#moved = true;
      });
      this.#moved = false;
    } catch {
      // A line without interrupts has no `edge` (ENOENT, EIO), or a file that cannot be waited on (EPERM): it is read all the same.
      this.#moved = null;
    }
  }

  /** Lets go of the line. Not by `unexport`, after which the level is undefined on some chips. Idempotent. */
  close(): void {
    const held = this.#gpio as unknown as { _valueFd?: number | undefined };
    if (held._valueFd === undefined) return;
    if (this.#moved !== null) this.#gpio.unwatchAll();
    closeSync(held._valueFd);
    held._valueFd = undefined;
  }

  #assertDirection(): void {
    let direction: string;
    try {
      direction = this.#gpio.direction();
    } catch (error) {
      throw this.#unreachable(error);
    }
    // Right after it was asked for a level at once, a file that is only a file still says `low` or `high`.
    const is = direction === "low" || direction === "high" ? "out" : direction;
    if (is !== this.#direction) {
      throw new StationError(
        "amplifier-disobeys",
        `GPIO ${this.#number} has direction "${direction}", not "${this.#direction}"`,
      );
    }
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #unreachable(error: unknown): StationError {
    return new StationError("amplifier-unreachable", `GPIO ${this.#number}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
