/** From the configuration to a driver. The agent and the guard make theirs here, from the same words. */
import type { Amplifier } from "../../playback/ports/amplifier.ts";
import { Buses } from "../bus/bus.ts";
import { GpioAmplifier, type GpioAmplifierConfig } from "./gpio-amplifier.ts";
import { ModbusAmplifier, type ModbusAmplifierConfig } from "./modbus-amplifier.ts";
import { SimulatedAmplifier } from "./simulated-amplifier.ts";
import { UnwiredAmplifier } from "./unwired-amplifier.ts";

export type AmplifierConfig = {
  /** For messages, and on the simulated board to tell amplifiers apart. Default `amplifier`. */
  readonly name?: string | undefined;
} & (
  | ({ readonly kind: "gpio" } & GpioAmplifierConfig)
  | ({ readonly kind: "modbus" } & ModbusAmplifierConfig)
  /** `socket`: path of the simulated board's socket. */
  | { readonly kind: "simulated"; readonly socket: string }
  /** No line is wired: see `UnwiredAmplifier`. */
  | { readonly kind: "none" }
);

/** Makes the driver; touches nothing before `open`. `buses`: one for all hardware of a process, where boards may share a line. */
export function createAmplifier(config: AmplifierConfig, buses: Buses = new Buses()): Amplifier {
  const name = config.name ?? "amplifier";
  switch (config.kind) {
    case "gpio":
      return new GpioAmplifier(name, config);
    case "modbus":
      return new ModbusAmplifier(name, config, buses);
    case "simulated":
      return new SimulatedAmplifier(name, config.socket);
    case "none":
      return new UnwiredAmplifier(name);
  }
}
