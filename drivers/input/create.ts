/** From the configuration to a driver. */
import type { Contact } from "../../playback/ports/contact.ts";
import { Buses } from "../bus/bus.ts";
import { GpioContact, type GpioContactConfig } from "./gpio-contact.ts";
import { ModbusContact, type ModbusContactConfig } from "./modbus-contact.ts";
import { SimulatedContact } from "./simulated-contact.ts";

export type ContactConfig =
  | ({ readonly kind: "gpio" } & GpioContactConfig)
  | ({ readonly kind: "modbus" } & ModbusContactConfig)
  /** `file`: see `SimulatedContact`. */
  | { readonly kind: "simulated"; readonly file: string };

/** Makes the driver; touches nothing before `open`. `buses`: one for all hardware of a process, where boards may share a line. */
export function createContact(name: string, config: ContactConfig, buses: Buses = new Buses()): Contact {
  switch (config.kind) {
    case "gpio":
      return new GpioContact(name, config);
    case "modbus":
      return new ModbusContact(name, config, buses);
    case "simulated":
      return new SimulatedContact(name, config.file);
  }
}
