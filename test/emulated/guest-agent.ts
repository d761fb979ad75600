/**
 * Hands on an emulated board: runs commands there through QEMU's own guest agent, over a virtual serial port. It needs no network and no login on the
 * board, and hears by itself when the board has booted again.
 */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const ASK_EVERY_MS = 1_000;
const POLL_MS = 200;
/** An answer of the agent itself; an emulated board is slow and may be busy. */
const ANSWER_MS = 120_000;

const answer = z.object({ return: z.unknown(), error: z.object({ desc: z.string() }).optional() }).partial();
const started = z.object({ pid: z.int() });
const state = z.object({
  exited: z.boolean(),
  exitcode: z.int().optional(),
  signal: z.int().optional(),
  "out-data": z.string().optional(),
  "err-data": z.string().optional(),
});

export interface Ran {
  readonly code: number;
  /** What it wrote, standard output before standard error. */
  readonly output: string;
}

export class GuestAgent {
  readonly #socket: Socket;
  readonly #lines: string[] = [];
  #wake: (() => void) | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #syncs = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // The board was cut off; whoever waits for an answer is told so. The reader of lines repeats what the socket says.
    const cutOff = () => undefined;
    socket.on("error", cutOff);
    const lines = createInterface({ input: socket });
    lines.on("error", cutOff).on("line", (line: string) => {
      this.#lines.push(line.replaceAll("\u00ff", ""));
      this.#wake?.();
    });
    socket.on("close", () => this.#wake?.());
  }

  /** The board need not have booted. @throws where nobody listens at `path` */
  static async connect(path: string): Promise<GuestAgent> {
    const socket = connect(path);
    socket.setEncoding("latin1");
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new GuestAgent(socket);
  }

  /** Resolves when the board answers, after a boot or another. @throws Error after `withinMs` */
  ready(withinMs: number): Promise<void> {
    return this.#inTurn(async () => {
      const until = Date.now() + withinMs;
      while (Date.now() < until) {
        this.#syncs += 1;
        const id = this.#syncs;
        this.#lines.length = 0;
        this.#say("guest-sync", { id });
        for (let line = await this.#line(ASK_EVERY_MS); line !== null; line = await this.#line(ASK_EVERY_MS)) {
          if (parsed(line)?.return === id) return;
        }
        if (this.#socket.destroyed) throw new Error("the board was cut off");
      }
      throw new Error(`the board did not answer within ${withinMs / 1_000} s`);
    });
  }

  /** Runs a shell script as root. @throws Error where the board does not answer, or the script takes longer */
  async run(script: string, withinMs = 120_000): Promise<Ran> {
    const args = { path: "/bin/sh", arg: ["-c", script], "capture-output": true };
    const { pid } = started.parse(await this.#ask("guest-exec", args));
    const until = Date.now() + withinMs;
    for (;;) {
      const now = state.parse(await this.#ask("guest-exec-status", { pid }));
      if (now.exited) {
        const text = [now["out-data"], now["err-data"]].map((data) => Buffer.from(data ?? "", "base64").toString());
        return { code: now.exitcode ?? 128 + (now.signal ?? 0), output: text.join("") };
      }
      if (Date.now() > until) throw new Error(`took longer than ${withinMs / 1_000} s: ${script}`);
      await sleep(POLL_MS);
    }
  }

  /** The output of a script that has to succeed. @throws Error with what it wrote */
  async sh(script: string, withinMs?: number): Promise<string> {
    const { code, output } = await this.run(script, withinMs);
    if (code !== 0) throw new Error(`${script} ended with ${code}: ${output}`);
    return output.trim();
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(command: string, args: object): Promise<unknown> {
    return this.#inTurn(async () => {
      this.#say(command, args);
      const line = await this.#line(ANSWER_MS);
      const said = line === null ? null : parsed(line);
      if (said === null) throw new Error(`the board did not answer ${command}`);
      if (said.error !== undefined) throw new Error(`${command}: ${said.error.desc}`);
      return said.return;
    });
  }

  #say(execute: string, args: object): void {
    this.#socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
  }

  async #line(withinMs: number): Promise<string | null> {
    const until = Date.now() + withinMs;
    while (this.#lines.length === 0 && Date.now() < until && !this.#socket.destroyed) {
      const timer = setTimeout(() => this.#wake?.(), until - Date.now());
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      clearTimeout(timer);
    }
    return this.#lines.shift() ?? null;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => undefined); // Told to whoever asked.
    return mine;
  }
}

function parsed(line: string): z.infer<typeof answer> | null {
  try {
    return answer.parse(JSON.parse(line));
  } catch {
    // Half a line from before the board was cut off.
    return null;
  }
}
