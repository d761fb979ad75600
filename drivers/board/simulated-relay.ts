/** One amplifier of the simulated board: the truth about its lines, and how it misbehaves. */
import { type AmplifierLines, SAFE_LINES } from "../../playback/ports/amplifier.ts";
import { type Behaviour, WELL_BEHAVED } from "./protocol.ts";

export class SimulatedRelay {
  readonly name: string;
  /** Called at each movement of a line or of the current. */
  readonly #onChange: (relay: SimulatedRelay) => void;
  #lines: AmplifierLines = SAFE_LINES;
  #current = false;
  #behaviour: Behaviour = WELL_BEHAVED;

  constructor(name: string, onChange: (relay: SimulatedRelay) => void) {
    this.name = name;
    this.#onChange = onChange;
  }

  get lines(): AmplifierLines {
    return this.#lines;
  }

  /** Whether supply current flows. */
  get sensed(): boolean {
    return this.#current;
  }

  get behaviour(): Behaviour {
    return this.#behaviour;
  }

  behave(change: Partial<Behaviour>): void {
    this.#behaviour = { ...this.#behaviour, ...change };
  }

  /** Moves the lines one after the other, mute before power on the way down, and answers what it claims to have done. */
  drive(lines: AmplifierLines): AmplifierLines {
    if (this.#behaviour.lying) return lines;
    const power = this.#behaviour.stuckPower ? this.#lines.power : lines.power;
    if (lines.muted) this.#move({ ...this.#lines, muted: true });
    this.#move({ ...this.#lines, power });
    this.#move({ power, muted: lines.muted });
    return this.#lines;
  }

  #move(lines: AmplifierLines): void {
    const current = this.#behaviour.welded ? this.#current : lines.power;
    const moved = lines.power !== this.#lines.power || lines.muted !== this.#lines.muted || current !== this.#current;
    this.#lines = lines;
    this.#current = current;
    if (moved) this.#onChange(this);
  }
}
