/** Listens to a card for hours in constant memory, and notes every silence longer than a limit: for sound that has no pauses of its own. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { wallNow } from "./real-clock.ts";
import type { SinkPlace } from "./virtual-sound-card.ts";

const RATE = 48_000;
/** Below it, nothing is heard. */
const SILENT = 1e-3;

export interface Gap {
  /** Wall time at which it ended, to some hundredths of a second. */
  readonly at: number;
  readonly ms: number;
}

export class GapListener {
  readonly gaps: Gap[] = [];
  readonly #process: ChildProcessByStdio<null, Readable, null>;
  readonly #limit: number;
  #quiet = 0;
  #odd = Buffer.alloc(0);

  /** `limitMs`: shorter silences are not noted. */
  constructor(card: SinkPlace, limitMs: number) {
    this.#limit = (limitMs * RATE) / 1_000;
    const format = ["--raw", "--format=float32le", "--channels=1", `--rate=${RATE}`, "--latency-msec=20"];
    this.#process = spawn("setpriv", ["--pdeathsig", "KILL", "--", "parec", "-d", card.monitor, ...format], {
      env: card.env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.#process.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once("close", resolve));
    this.#process.kill("SIGTERM");
    await gone;
  }

  #take(chunk: Buffer): void {
    const bytes = this.#odd.length > 0 ? Buffer.concat([this.#odd, chunk]) : chunk;
    const whole = bytes.length - (bytes.length % 4);
    for (let at = 0; at < whole; at += 4) {
      if (Math.abs(bytes.readFloatLE(at)) < SILENT) {
        this.#quiet += 1;
        continue;
      }
      if (this.#quiet > this.#limit) this.gaps.push({ at: wallNow(), ms: (this.#quiet * 1_000) / RATE });
      this.#quiet = 0;
    }
    this.#odd = Buffer.from(bytes.subarray(whole));
  }
}
