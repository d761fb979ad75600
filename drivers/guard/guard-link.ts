/** The agent's end of the guard: starts it, beats while the agent is healthy, and hears when it is gone. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { resolve as absolute } from "node:path";
import type { Readable, Writable } from "node:stream";
import { StationError } from "../../playback/model/station-error.ts";
import type { Millis } from "../../playback/model/units.ts";
import type { AmplifierConfig } from "../amplifier/create.ts";
import { lineSplitter } from "../board/protocol.ts";
import type { GuardWord } from "./words.ts";

const BEAT_MS: Millis = 500;
const READY_MS: Millis = 10_000;

export interface GuardOptions {
  readonly nodePath: string;
  /** Path of the guard's program, `drivers/guard/main`. */
  readonly script: string;
  readonly config: AmplifierConfig | readonly AmplifierConfig[];
  /** Without a heartbeat for this long, the guard makes the amplifiers safe. Default 2,500. */
  readonly timeoutMs?: Millis;
  /** Whether the agent makes progress. While it says no there is no heartbeat. Default: always. */
  readonly healthy?: () => boolean;
  /** The guard ended though it was not closed; nobody guards until it is started again, and the amplifiers may have been made safe. */
  readonly onLost: (why: GuardExit) => void;
}

export interface GuardExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it said that it did; `null` where it said nothing. */
  readonly done: (GuardWord & { event: "done" }) | null;
}

type GuardProcess = ChildProcessByStdio<Writable, Readable, null>;

export class GuardLink {
  readonly pid: number;
  readonly #child: GuardProcess;
  readonly #exited: Promise<GuardExit>;
  readonly #beat: NodeJS.Timeout;
  #closing = false;

  private constructor(child: GuardProcess, pid: number, exited: Promise<GuardExit>, options: GuardOptions) {
    this.#child = child;
    this.pid = pid;
    this.#exited = exited;
    const healthy = options.healthy ?? (() => true);
    this.#beat = setInterval(() => {
      if (healthy()) child.stdin.write(".");
    }, BEAT_MS);
    void exited.then((exit) => {
      clearInterval(this.#beat);
      if (!this.#closing) options.onLost(exit);
    });
  }

  /** Resolves when the guard watches. @throws StationError `child-failed` */
  static async start(options: GuardOptions): Promise<GuardLink> {
    const args = [
      absolute(options.script),
      "--config",
      JSON.stringify(options.config),
      "--timeout-ms",
      String(options.timeoutMs ?? 2_500),
    ];
    // A group of its own, so that a signal to ours passes it by; no environment and no folder, so that it holds nothing of ours.
    const child = spawn(options.nodePath, args, {
      detached: true,
      stdio: ["pipe", "pipe", "inherit"],
      env: {},
      cwd: "/",
    });
    // A guard that is gone is told by its exit; a failed write says nothing more.
    child.stdin.on("error", () => undefined);
    const { exited, ready } = listen(child);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), READY_MS);
    });
    const outcome = await Promise.race([ready, exited, late]);
    clearTimeout(timer);
    if (outcome !== "ready" || child.pid === undefined) {
      child.kill("SIGKILL");
      throw new StationError(
        "child-failed",
        `the guard did not start: ${outcome === "late" ? "no answer" : JSON.stringify(outcome)}`,
      );
    }
    return new GuardLink(child, child.pid, exited, options);
  }

  /** Ends the guard, which makes the amplifiers safe first; up to 30 s where one does not obey. Idempotent. */
  close(): Promise<GuardExit> {
    this.#closing = true;
    clearInterval(this.#beat);
    this.#child.stdin.end();
    return this.#exited;
  }
}

function listen(child: GuardProcess): { exited: Promise<GuardExit>; ready: Promise<"ready"> } {
  let done: (GuardWord & { event: "done" }) | null = null;
  let isReady: (word: "ready") => void;
  const ready = new Promise<"ready">((resolve) => {
    isReady = resolve;
  });
  const split = lineSplitter((line) => {
    const word = JSON.parse(line) as GuardWord;
    if (word.event === "ready") isReady("ready");
    else done = word;
  });
  child.stdout.setEncoding("utf8").on("data", split);
  const exited = new Promise<GuardExit>((resolve) => {
    // `error` alone comes where it could not be started at all; `close` comes when it is gone and all was read.
    child.once("error", () => resolve({ code: 127, signal: null, done }));
    child.once("close", (code, signal) => resolve({ code, signal, done }));
  });
  return { exited, ready };
}
