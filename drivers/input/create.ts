/** From the configuration to a driver. */
import type { Contact } from "../../playback/ports/contact.ts";
import { GpioContact, type GpioContactConfig } from "./gpio-contact.ts";
import { SimulatedContact } from "./simulated-contact.ts";

export type ContactConfig =
  | ({ readonly kind: "gpio" } & GpioContactConfig)
  /** `file`: see `SimulatedContact`. */
  | { readonly kind: "simulated"; readonly file: string };

/** Makes the driver; touches nothing before `open`. */
export function createContact(name: string, config: ContactConfig): Contact {
  return config.kind === "gpio" ? new GpioContact(name, config) : new SimulatedContact(name, config.file);
}
