/** The simulated board as it is shipped: a process of its own, its log read as a witness would. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { BoardClient } from "../../../drivers/board/board-client.ts";
import { type Behaviour, type BoardLogLine, WELL_BEHAVED } from "../../../drivers/board/protocol.ts";
import type { AmplifierLines } from "../../../playback/ports/amplifier.ts";

const MAIN = join(import.meta.dirname, `../../../drivers/board/main${extname(import.meta.filename)}`);

export class BoardProcess {
  readonly socket: string;
  readonly logFile: string;
  #child: ChildProcess | null = null;

  constructor(folder: string) {
    this.socket = join(folder, "board.sock");
    this.logFile = join(folder, "board.log");
  }

  /** Its socket and its log are in this folder. */
  static async at(folder: string): Promise<BoardProcess> {
    const board = new BoardProcess(folder);
    await board.start();
    return board;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  async start(): Promise<void> {
    if (this.#child !== null) throw new Error("this board runs already");
    // It outlives the agent, and no test.
    const program = [process.execPath, MAIN, "--socket", this.socket, "--log", this.logFile];
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    const ended = once(child, "close").then(([code]) => Promise.reject(new Error(`the board ended with ${code}`)));
    await Promise.race([once(child.stdout as NodeJS.EventEmitter, "data"), ended]);
    ended.catch(() => undefined);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  }

  async behave(behaviour: Partial<Behaviour>, amplifier = "amplifier"): Promise<void> {
    await this.#ask(
      (client) => client.request({ op: "behave", behaviour: { ...WELL_BEHAVED, ...behaviour } }),
      amplifier,
    );
  }

  /** Where the lines are, answered past the driver (and past its misbehaviour: `behave` is always answered with the truth). */
  async truth(amplifier = "amplifier"): Promise<AmplifierLines & { sensed: boolean }> {
    const { lines, sensed } = await this.#ask((client) => client.request({ op: "behave", behaviour: {} }), amplifier);
    return { ...lines, sensed };
  }

  async drive(lines: AmplifierLines, amplifier = "amplifier"): Promise<void> {
    await this.#ask((client) => client.request({ op: "drive", lines }), amplifier);
  }

  async log(): Promise<BoardLogLine[]> {
    const text = await readFile(this.logFile, "utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as BoardLogLine);
  }

  /** Waits until the log holds a line like this after a moment of CLOCK_MONOTONIC, and gives it. */
  async logged(matches: (line: BoardLogLine) => boolean, afterMs = 0, withinMs = 10_000): Promise<BoardLogLine> {
    const until = performance.now() + withinMs;
    for (;;) {
      const found = (await this.log()).find((line) => line.monotonicMs >= afterMs && matches(line));
      if (found !== undefined) return found;
      if (performance.now() > until) throw new Error(`the board's log shows no such line within ${withinMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #ask<T>(work: (client: BoardClient) => Promise<T>, amplifier: string): Promise<T> {
    const client = new BoardClient(this.socket, amplifier);
    try {
      return await work(client);
    } finally {
      client.close();
    }
  }
}
