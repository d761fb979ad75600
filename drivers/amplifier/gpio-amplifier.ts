/** An amplifier on GPIO lines of the board itself. */
import { StationError } from "../../playback/model/station-error.ts";
import {
  type Amplifier,
  type AmplifierLines,
  type AmplifierReading,
  SAFE_LINES,
} from "../../playback/ports/amplifier.ts";
import { type GpioLineConfig, globalNumber } from "../gpio/chips.ts";
import { OnoffLine } from "../gpio/onoff-line.ts";
import { isSafe } from "./obedience.ts";
import { Turns } from "./turns.ts";

export interface GpioAmplifierConfig {
  /** On while the line is active. */
  readonly power: GpioLineConfig;
  /** Muted while the line is active. Where it is missing, `driven.muted` is what was asked. */
  readonly mute?: GpioLineConfig | undefined;
  /** Faulty while the line is active. */
  readonly fault?: GpioLineConfig | undefined;
  /** Current or output present while the line is active. */
  readonly sense?: GpioLineConfig | undefined;
  /** Where the chips are looked up; the kernel's own place unless a test says otherwise. */
  readonly sysfsRoot?: string | undefined;
}

interface Lines {
  readonly power: OnoffLine;
  readonly mute: OnoffLine | null;
  readonly fault: OnoffLine | null;
  readonly sense: OnoffLine | null;
}

export class GpioAmplifier implements Amplifier {
  readonly name: string;
  readonly #config: GpioAmplifierConfig;
  readonly #turns = new Turns();
  #lines: Lines | null = null;
  #commanded: AmplifierLines | null = null;

  constructor(name: string, config: GpioAmplifierConfig) {
    this.name = name;
    this.#config = config;
  }

  /** @throws StationError `gpio-unavailable`, `amplifier-unreachable`, `amplifier-disobeys` */
  open(): Promise<void> {
    return this.#turns.run(async () => {
      // Taken anew each time: after a chip went away and came back, what was held leads nowhere.
      this.#release();
      this.#lines = await this.#take();
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
      if (lines === null) return false;
      this.#commanded = SAFE_LINES;
      // Each for itself: a mute line that fails must not keep the power on.
      await Promise.allSettled([lines.mute?.write(true)]);
      await Promise.allSettled([lines.power.write(false)]);
      return this.#read(lines).then(isSafe, () => false);
    });
  }

  close(): Promise<void> {
    return this.#turns.run(async () => this.#release());
  }

  #release(): void {
    for (const line of Object.values(this.#lines ?? {})) line?.close();
    this.#lines = null;
  }

  async #take(): Promise<Lines> {
    const taken: OnoffLine[] = [];
    const take = async (config: GpioLineConfig | undefined, level: boolean | "input"): Promise<OnoffLine | null> => {
      if (config === undefined) return null;
      const number = await globalNumber(config, this.#config.sysfsRoot);
      const { activeLow } = config;
      const line =
        level === "input" ? await OnoffLine.input(number, activeLow) : await OnoffLine.output(number, activeLow, level);
      taken.push(line);
      return line;
    };
    try {
      // Mute first, so that a power line found active is silent before it is cut.
      const mute = await take(this.#config.mute, SAFE_LINES.muted);
      const power = (await take(this.#config.power, SAFE_LINES.power)) as OnoffLine;
      return {
        mute,
        power,
        fault: await take(this.#config.fault, "input"),
        sense: await take(this.#config.sense, "input"),
      };
    } catch (error) {
      for (const line of taken) line.close();
      throw error;
    }
  }

  async #drive(lines: Lines, asked: AmplifierLines): Promise<void> {
    this.#commanded = asked;
    if (asked.muted) await lines.mute?.write(true);
    await lines.power.write(asked.power);
    if (!asked.muted) await lines.mute?.write(false);
  }

  async #read(lines: Lines): Promise<AmplifierReading> {
    const asked = this.#commanded ?? SAFE_LINES;
    const driven = { power: await lines.power.read(), muted: (await lines.mute?.read()) ?? asked.muted };
    return {
      commanded: this.#commanded,
      driven,
      sensed: (await lines.sense?.read()) ?? null,
      fault: (await lines.fault?.read()) ?? null,
    };
  }

  #opened(): Lines {
    if (this.#lines === null) throw new StationError("amplifier-unreachable", `${this.name} is not open`);
    return this.#lines;
  }
}
