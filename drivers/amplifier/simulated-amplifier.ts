/** An amplifier on the simulated board (`drivers/board`). An ordinary driver: what the board claims is not believed, it is read back. */
import { StationError } from "../../playback/model/station-error.ts";
import {
  type Amplifier,
  type AmplifierLines,
  type AmplifierReading,
  SAFE_LINES,
} from "../../playback/ports/amplifier.ts";
import { BoardClient } from "../board/board-client.ts";
import { assertObeyed, isSafe } from "./obedience.ts";
import { Turns } from "./turns.ts";

export class SimulatedAmplifier implements Amplifier {
  readonly name: string;
  readonly #client: BoardClient;
  readonly #turns = new Turns();
  #commanded: AmplifierLines | null = null;
  #isOpen = false;

  constructor(name: string, socket: string) {
    this.name = name;
    this.#client = new BoardClient(socket, name);
  }

  open(): Promise<void> {
    return this.#turns.run(async () => {
      await this.#drive(SAFE_LINES);
      this.#isOpen = true;
    });
  }

  drive(lines: AmplifierLines): Promise<void> {
    return this.#turns.run(async () => {
      this.#assertOpen();
      await this.#drive(lines);
    });
  }

  read(): Promise<AmplifierReading> {
    return this.#turns.run(async () => {
      this.#assertOpen();
      return this.#read();
    });
  }

  makeSafe(): Promise<boolean> {
    return this.#turns.run(async () => {
      try {
        // Mute before power, in two requests, as a real board gets it.
        const { lines } = await this.#client.request({ op: "read" });
        if (lines.power) await this.#client.request({ op: "drive", lines: { power: true, muted: true } });
        this.#commanded = SAFE_LINES;
        await this.#client.request({ op: "drive", lines: SAFE_LINES });
        return isSafe(await this.#read());
      } catch {
        // The port's promise: it never throws, and says that the lines are not known to be safe.
        return false;
      }
    });
  }

  close(): Promise<void> {
    return this.#turns.run(async () => {
      this.#isOpen = false;
      this.#client.close();
    });
  }

  async #drive(lines: AmplifierLines): Promise<void> {
    this.#commanded = lines;
    await this.#client.request({ op: "drive", lines });
    assertObeyed(this.name, lines, (await this.#read()).driven);
  }

  async #read(): Promise<AmplifierReading> {
    const { lines, sensed, fault } = await this.#client.request({ op: "read" });
    return { commanded: this.#commanded, driven: lines, sensed, fault };
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new StationError("amplifier-unreachable", `${this.name} is not open`);
  }
}
