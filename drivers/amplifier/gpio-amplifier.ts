/** An amplifier on GPIO lines of the board itself, by sysfs or by the character device. */
import { StationError } from "../../playback/model/station-error.ts";
import {
  type Amplifier,
  type AmplifierLines,
  type AmplifierReading,
  SAFE_LINES,
} from "../../playback/ports/amplifier.ts";
import type { GpioLineConfig, HeldLines, Move } from "../gpio/held-lines.ts";
import type { GpioKernel } from "../gpio/kernel.ts";
import { GpioTaker, type GpioWayConfig } from "../gpio/take-lines.ts";
import { isSafe } from "./obedience.ts";
import { Turns } from "./turns.ts";

export interface GpioAmplifierConfig extends GpioWayConfig {
  /** On while the line is active. */
  readonly power: GpioLineConfig;
  /** Muted while the line is active. Where it is missing, `driven.muted` is what was asked. */
  readonly mute?: GpioLineConfig | undefined;
  /** Faulty while the line is active. */
  readonly fault?: GpioLineConfig | undefined;
  /** Current or output present while the line is active. */
  readonly sense?: GpioLineConfig | undefined;
}

interface Lines {
  /** Mute, where it is wired, then power. */
  readonly outputs: HeldLines;
  /** Fault, then sense, those that are wired. */
  readonly inputs: HeldLines | null;
}

export class GpioAmplifier implements Amplifier {
  readonly name: string;
  readonly #config: GpioAmplifierConfig;
  readonly #taker: GpioTaker;
  readonly #turns = new Turns();
  #lines: Lines | null = null;
  #commanded: AmplifierLines | null = null;

  constructor(name: string, config: GpioAmplifierConfig, kernel?: GpioKernel) {
    this.name = name;
    this.#config = config;
    this.#taker = new GpioTaker(name, config, kernel);
  }

  /** @throws StationError `gpio-unavailable`, `amplifier-unreachable`, `amplifier-disobeys` */
  open(): Promise<void> {
    return this.#turns.run(async () => {
      // Taken anew each time: after a chip went away and came back, what was held leads nowhere.
      this.#release();
      try {
        this.#lines = await this.#take();
      } catch (error) {
        // Where power fails as well, that is the graver failure, and the one told.
        await this.#cutPower();
        throw error;
      }
      await this.#drive(this.#lines, SAFE_LINES);
    });
  }

  drive(lines: AmplifierLines): Promise<void> {
    return this.#turns.run(() => this.#drive(this.#opened(), lines));
  }

  read(): Promise<AmplifierReading> {
    return this.#turns.run(() => this.#read(this.#opened()));
  }

  makeSafe(): Promise<boolean> {
    return this.#turns.run(async () => {
      const lines = this.#lines;
      if (lines === null) {
        await Promise.allSettled([this.#cutPower()]);
        return false;
      }
      this.#commanded = SAFE_LINES;
      // Each for itself: a mute line that fails must not keep the power on.
      await Promise.allSettled([lines.outputs.write(this.#mute(true))]);
      await Promise.allSettled([lines.outputs.write(this.#power(false))]);
      return this.#read(lines).then(isSafe, () => false);
    });
  }

  close(): Promise<void> {
    return this.#turns.run(async () => this.#release());
  }

  #release(): void {
    this.#lines?.outputs.close();
    this.#lines?.inputs?.close();
    this.#lines = null;
  }

  /** Takes the power line alone, off, and lets go of it: another line that cannot be had must not keep the power on. */
  async #cutPower(): Promise<void> {
    const held = await this.#taker.outputs([this.#config.power], [SAFE_LINES.power]);
    held.close();
  }

  async #take(): Promise<Lines> {
    const { power, mute, fault, sense } = this.#config;
    // Mute first, so that a power line found active is silent before it is cut.
    const wired = mute === undefined ? [power] : [mute, power];
    const levels = mute === undefined ? [SAFE_LINES.power] : [SAFE_LINES.muted, SAFE_LINES.power];
    const outputs = await this.#taker.outputs(wired, levels);
    const read = [fault, sense].filter((line) => line !== undefined);
    try {
      return { outputs, inputs: read.length === 0 ? null : await this.#taker.inputs(read, false) };
    } catch (error) {
      outputs.close();
      throw error;
    }
  }

  async #drive(lines: Lines, asked: AmplifierLines): Promise<void> {
    this.#commanded = asked;
    const power = this.#power(asked.power);
    const mute = this.#mute(asked.muted);
    try {
      await lines.outputs.write(asked.muted ? [...mute, ...power] : [...power, ...mute]);
    } catch (error) {
      // A mute line that fails must not keep the power on. Where power fails as well, that is the graver failure, and the one told.
      if (!asked.power) await lines.outputs.write(power);
      throw error;
    }
  }

  #power(level: boolean): Move[] {
    return [{ line: this.#config.mute === undefined ? 0 : 1, level }];
  }

  #mute(level: boolean): Move[] {
    return this.#config.mute === undefined ? [] : [{ line: 0, level }];
  }

  async #read(lines: Lines): Promise<AmplifierReading> {
    const { mute, fault, sense } = this.#config;
    const asked = this.#commanded ?? SAFE_LINES;
    const outputs = await lines.outputs.read();
    const inputs = (await lines.inputs?.read()) ?? [];
    const power = outputs[mute === undefined ? 0 : 1] === true;
    return {
      commanded: this.#commanded,
      driven: { power, muted: mute === undefined ? asked.muted : outputs[0] === true },
      sensed: sense === undefined ? null : inputs[fault === undefined ? 0 : 1] === true,
      fault: fault === undefined ? null : inputs[0] === true,
    };
  }

  #opened(): Lines {
    if (this.#lines === null) throw new StationError("amplifier-unreachable", `${this.name} is not open`);
    return this.#lines;
  }
}
