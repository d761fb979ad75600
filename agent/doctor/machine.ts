/**
 * The machine as diagnosis and set-up look at it: files of the kernel and programs. Nothing here changes anything or rejects: what cannot be
 * read is `null`. `root` stands before every path, so that a test can bring a machine of its own.
 */
import { execFile } from "node:child_process";
import type { Stats } from "node:fs";
import { open, readdir, realpath, stat, statfs } from "node:fs/promises";
import type { Millis } from "../../playback/model/units.ts";

/** No file of the kernel that is read here is longer; one that is has something else in it. */
const LONGEST_FILE = 262_144;
const TOOL_TIMEOUT: Millis = 10_000;
const LONGEST_ANSWER = 1_048_576;

export interface ToolAnswer {
  /** `null` where it could not be started, or was ended because it took too long. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MachineOptions {
  readonly root?: string;
  /** What programs are looked up by and run with. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly now?: () => number;
  /** Bytes that the file system of a folder still gives and has in all. */
  readonly space?: (folder: string) => Promise<{ free: number; size: number }>;
  /** Who the agent runs as; by default whoever asks, or the package's user where there is one. */
  readonly agentUser?: string;
}

async function spaceOf(folder: string): Promise<{ free: number; size: number }> {
  const { bavail, bsize, blocks } = await statfs(folder);
  return { free: bavail * bsize, size: blocks * bsize };
}

export class Machine {
  readonly #options: MachineOptions;

  constructor(options: MachineOptions = {}) {
    this.#options = options;
  }

  /** Where a path of the machine really is. */
  at(path: string): string {
    return `${this.#options.root ?? ""}${path}`;
  }

  now(): number {
    return (this.#options.now ?? Date.now)();
  }

  get environment(): NodeJS.ProcessEnv {
    return this.#options.environment ?? process.env;
  }

  /** The text of a file, at most 256 KiB of it; `null` where it cannot be read. */
  async read(path: string): Promise<string | null> {
    try {
      const handle = await open(this.at(path), "r");
      const buffer = Buffer.alloc(LONGEST_FILE);
      const { bytesRead } = await handle.read(buffer, 0, LONGEST_FILE, 0).finally(() => handle.close());
      return buffer.toString("utf8", 0, bytesRead);
    } catch {
      // Not there, not ours, or an error of the device behind it: all the same to whoever asks for a fact.
      return null;
    }
  }

  /** Names in a folder, sorted; none where it cannot be read. */
  async list(path: string): Promise<string[]> {
    return (await readdir(this.at(path)).catch(() => [])).sort();
  }

  async stat(path: string): Promise<Stats | null> {
    return stat(path).catch(() => null);
  }

  async realpath(path: string): Promise<string> {
    return realpath(path).catch(() => path);
  }

  async space(folder: string): Promise<{ free: number; size: number } | null> {
    return (this.#options.space ?? spaceOf)(folder).catch(() => null);
  }

  /** Runs a program, at most 10 s; in English whatever the machine speaks. */
  run(command: string, args: readonly string[], timeoutMs: Millis = TOOL_TIMEOUT): Promise<ToolAnswer> {
    return new Promise((resolve) => {
      const env = { ...this.environment, LC_ALL: "C" };
      const options = { env, timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: LONGEST_ANSWER } as const;
      execFile(command, [...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
        resolve({ code, stdout, stderr: stderr === "" && error !== null ? error.message : stderr });
      });
    });
  }

  /** Name and number of whoever the agent runs as. */
  async agentUser(): Promise<{ name: string; uid: number; gid: number }> {
    const users = ((await this.read("/etc/passwd")) ?? "").split("\n").map((line) => line.split(":"));
    const wanted = this.#options.agentUser ?? "loa";
    const found = users.find(([name]) => name === wanted);
    const uid = process.getuid?.() ?? 0;
    if (found?.[2] !== undefined) return { name: wanted, uid: Number(found[2]), gid: Number(found[3] ?? found[2]) };
    const name = users.find((one) => one[2] === String(uid))?.[0] ?? String(uid);
    return { name, uid, gid: process.getgid?.() ?? 0 };
  }
}
