/** An amplifier that moves as told, at once, and remembers each move. */
import type { Monotonic } from "../../playback/model/units.ts";
import {
  type Amplifier,
  type AmplifierLines,
  type AmplifierReading,
  SAFE_LINES,
} from "../../playback/ports/amplifier.ts";

export class MemoryAmplifier implements Amplifier {
  readonly name = "amplifier";
  readonly moves: { at: Monotonic; lines: AmplifierLines }[] = [];
  /** Does not answer while true. */
  broken = false;
  #lines: AmplifierLines = SAFE_LINES;
  readonly #monotonic: () => Monotonic;

  constructor(monotonic: () => Monotonic) {
    this.#monotonic = monotonic;
  }
  open(): Promise<void> {
    return this.broken ? Promise.reject(new Error("no answer")) : Promise.resolve();
  }
  drive(lines: AmplifierLines): Promise<void> {
    if (this.broken) return Promise.reject(new Error("no answer"));
    this.#lines = lines;
    this.moves.push({ at: this.#monotonic(), lines });
    return Promise.resolve();
  }
  read(): Promise<AmplifierReading> {
    return Promise.resolve({ commanded: this.#lines, driven: this.#lines, sensed: null, fault: null });
  }
  makeSafe(): Promise<boolean> {
    this.#lines = SAFE_LINES;
    return Promise.resolve(true);
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
