/** The twin of a power supply: says what it is told to say, also that it hangs. An ordinary driver for scenarios and training. */
import type { PowerReading, PowerSensor } from "../../playback/ports/power.ts";

export class SimulatedPowerSupply implements PowerSensor {
  #reading: PowerReading;
  /** Says nothing while true, as a fuel gauge on a stuck bus does. */
  silent = false;

  constructor(reading: PowerReading = { supply: "mains", chargePercent: 100 }) {
    this.#reading = reading;
  }

  set(change: Partial<PowerReading>): void {
    this.#reading = { ...this.#reading, ...change };
  }

  read(): Promise<PowerReading> {
    return Promise.resolve(this.silent ? { supply: "unknown", chargePercent: null } : this.#reading);
  }
}
