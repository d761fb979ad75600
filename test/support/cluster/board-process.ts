/** The simulated board in its own process: it outlives the agent, and its own log is the witness. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { builtFolder } from "./agent-process.ts";

/** One line of the board's log; see `drivers/board`. */
export interface BoardLine {
  readonly at: string;
  readonly [field: string]: unknown;
}

export class BoardProcess {
  readonly socket: string;
  readonly logFile: string;
  readonly #child: ChildProcess;

  private constructor(socket: string, logFile: string, child: ChildProcess) {
    this.socket = socket;
    this.logFile = logFile;
    this.#child = child;
  }

  static async start(folder: string): Promise<BoardProcess> {
    const socket = join(folder, "board.sock");
    const logFile = join(folder, "board.log");
    const args = [join(builtFolder(), "drivers/board/main.js"), "--socket", socket, "--log", logFile];
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", process.execPath, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => reject(new Error(`the simulated board ended with ${code}`)));
      child.stdout?.once("data", () => resolve());
    });
    return new BoardProcess(socket, logFile, child);
  }

  async lines(): Promise<BoardLine[]> {
    const text = await readFile(this.logFile, "utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as BoardLine);
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGTERM");
    await gone;
  }
}
