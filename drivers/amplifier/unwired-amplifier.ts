/**
 * No amplifier line is wired: the sound card's line-out feeds an active horn that is always on. Every asked state counts as reached, nothing
 * is sensed. What may sound is then decided by the sound engine alone; `doctor` says so to the technician.
 */
import { StationError } from "../../playback/model/station-error.ts";
import {
  type Amplifier,
  type AmplifierLines,
  type AmplifierReading,
  SAFE_LINES,
} from "../../playback/ports/amplifier.ts";

export class UnwiredAmplifier implements Amplifier {
  readonly name: string;
  #commanded: AmplifierLines | null = null;
  #isOpen = false;

  constructor(name: string) {
    this.name = name;
  }

  async open(): Promise<void> {
    this.#isOpen = true;
    this.#commanded = SAFE_LINES;
  }

  async drive(lines: AmplifierLines): Promise<void> {
    this.#assertOpen();
    this.#commanded = lines;
  }

  async read(): Promise<AmplifierReading> {
    this.#assertOpen();
    return { commanded: this.#commanded, driven: this.#commanded ?? SAFE_LINES, sensed: null, fault: null };
  }

  async makeSafe(): Promise<boolean> {
    this.#commanded = SAFE_LINES;
    return true;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new StationError("amplifier-unreachable", `${this.name} is not open`);
  }
}
