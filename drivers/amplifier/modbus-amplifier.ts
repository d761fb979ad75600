/**
 * An amplifier on the relays of a Modbus board. With a dead-man the power relay is closed for a time only, by the board's own clock, and armed
 * again at each third of it: when the agent, the cable or this computer dies, the relay opens by itself. A relay that somebody else opened
 * (the guard, a reset of the board) is not armed again: the next reading tells, and who holds the amplifier begins anew from safe.
 */
import { StationError } from "../../playback/model/station-error.ts";
import type { Millis } from "../../playback/model/units.ts";
import {
  type Amplifier,
  type AmplifierLines,
  type AmplifierReading,
  SAFE_LINES,
} from "../../playback/ports/amplifier.ts";
import type { Buses } from "../bus/bus.ts";
import { Refused, WireFault } from "../bus/wire-fault.ts";
import { COIL_OFF, COIL_ON } from "../modbus/frame.ts";
import { ModbusUnit, type ModbusUnitConfig } from "../modbus/modbus-unit.ts";
import { assertObeyed, isSafe } from "./obedience.ts";
import { Turns } from "./turns.ts";

export interface ModbusInputConfig {
  readonly input: number;
  /** True where an open input means so. */
  readonly activeLow?: boolean | undefined;
}

export interface ModbusAmplifierConfig extends ModbusUnitConfig {
  /** Coil, from 0; on while it is closed. */
  readonly power: number;
  /** Coil; muted while it is closed. Where it is missing, `driven.muted` is what was asked. */
  readonly mute?: number | undefined;
  readonly fault?: ModbusInputConfig | undefined;
  readonly sense?: ModbusInputConfig | undefined;
  /** The power relay opens by itself after so long without being armed again; a multiple of 100 ms. Without it there is no dead-man. */
  readonly deadManMs?: Millis | undefined;
}

/**
 * A coil's timed closing: written with how many tenths of a second.
 * Source: Waveshare, Modbus relay boards, "flash-on". Assumed: the unit of 100 ms, which differs between models.
 */
const FLASH_ON = 0x0200;
const FLASH_UNIT: Millis = 100;

export class ModbusAmplifier implements Amplifier {
  readonly name: string;
  readonly #config: ModbusAmplifierConfig;
  readonly #unit: ModbusUnit;
  readonly #turns = new Turns();
  #commanded: AmplifierLines | null = null;
  #isOpen = false;
  #arming: NodeJS.Timeout | undefined;

  constructor(name: string, config: ModbusAmplifierConfig, buses: Buses) {
    this.name = name;
    this.#config = config;
    this.#unit = new ModbusUnit(config, buses);
  }

  open(): Promise<void> {
    return this.#turn(async () => {
      await this.#drive(SAFE_LINES);
      this.#isOpen = true;
    });
  }

  drive(lines: AmplifierLines): Promise<void> {
    return this.#turn(async () => {
      this.#assertOpen();
      await this.#drive(lines);
    });
  }

  read(): Promise<AmplifierReading> {
    return this.#turn(async () => {
      this.#assertOpen();
      return this.#read();
    });
  }

  makeSafe(): Promise<boolean> {
    return this.#turns.run(async () => {
      this.#disarm();
      this.#commanded = SAFE_LINES;
      // Each for itself: a mute relay that fails must not keep the power on.
      await Promise.allSettled([this.#mute(true)]);
      try {
        await this.#power(false);
        return isSafe(await this.#read());
      } catch {
        // The port's promise: it never throws, and says that the lines are not known to be safe.
        return false;
      }
    });
  }

  /** With a dead-man, the relay opens on its own after this. */
  close(): Promise<void> {
    return this.#turns.run(async () => {
      this.#isOpen = false;
      this.#disarm();
      this.#unit.close();
    });
  }

  async #drive(lines: AmplifierLines): Promise<void> {
    this.#commanded = lines;
    this.#disarm();
    try {
      if (lines.muted) await this.#mute(true);
    } catch (error) {
      // A mute relay that fails must not keep the power on. Where power fails as well, that is the graver failure, and the one told.
      if (!lines.power) await this.#power(false);
      throw error;
    }
    await this.#power(lines.power);
    if (!lines.muted) await this.#mute(false);
    assertObeyed(this.name, lines, await this.#driven());
    if (lines.power) this.#arm();
  }

  async #power(on: boolean): Promise<void> {
    const { power, deadManMs } = this.#config;
    if (on && deadManMs !== undefined)
      return this.#unit.writeCoil(FLASH_ON + power, Math.round(deadManMs / FLASH_UNIT));
    await this.#unit.writeCoil(power, on ? COIL_ON : COIL_OFF);
  }

  async #mute(on: boolean): Promise<void> {
    if (this.#config.mute !== undefined) await this.#unit.writeCoil(this.#config.mute, on ? COIL_ON : COIL_OFF);
  }

  #arm(): void {
    const { deadManMs } = this.#config;
    if (deadManMs === undefined) return;
    this.#arming = setInterval(() => {
      // A failure is not lost: it is the next reading's, or the relay opens and the next reading says so.
      void this.#turns.run(() => this.#armAgain()).catch(() => undefined);
    }, deadManMs / 3);
    this.#arming.unref();
  }

  async #armAgain(): Promise<void> {
    if (this.#commanded?.power !== true || this.#arming === undefined) return;
    if ((await this.#driven()).power) await this.#power(true);
  }

  #disarm(): void {
    clearInterval(this.#arming);
    this.#arming = undefined;
  }

  async #driven(): Promise<AmplifierLines> {
    const { power, mute } = this.#config;
    const asked = this.#commanded ?? SAFE_LINES;
    const [on, muted] = await this.#bits([power, mute], (from, count) => this.#unit.coils(from, count));
    return { power: on === true, muted: muted ?? asked.muted };
  }

  async #read(): Promise<AmplifierReading> {
    const { fault, sense } = this.#config;
    const driven = await this.#driven();
    const wired = [sense?.input, fault?.input];
    const [sensed, faulty] = await this.#bits(wired, (from, count) => this.#unit.inputs(from, count));
    const meant = (closed: boolean | null | undefined, input: ModbusInputConfig | undefined) =>
      closed === null || closed === undefined ? null : closed !== (input?.activeLow === true);
    return { commanded: this.#commanded, driven, sensed: meant(sensed, sense), fault: meant(faulty, fault) };
  }

  /** Several in one question; `null` for those that are not wired. */
  async #bits(
    wanted: readonly (number | undefined)[],
    ask: (from: number, count: number) => Promise<readonly boolean[]>,
  ): Promise<readonly (boolean | null)[]> {
    const wired = wanted.filter((one) => one !== undefined);
    if (wired.length === 0) return wanted.map(() => null);
    const from = Math.min(...wired);
    const bits = await ask(from, Math.max(...wired) - from + 1);
    return wanted.map((one) => (one === undefined ? null : bits[one - from] === true));
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run(work).catch((error: unknown) => {
      if (!(error instanceof WireFault || error instanceof Refused)) throw error;
      const code = error instanceof WireFault ? "amplifier-unreachable" : "amplifier-disobeys";
      throw new StationError(code, `${this.name}: ${error.message}`, { cause: error });
    });
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new StationError("amplifier-unreachable", `${this.name} is not open`);
  }
}
