/** Asks the supply, and joins what it allows to the facts that deciding needs. A station without a battery has nothing to watch. */
import type { Facts } from "../playback/model/facts.ts";
import type { Battery } from "../playback/model/power.ts";
import type { Clock } from "../playback/ports/clock.ts";
import type { PowerReading, PowerSensor } from "../playback/ports/power.ts";
import { advancePower, ON_MAINS, type PowerState } from "../playback/power/power.ts";

export interface PowerWatchOptions {
  readonly sensor: PowerSensor;
  readonly battery: Battery;
  readonly clock: Clock;
}

export class PowerWatch {
  readonly #options: PowerWatchOptions | null;
  #mains: () => boolean | null = () => null;
  #state: PowerState = ON_MAINS;
  #reading: PowerReading = { supply: "unknown", chargePercent: null };

  constructor(options: PowerWatchOptions | null) {
    this.#options = options;
  }

  /** A contact that closes while the mains is there speaks where the sensor does not. `null`: it does not know. */
  hear(mains: () => boolean | null): void {
    this.#mains = mains;
  }

  get state(): PowerState {
    return this.#state;
  }
  /** The last reading, for health; `null` where there is no battery. */
  get reading(): PowerReading | null {
    return this.#options === null ? null : this.#reading;
  }

  /** The facts with the supply among them. */
  join(facts: Facts): Facts {
    return this.#options === null ? facts : { ...facts, power: this.#state.mode };
  }

  /** Reads once; call it every second. True where another mode counts from now on. Never rejects. */
  async tick(reserveMs: number): Promise<boolean> {
    if (this.#options === null) return false;
    const { sensor, battery, clock } = this.#options;
    const { mode } = this.#state;
    this.#reading = withContact(await sensor.read(), this.#mains());
    this.#state = advancePower(this.#state, this.#reading, clock.monotonic(), battery, reserveMs);
    return this.#state.mode !== mode;
  }
}

/** The sensor measures; the contact only stands in for one that is not there, or does not know. */
function withContact(reading: PowerReading, mains: boolean | null): PowerReading {
  if (reading.supply !== "unknown" || mains === null) return reading;
  return { ...reading, supply: mains ? "mains" : "battery" };
}
