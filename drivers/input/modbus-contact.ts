/** A contact on an input of a Modbus board. Nobody tells its edges: it is what it is when it is asked. */
import { StationError } from "../../playback/model/station-error.ts";
import type { Contact } from "../../playback/ports/contact.ts";
import type { Buses } from "../bus/bus.ts";
import { Refused, WireFault } from "../bus/wire-fault.ts";
import { ModbusUnit, type ModbusUnitConfig } from "../modbus/modbus-unit.ts";

export interface ModbusContactConfig extends ModbusUnitConfig {
  /** From 0. */
  readonly input: number;
  /** True where an open input means closed. */
  readonly activeLow?: boolean | undefined;
}

export class ModbusContact implements Contact {
  readonly name: string;
  readonly #input: number;
  readonly #activeLow: boolean;
  readonly #unit: ModbusUnit;

  constructor(name: string, config: ModbusContactConfig, buses: Buses) {
    this.name = name;
    this.#input = config.input;
    this.#activeLow = config.activeLow === true;
    this.#unit = new ModbusUnit(config, buses);
  }

  async open(): Promise<void> {
    await this.read();
  }

  async read(): Promise<boolean> {
    try {
      const [on] = await this.#unit.inputs(this.#input, 1);
      return (on === true) !== this.#activeLow;
    } catch (error) {
      if (!(error instanceof WireFault || error instanceof Refused)) throw error;
      throw new StationError("contact-unreachable", `the contact '${this.name}': ${error.message}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    this.#unit.close();
  }
}
