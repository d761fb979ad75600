/**
 * Lets a technician move an amplifier's lines with a finger on the relay, through the agent that holds them, so that two masters never fight.
 * Invariant: lines that were moved and not moved again within ten seconds are safe, whatever became of whoever moved them.
 */
import { type Millis, SECOND } from "../../playback/model/units.ts";
import type { AmplifierLines, AmplifierReading } from "../../playback/ports/amplifier.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { FactBoard } from "../fact-board.ts";
import { busyOf } from "./busy.ts";
import type { Output } from "./output.ts";

/** Long enough to feel a relay and type an answer; the caller asks again while a hand is still on it. */
export const FORGOTTEN_AFTER: Millis = 10 * SECOND;
/** A relay and its sense input need a moment. */
const SETTLE: Millis = 300;

interface AmplifierTestPorts {
  readonly clock: Clock;
  readonly board: Pick<FactBoard, "facts">;
  readonly store: Pick<Store, "record">;
  readonly outputs: readonly Pick<Output, "name" | "conductor" | "amplifier">[];
  readonly onFault: (error: unknown) => void;
}

export class AmplifierTests {
  readonly #ports: AmplifierTestPorts;
  /** Ends the waiting that would make the lines safe. */
  readonly #moved = new Map<string, AbortController>();

  constructor(ports: AmplifierTestPorts) {
    this.#ports = ports;
  }

  /** Those that have lines. */
  get outputs(): readonly string[] {
    return this.#ports.outputs.filter(({ amplifier }) => amplifier !== null).map(({ name }) => name);
  }

  /** Moves the lines and reads them back, or says why not. @throws StationError of the driver */
  async move(output: string, lines: AmplifierLines): Promise<AmplifierReading | string> {
    const { board, outputs, clock } = this.#ports;
    const keeper = this.#keeperOf(output);
    const busy = keeper === null ? "no lines are wired" : busyOf(board.facts, outputs, clock.now());
    if (keeper === null || busy !== null) return busy ?? "no lines are wired";
    const moved = await keeper.feel(lines);
    if (typeof moved === "string") return moved;
    this.#watch(output);
    await clock.wait(SETTLE);
    // Read again: what senses current is slower than the line.
    return keeper.feel(lines);
  }

  /** Gives the lines back, safe, and writes down what was felt. @throws StationError */
  async end(output: string, record: object): Promise<void> {
    this.#moved.get(output)?.abort();
    this.#moved.delete(output);
    await this.#keeperOf(output)?.feel(null);
    const { store, clock } = this.#ports;
    await store.record(clock.now(), "amplifier-test", { output, ...record }, "result");
  }

  #keeperOf(output: string) {
    const found = this.#ports.outputs.find(({ name, amplifier }) => name === output && amplifier !== null);
    return found?.conductor.amplifier ?? null;
  }

  #watch(output: string): void {
    this.#moved.get(output)?.abort();
    const kept = new AbortController();
    this.#moved.set(output, kept);
    void this.#ports.clock
      .wait(FORGOTTEN_AFTER, kept.signal)
      .then(() => (kept.signal.aborted ? null : this.#keeperOf(output)?.feel(null)))
      .catch(this.#ports.onFault);
  }
}
