/** What the machine itself knows about time. How far that may be trusted is decided elsewhere. */
import { execFile } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Instant, Millis, Monotonic } from "../../playback/model/units.ts";
import type { ClockQuality } from "../../playback/ports/clock.ts";
import { type KernelTime, kernelTime } from "../host/libc.ts";
import { chronyQuality } from "./chrony-quality.ts";

/** Above this a timer of the runtime fires at once instead of late. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const TOOL_TIMEOUT_MS = 2_000;

export interface SystemTimeOptions {
  /** Before `/proc`, `/sys` and `/run`; empty outside tests. */
  readonly root?: string;
  /** Runs a tool and gives its standard output; rejects where it is missing, fails or takes longer than 2 s. */
  readonly run?: (command: string, args: readonly string[]) => Promise<string>;
  /** What the kernel holds of its clock; `null` where it does not say. */
  readonly kernel?: () => KernelTime | null;
}

export interface RealTimeClock {
  readonly present: boolean;
  /** `null` where there is none or it gives no time. */
  readonly time: Instant | null;
}

export class SystemTime {
  readonly #root: string;
  readonly #run: (command: string, args: readonly string[]) => Promise<string>;
  readonly #kernel: () => KernelTime | null;

  constructor(options: SystemTimeOptions = {}) {
    this.#root = options.root ?? "";
    this.#run = options.run ?? runTool;
    this.#kernel = options.kernel ?? kernelTime;
  }

  /** Wall clock; steps when somebody sets it. */
  now(): Instant {
    return Date.now();
  }

  /** Never steps; stands still while the machine is suspended. */
  monotonic(): Monotonic {
    return performance.now();
  }

  /** Time since boot, suspended time included, in steps of 10 ms. Rejects where the kernel does not say it. */
  async boottimeMs(): Promise<Millis> {
    const text = await readFile(`${this.#root}/proc/uptime`, "utf8");
    const seconds = Number.parseFloat(text);
    if (!(seconds > 0)) throw new Error(`/proc/uptime says "${text.trim()}"`);
    return Math.round(seconds * 1_000);
  }

  /** A name for this boot, another one after each. Rejects where the kernel does not say it. */
  async bootId(): Promise<string> {
    return (await readFile(`${this.#root}/proc/sys/kernel/random/boot_id`, "utf8")).trim();
  }

  /** Whether somebody disciplines the kernel's clock by NTP now, and how well. Never rejects; a missing tool says nothing. */
  async quality(): Promise<ClockQuality> {
    const chrony = chronyQuality((await this.#ask("chronyc", ["-c", "tracking"])) ?? "");
    if (chrony !== null) return chrony;
    const kernel = this.#kernel();
    const numbers = { offsetMs: kernel?.offsetMs ?? null, errorMs: kernel?.errorMs ?? null };
    const flag = await access(`${this.#root}/run/systemd/timesync/synchronized`).then(
      () => true,
      () => false,
    );
    if (flag) return { source: "systemd-timesyncd", synchronised: true, ...numbers };
    const answer = await this.#ask("timedatectl", ["show", "-p", "NTPSynchronized"]);
    if (answer !== null) {
      return { source: "timedatectl", synchronised: answer.trim() === "NTPSynchronized=yes", ...numbers };
    }
    // That nobody is there to ask does not make the kernel's word good enough to trust a schedule to.
    return { source: kernel === null ? "nobody" : "kernel", synchronised: false, ...numbers };
  }

  /** The battery-backed clock. Never rejects. */
  async rtc(): Promise<RealTimeClock> {
    const folder = `${this.#root}/sys/class/rtc/rtc0`;
    const text = await readFile(`${folder}/since_epoch`, "utf8").catch(() => null);
    // A clock whose battery is dead is there and answers with an error.
    if (text === null)
      return {
        present: await access(folder).then(
          () => true,
          () => false,
        ),
        time: null,
      };
    const seconds = Number.parseInt(text, 10);
    return { present: true, time: Number.isNaN(seconds) ? null : seconds * 1_000 };
  }

  /**
   * Resolves after `delay`, of any length, or as soon as `signal` aborts; never rejects. Zero and less resolves in a later microtask.
   * Measured on the clock that never steps, and never early.
   */
  async wait(delay: Millis, signal?: AbortSignal): Promise<void> {
    const end = this.monotonic() + delay;
    for (let left = delay; left > 0 && !signal?.aborted; left = end - this.monotonic()) {
      await timer(Math.min(Math.ceil(left), LONGEST_TIMER_MS), signal);
    }
  }

  async #ask(command: string, args: readonly string[]): Promise<string | null> {
    return this.#run(command, args).catch(() => null);
  }
}

function timer(delay: Millis, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timeout);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timeout = setTimeout(done, delay);
    signal?.addEventListener("abort", done, { once: true });
  });
}

async function runTool(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, [...args], {
    timeout: TOOL_TIMEOUT_MS,
    killSignal: "SIGKILL",
    maxBuffer: 65_536,
    env: { PATH: process.env.PATH ?? "", LC_ALL: "C" },
  });
  return stdout;
}
