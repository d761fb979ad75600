/** The real program in a process of its own, started, asked and killed as an operator or the power would. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { appendFile, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { askDaemon } from "../../../agent/cli/client.ts";
import type { StatusView } from "../../../agent/control/views.ts";

const PROGRAM = "agent/cli/main.js";

/** Folder of the built program, from the source tree or from inside it. */
export function builtFolder(): string {
  for (let folder = import.meta.dirname; folder !== "/"; folder = dirname(folder)) {
    for (const candidate of [folder, join(folder, "dist")]) {
      if (existsSync(join(candidate, PROGRAM))) return candidate;
    }
  }
  throw new Error("the program is not built: run `npm run build`");
}

export interface AgentPlace {
  readonly configFile: string;
  readonly socket: string;
  readonly logFile: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Command in front of it that confines it. */
  readonly under?: readonly string[] | undefined;
}

/** A file of the checkout, from the source tree or from the built one inside it. */
function inCheckout(path: string): string {
  for (let folder = import.meta.dirname; folder !== "/"; folder = dirname(folder)) {
    if (existsSync(join(folder, path))) return join(folder, path);
  }
  throw new Error(`${path} is not in the checkout`);
}

/** Bounds of memory as the service unit has them. @throws Error where it has none */
function unitMemory(): NodeJS.ProcessEnv {
  const unit = readFileSync(inCheckout("deploy/package/files/loa.service"), "utf8");
  const bounds = /^ExecStart=.*$/m.exec(unit)?.[0].match(/--max-\S+/g);
  const malloc = [...unit.matchAll(/\b(MALLOC_\w+)=(\d+)/g)].map(([, name, value]) => [name, value] as const);
  if (!bounds || malloc.length === 0) throw new Error("the service unit bounds no memory");
  return { NODE_OPTIONS: bounds.join(" "), ...Object.fromEntries(malloc) };
}

const MEMORY = unitMemory();

export class AgentProcess {
  readonly place: AgentPlace;
  readonly startedAt: number;
  readonly #child: ChildProcess;
  readonly exited: Promise<number | null>;

  private constructor(place: AgentPlace) {
    this.place = place;
    this.startedAt = performance.now();
    // Whoever started it may be killed: no agent plays on unseen.
    const program = [
      ...(place.under ?? []),
      process.execPath,
      join(builtFolder(), PROGRAM),
      "run",
      "--config",
      place.configFile,
    ];
    this.#child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...program], {
      env: { ...MEMORY, ...place.environment },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => void appendFile(place.logFile, chunk));
    this.exited = new Promise((resolve) =>
      this.#child.once("close", (code, signal) => {
        void appendFile(place.logFile, `(ended: ${code ?? signal})\n`).catch(() => undefined);
        resolve(code);
      }),
    );
  }

  /** Starts it and waits for nothing. */
  static launch(place: AgentPlace): AgentProcess {
    return new AgentProcess(place);
  }

  /** Starts it and waits until it answers. @throws Error with its log when it does not within `withinMs` */
  static async start(place: AgentPlace, withinMs = 15_000): Promise<AgentProcess> {
    const agent = new AgentProcess(place);
    let gone = false;
    void agent.exited.then(() => {
      gone = true;
    });
    while (performance.now() - agent.startedAt < withinMs && !gone) {
      try {
        await agent.status();
        return agent;
      } catch {
        // Not there yet; the deadline above decides.
        await sleep(20);
      }
    }
    await agent.kill("SIGKILL");
    const log = await readFile(place.logFile, "utf8").catch(() => "(no log)");
    throw new Error(`the agent did not become ready:\n${log.slice(-4_000)}`);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  async status(): Promise<StatusView> {
    return (await this.ask("GET", "/v1/status")) as StatusView;
  }

  ask(method: "GET" | "POST", path: string, body?: object): Promise<unknown> {
    return askDaemon(this.place.socket, method, path, body);
  }

  /** Waits until the status says so. @throws Error with the last status */
  async until(what: string, holds: (status: StatusView) => boolean, withinMs = 20_000): Promise<StatusView> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const status = await this.status();
      if (holds(status)) return status;
      if (performance.now() > deadline)
        throw new Error(`not within ${withinMs} ms: ${what}\n${JSON.stringify(status, null, 1)}`);
      await sleep(50);
    }
  }

  /** Sends the signal and waits for the end. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.#child.kill(signal);
    await this.exited;
  }

  /** Processes that descend from this one by environment or parent, still alive: none may outlive it. */
  async children(): Promise<number[]> {
    const found: number[] = [];
    for (const name of await readdir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
      if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === this.pid) found.push(Number(name));
    }
    return found;
  }
}

/** Runs one CLI command of the built program; never rejects for an exit code. */
export function cli(
  place: AgentPlace,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const command = [join(builtFolder(), PROGRAM), ...args, "--config", place.configFile];
    execFile(process.execPath, command, { env: place.environment }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}
