/** systemd's own tool at a socket: it starts a guard for each connection, as `loa-guard.socket` does on a board. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const LISTENS_MS = 10_000;

export class GuardListener {
  readonly socket: string;
  readonly #process: ChildProcess;

  private constructor(socket: string, process: ChildProcess) {
    this.socket = socket;
    this.#process = process;
  }

  /** `guard`: the command of one. @throws Error where nobody listens within 10 s */
  static async start(folder: string, guard: readonly string[]): Promise<GuardListener> {
    const socket = join(folder, "guard.sock");
    const options = ["--listen", socket, "--accept", "--inetd", "--"];
    const listener = new GuardListener(
      socket,
      spawn("systemd-socket-activate", [...options, ...guard], { stdio: "ignore" }),
    );
    const until = performance.now() + LISTENS_MS;
    while (!existsSync(socket)) {
      if (performance.now() > until) throw new Error(`nobody listens at ${socket}`);
      await sleep(10);
    }
    return listener;
  }

  /** Numbers of the guards that run. */
  async guards(): Promise<number[]> {
    const { pid } = this.#process;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    return children
      .split(" ")
      .filter((one) => one !== "")
      .map(Number);
  }

  stop(): void {
    this.#process.kill();
  }
}
