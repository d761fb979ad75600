/** A real live source that can be killed, frozen and muted. */
import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import type { LivePin } from "../../../playback/model/live.ts";
import type { Speech } from "./presenter.ts";

export interface LiveRig {
  readonly pin: LivePin;
  /** What still comes after its end, because it was fetched before. */
  readonly keepsMs: number;
  start(): Promise<void>;
  /** Dies at once, as by a power cut. */
  kill(): Promise<void>;
  /** Stands still with its connections open. */
  freeze(frozen: boolean): void;
  say(speech: Speech): void;
  close(): Promise<void>;
}

/** Starts a server that dies with this process. */
export function serve(command: string, args: readonly string[]): ChildProcess {
  return spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...args], { stdio: ["pipe", "ignore", "ignore"] });
}

export async function ended(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await gone;
}

/** Resolves when somebody listens there. @throws Error after 10 s */
export async function listening(port: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await answers(port))) {
    if (performance.now() > deadline) throw new Error(`nobody listens on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
