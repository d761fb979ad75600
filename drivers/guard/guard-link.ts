/** The agent's end of the guard: gets one, beats while the agent is healthy, and hears when it is gone. */
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { resolve as absolute } from "node:path";
import type { Readable, Writable } from "node:stream";
import { StationError } from "../../playback/model/station-error.ts";
import type { Millis } from "../../playback/model/units.ts";
import type { AmplifierConfig } from "../amplifier/create.ts";
import { lineSplitter } from "../board/protocol.ts";
import type { GuardOrder, GuardWord } from "./words.ts";

const BEAT_MS: Millis = 500;
/** A cold card after a power cut takes its time; until then the service manager's own end of the agent is what there is. */
const READY_MS: Millis = 30_000;

/** Where a guard comes from: a socket at which the service manager starts one for each connection, or a program to be started. */
export type GuardOrigin = { readonly socket: string } | { readonly nodePath: string; readonly script: string };

export interface GuardOptions {
  readonly from: GuardOrigin;
  readonly amplifiers: readonly AmplifierConfig[];
  /** Without a heartbeat for this long, the guard makes the amplifiers safe. Default 2,500. */
  readonly timeoutMs?: Millis;
  /** Whether the agent makes progress. While it says no there is no heartbeat. Default: always. */
  readonly healthy?: () => boolean;
  /** The guard ended though it was not closed; nobody guards until there is another, and the amplifiers may have been made safe. */
  readonly onLost: (why: GuardExit) => void;
}

export interface GuardExit {
  /** How its process or its connection ended, for the log. */
  readonly how: string;
  /** What it said that it did; `null` where it said nothing. */
  readonly done: (GuardWord & { event: "done" }) | null;
}

/** A guard, wherever it runs. */
interface GuardEnds {
  readonly out: Writable;
  readonly back: Readable;
  /** Resolves with how it ended, when all that it said was read. */
  readonly ended: Promise<string>;
  /** Lets go of one that does not answer. */
  abandon(): void;
}

export class GuardLink {
  readonly pid: number;
  readonly #out: Writable;
  readonly #exited: Promise<GuardExit>;
  readonly #beat: NodeJS.Timeout;
  #closing = false;

  private constructor(out: Writable, pid: number, exited: Promise<GuardExit>, options: GuardOptions) {
    this.#out = out;
    this.pid = pid;
    this.#exited = exited;
    const healthy = options.healthy ?? (() => true);
    this.#beat = setInterval(() => {
      if (healthy()) out.write("\n");
    }, BEAT_MS);
    void exited.then((exit) => {
      clearInterval(this.#beat);
      if (!this.#closing) options.onLost(exit);
    });
  }

  /** Resolves when the guard watches. @throws StationError `child-failed` */
  static async start(options: GuardOptions): Promise<GuardLink> {
    const { from, amplifiers, timeoutMs = 2_500 } = options;
    const ends = "socket" in from ? connected(from.socket) : started(from.nodePath, from.script);
    // A guard that is gone is told by its end; a failed write says nothing more.
    ends.out.on("error", () => undefined);
    const { exited, ready } = listen(ends);
    const order: GuardOrder = { amplifiers, timeoutMs, agent: process.pid };
    ends.out.write(`${JSON.stringify(order)}\n`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve("no answer"), READY_MS);
    });
    const outcome = await Promise.race([ready, exited.then(({ how }) => how), late]);
    clearTimeout(timer);
    if (typeof outcome === "string") {
      ends.abandon();
      throw new StationError("child-failed", `the guard did not start: ${outcome}`);
    }
    return new GuardLink(ends.out, outcome.pid, exited, options);
  }

  /** Ends the guard, which makes the amplifiers safe first; up to 30 s where one does not obey. Idempotent. */
  close(): Promise<GuardExit> {
    this.#closing = true;
    clearInterval(this.#beat);
    this.#out.end();
    return this.#exited;
  }
}

function started(nodePath: string, script: string): GuardEnds {
  // A group of its own, so that a signal to ours passes it by; no environment and no folder, so that it holds nothing of ours.
  const child = spawn(nodePath, [absolute(script)], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
    env: {},
    cwd: "/",
  });
  const ended = new Promise<string>((resolve) => {
    // `error` alone comes where it could not be started at all; `close` comes when it is gone and all was read.
    child.once("error", ({ message }) => resolve(message));
    child.once("close", (code, signal) => resolve(signal ?? `exit ${code}`));
  });
  return { out: child.stdin, back: child.stdout, ended, abandon: () => void child.kill("SIGKILL") };
}

function connected(path: string): GuardEnds {
  const socket = connect(path);
  let failed = "connection closed";
  socket.on("error", ({ message }) => {
    failed = message;
  });
  const ended = new Promise<string>((resolve) => socket.once("close", () => resolve(failed)));
  return { out: socket, back: socket, ended, abandon: () => void socket.destroy() };
}

type Ready = GuardWord & { event: "ready" };

function listen({ back, ended }: GuardEnds): { exited: Promise<GuardExit>; ready: Promise<Ready> } {
  let done: (GuardWord & { event: "done" }) | null = null;
  const { promise: ready, resolve: isReady } = Promise.withResolvers<Ready>();
  const split = lineSplitter((line) => {
    const word = JSON.parse(line) as GuardWord;
    if (word.event === "ready") isReady(word);
    else done = word;
  });
  back.setEncoding("utf8").on("data", split);
  return { exited: ended.then((how) => ({ how, done })), ready };
}
