/**
 * A private Mosquitto on the loopback. It is a real process of its own, so that a test can kill it, wipe it and start it
 * again on the same port, which is what happens to a province's broker.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "./free-port.ts";

const PORT_ATTEMPTS = 8;
const START_TIMEOUT_MS = 10_000;

/** Where the broker lives and listens. */
export interface MosquittoOptions {
  /** Holds the configuration and the persistence; made where it is missing. */
  readonly folder: string;
  /** A fixed port; without it a free one is chosen. */
  readonly port?: number;
  /** Lines of mosquitto.conf that say who may do what; without them everybody everything. */
  readonly access?: readonly string[];
  /** Further lines of mosquitto.conf. */
  readonly extra?: readonly string[];
}

/** Path of the `mosquitto` program, from PATH or Debian's sbin. @throws where it is not installed. */
export function findMosquitto(): string {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  for (const folder of folders.filter((candidate) => candidate !== "")) {
    const candidate = join(folder, "mosquitto");
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder: the loop goes on, and the end of it throws.
    }
  }
  throw new Error("mosquitto is not installed: apt-get install mosquitto");
}

/** One broker; `restart` keeps its port. */
export class Mosquitto {
  readonly port: number;
  readonly folder: string;
  readonly #extra: readonly string[];
  readonly #access: readonly string[];
  #child: ChildProcess | null = null;
  #log: string[] = [];

  private constructor(port: number, folder: string, { access, extra }: MosquittoOptions) {
    this.port = port;
    this.#access = access ?? ["allow_anonymous true"];
    this.folder = folder;
    this.#extra = extra ?? [];
  }

  /** Starts a broker and resolves when it accepts connections. */
  static async start(options: MosquittoOptions): Promise<Mosquitto> {
    for (let attempt = 1; ; attempt += 1) {
      const broker = new Mosquitto(options.port ?? (await freePort()), options.folder, options);
      try {
        await broker.#launch();
        return broker;
      } catch (error) {
        const taken = broker.log().some((line) => line.includes("Address already in use"));
        if (options.port !== undefined || !taken || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** @throws while it does not run. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error("mosquitto does not run");
    return pid;
  }

  isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What the broker printed since it was last started. */
  log(): readonly string[] {
    return this.#log;
  }

  /**
   * Ends the broker and resolves when it is gone. SIGTERM saves retained messages and sessions first; SIGKILL is a power
   * cut and loses up to the last second of them.
   */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    if (this.isRunning()) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill(signal);
      await gone;
    }
    this.#child = null;
  }

  /** Stops it, unless it is stopped, and starts it again on the same port with what it had saved. */
  async restart(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    await this.stop(signal);
    await this.#launch();
  }

  /** Forgets all that is retained, queued and subscribed. @throws while it runs: it would save over it. */
  async wipe(): Promise<void> {
    if (this.isRunning()) throw new Error("stop the broker before wiping it");
    await rm(join(this.folder, "mosquitto.db"), { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }

  async #launch(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const file = join(this.folder, "mosquitto.conf");
    await writeFile(file, this.#configuration());
    const child = spawn(findMosquitto(), ["-c", file], { stdio: ["ignore", "ignore", "pipe"] });
    this.#child = child;
    this.#log = [];
    // An abandoned broker would outlive a crashed test run.
    const killWithUs = () => child.kill("SIGKILL");
    process.once("exit", killWithUs);
    child.once("exit", () => process.off("exit", killWithUs));
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => {
        clearTimeout(timer);
        child.kill("SIGKILL");
        reject(new Error(`mosquitto ${why}: ${this.#log.join(" | ")}`));
      };
      const timer = setTimeout(() => fail("did not start in time"), START_TIMEOUT_MS);
      const listen = (line: string) => {
        this.#log.push(line);
        if (!/ running$/.test(line)) return;
        clearTimeout(timer);
        resolve();
      };
      createInterface({ input: child.stderr }).on("line", listen);
      child.once("error", (error) => fail(error.message));
      // `close` and not `exit`: by then the last lines, which say why, have been read.
      child.once("close", (code, signal) => fail(`ended with ${signal ?? code}`));
    });
  }

  #configuration(): string {
    return [
      `listener ${this.port} 127.0.0.1`,
      ...this.#access,
      // Started as root it would become the user mosquitto, who cannot save into this folder.
      `user ${userInfo().username}`,
      // Else Nagle and delayed acknowledgements add 40 ms to a message that follows another, which is no property of a broker.
      "set_tcp_nodelay true",
      "persistence true",
      `persistence_location ${this.folder}/`,
      "autosave_interval 1",
      "max_queued_messages 1000",
      // Not stdout: into a pipe that is buffered by the block, and the line that says "running" would not come.
      "log_dest stderr",
      "log_type error",
      "log_type warning",
      "log_type notice",
      "log_type information",
      ...this.#extra,
      "",
    ].join("\n");
  }
}
