/**
 * Runs the children of the agent; none can outlive the station that answers for it. Each is started through `setpriv --pdeathsig KILL`, so the
 * kernel ends it even when the agent itself is killed; under our unit systemd does that.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { type Duplex, Readable, type Writable } from "node:stream";
import type { Child, ChildExit, ChildSpec, ChildTalk, Supervisor } from "../playback/ports/supervisor.ts";

const STDERR_KEPT = 4096;
const TERM_GRACE_MS = 2_000;
const LAST_WORDS_MS = 200;
/** What a shell says of a command that cannot be started. */
const NOT_STARTED = 127;

type Process = ChildProcessByStdio<Writable | null, Readable, Readable>;

/** The one implementation of the supervisor port, on real processes. */
export class ChildSupervisor implements Supervisor {
  readonly #alive = new Set<SupervisedChild>();

  /** Starts a child. Never throws for a missing program, or where the machine has no room for one: `exited` then gives code 127. */
  run(spec: ChildSpec): Child {
    const started = start(spec);
    if (started instanceof Error) return neverStarted(started);
    const child = new SupervisedChild(spec, started);
    this.#alive.add(child);
    void child.exited.then(() => this.#alive.delete(child));
    return child;
  }

  /** Children whose end has not been seen yet. */
  count(): number {
    return this.#alive.size;
  }

  /** Stops every child; resolves when all are gone. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#alive].map((child) => child.stop()));
  }
}

class SupervisedChild implements Child {
  readonly pid: number | undefined;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly talk: ChildTalk | null;
  readonly exited: Promise<ChildExit>;
  readonly #group: boolean;
  readonly #process: Process;
  #stderr = Buffer.alloc(0);
  #stopping = false;
  #gone = false;

  constructor(spec: ChildSpec, started: Process) {
    this.#process = started;
    this.pid = this.#process.pid;
    this.stdout = readAll(this.#process.stdout);
    this.talk =
      spec.talks === true ? talkOver(this.#process.stdio[3] as Duplex, this.#process.stdio[4] as Duplex) : null;
    this.#group = spec.group === true;
    if (this.#group) this.#process.on("exit", () => this.#endGroup());
    this.#process.stderr.on("data", (chunk: Buffer) => {
      this.#stderr = Buffer.concat([this.#stderr, chunk]).subarray(-STDERR_KEPT);
    });
    // A pipe can break while the child is being killed; how the child ended tells the story.
    this.#process.stderr.on("error", () => {});
    this.exited = new Promise((resolve) => {
      let failure: Error | null = null;
      this.#process.on("error", (error) => {
        failure = error;
        // A process that never was gives no "close" on its own where even the pipes could not be made.
        if (this.#process.pid === undefined) finish(NOT_STARTED, null);
      });
      this.#process.on("close", (code, signal) => finish(failure && code === null ? NOT_STARTED : code, signal));
      const finish = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#gone = true;
        const said = this.#stderr.toString("utf8");
        resolve({
          code: code !== null && code < 0 ? NOT_STARTED : code,
          signal,
          stderr: failure ? `${said}${failure.message}` : said,
        });
      };
    });
  }

  async stop(): Promise<ChildExit> {
    if (!this.#stopping && !this.#gone) {
      this.#stopping = true;
      this.#signal("SIGTERM");
      const kill = setTimeout(() => this.#signal("SIGKILL"), TERM_GRACE_MS);
      void this.exited.then(() => clearTimeout(kill));
      this.#letGo();
    }
    return this.exited;
  }

  async kill(): Promise<ChildExit> {
    if (!this.#gone) {
      this.#stopping = true;
      this.#signal("SIGKILL");
      this.#letGo();
    }
    return this.exited;
  }

  /** What left the group may hold its pipes, and "exited" would wait for it. Its last words have time to arrive. */
  #endGroup(): void {
    this.#signal("SIGKILL");
    const late = setTimeout(() => {
      this.#letGo();
      this.#process.stderr.destroy();
    }, LAST_WORDS_MS);
    void this.exited.then(() => clearTimeout(late));
  }

  /** "exited" waits for the pipes, and a reader that no longer asks would hold them open for ever. */
  #letGo(): void {
    this.#process.stdout.destroy();
    for (const pipe of this.#process.stdio.slice(3)) pipe?.destroy();
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#group || this.pid === undefined) return void this.#process.kill(signal);
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      // Nobody of the group is left.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** Under our unit systemd ends whatever an agent leaves behind; `setpriv` need not, and could not: it asks for a call that the unit refuses. */
const ENDED_BY_MANAGER = process.env.LOA_CHILDREN_END === "manager";

/** The process; an error where the machine has no descriptor or no memory left for one. */
function start(spec: ChildSpec): Process | Error {
  const bound = ENDED_BY_MANAGER ? [] : ["setpriv", "--pdeathsig", "KILL", "--"];
  const yielding = spec.nice === undefined ? [] : ["nice", "-n", String(spec.nice)];
  const [command, ...args] = [...bound, ...yielding, spec.command, ...spec.args] as [string, ...string[]];
  const stdin = spec.input === undefined ? "ignore" : "pipe";
  const further = spec.talks === true ? ["pipe", "pipe"] : (spec.fds ?? []);
  const stdio = [stdin, "pipe", "pipe", ...further] as ["pipe", "pipe", "pipe"];
  const { PATH = "" } = process.env;
  let child: Process;
  try {
    child = spawn(command, args, {
      stdio,
      detached: spec.group === true,
      ...(spec.env === undefined ? {} : { env: { PATH, ...spec.env } }),
    });
  } catch (error) {
    return error as Error;
  }
  // Where no descriptor is left, Node gives a process without pipes, and says so in a moment to whoever listens.
  if ((child.stderr as Readable | undefined) === undefined) {
    child.on("error", () => {});
    return new Error(`no descriptor is left to start ${spec.command} with`);
  }
  // A child that ends before it has read everything says so by its end.
  child.stdin?.on("error", () => {});
  child.stdin?.end(spec.input);
  return child;
}

function neverStarted({ message }: Error): Child {
  const exited = Promise.resolve({ code: NOT_STARTED, signal: null, stderr: message });
  return { pid: undefined, stdout: Readable.from([]), talk: null, exited, stop: () => exited, kill: () => exited };
}

function talkOver(out: Duplex, back: Duplex): ChildTalk {
  // What breaks here breaks because the child ends, and its end says so.
  out.on("error", () => {});
  back.on("error", () => {});
  out.resume();
  return {
    say: (bytes) =>
      new Promise((resolve) => {
        if (out.destroyed || out.write(bytes)) return resolve();
        const done = () => {
          out.off("drain", done).off("close", done);
          resolve();
        };
        out.once("drain", done).once("close", done);
      }),
    heard: readAll(back),
  };
}

/** Reads with back-pressure; a pipe that breaks is an end, because `exited` says why. */
async function* readAll(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    if (!isBrokenPipe(error)) throw error;
  }
}

function isBrokenPipe(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ERR_STREAM_PREMATURE_CLOSE" || code === "EPIPE" || code === "ECONNRESET" || code === "ABORT_ERR";
}
