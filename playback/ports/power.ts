/** What feeds the board: mains, or a battery with so much left. */
import type { Percent } from "../model/units.ts";

export const POWER_SUPPLIES = ["mains", "battery", "unknown"] as const;

export interface PowerReading {
  readonly supply: (typeof POWER_SUPPLIES)[number];
  /** `null` where the board cannot tell. */
  readonly chargePercent: Percent | null;
}

export interface PowerSensor {
  /** Never rejects: what cannot be read is `unknown`. */
  read(): Promise<PowerReading>;
}
