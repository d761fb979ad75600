/**
 * Records what a virtual card lets be heard, and knows for every sample when it was heard.
 *
 * Samples arrive in order and late, never early: the smallest of all "arrival − sample count" is the truth plus the shortest way
 * through the server and the pipe. A null sink hands its monitor a whole block at the moment it begins to play it, so samples come
 * earlier than they are "heard" by up to one block; that is asked of the server and added. What remains is a bias within ±3 ms,
 * the same for all samples of a recording. A minimum is kept for every second and the median of five neighbours is used, because the rate
 * of a card is not the wall clock's: a null sink counts whole microseconds per block and runs up to 300 ppm fast.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { wallNow } from "./real-clock.ts";
import type { SinkPlace } from "./virtual-sound-card.ts";
import { encodeWav } from "./wav.ts";

/** Samples per second of every recording. */
export const RECORDING_RATE = 48_000;
const STRETCH = RECORDING_RATE;
/** Stretches to either side that a sample's time is taken from. */
const NEIGHBOURS = 2;

export class Recorder {
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<void>;
  #samples = new Float32Array(RECORDING_RATE * 60);
  #length = 0;
  #odd = Buffer.alloc(0);
  readonly #origins: number[] = [];
  #aheadMs = 0;

  private constructor(process: ChildProcessByStdio<null, Readable, Readable>) {
    this.#process = process;
    process.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    process.stderr.resume();
    this.#ended = new Promise((resolve) => process.once("close", () => resolve()));
  }

  /**
   * Starts recording; resolves when the first sample is there. `channel`: of a card with several, as PulseAudio calls it (`front-left`).
   * @throws Error when none comes within 10 s.
   */
  static async start(card: SinkPlace, channel = "mono"): Promise<Recorder> {
    const only = channel === "mono" ? [] : [`--channel-map=${channel}`, "--no-remix"];
    const format = ["--format=float32le", "--channels=1", ...only, `--rate=${RECORDING_RATE}`, "--latency-msec=5"];
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", "parec", "--raw", "-d", card.monitor, ...format], {
      env: card.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const recorder = new Recorder(child);
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("the recorder hears nothing")), 10_000);
      child.once("error", reject);
      child.stdout.once("data", () => {
        clearTimeout(late);
        resolve();
      });
    });
    recorder.#aheadMs = await blockOf(card);
    return recorder;
  }

  /** Samples recorded so far. */
  get length(): number {
    return this.#length;
  }

  /** What was recorded so far; a view that later samples do not change. */
  samples(from = 0, to = this.#length): Float32Array {
    return this.#samples.subarray(from, Math.min(to, this.#length));
  }

  /** Wall time in milliseconds at which a sample was heard. */
  wallTimeOf(sample: number): number {
    const stretch = Math.min(Math.floor(sample / STRETCH), this.#origins.length - 1);
    const near = this.#origins.slice(Math.max(0, stretch - NEIGHBOURS), stretch + NEIGHBOURS + 1);
    const origin = near.filter(Number.isFinite).sort((a, b) => a - b)[(near.length - 1) >> 1] ?? 0;
    return origin + this.#aheadMs + (sample * 1_000) / RECORDING_RATE;
  }

  /** The sample heard at a wall time; may lie outside the recording. */
  sampleAt(wall: number): number {
    const rough = ((wall - this.wallTimeOf(0)) * RECORDING_RATE) / 1_000;
    return Math.round(rough + ((wall - this.wallTimeOf(Math.max(0, rough))) * RECORDING_RATE) / 1_000);
  }

  /** Waits until what was heard at a wall time is recorded. */
  async until(wall: number): Promise<void> {
    while (this.#process.exitCode === null && this.wallTimeOf(this.#length) < wall) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends the recording; what was recorded stays. */
  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#ended;
  }

  /** Writes the recording as 16-bit mono WAV. */
  async save(path: string): Promise<void> {
    await writeFile(path, encodeWav(this.samples(), RECORDING_RATE));
  }

  #take(chunk: Buffer): void {
    const arrived = wallNow();
    const bytes = this.#odd.length > 0 ? Buffer.concat([this.#odd, chunk]) : chunk;
    const count = bytes.length >> 2;
    this.#odd = Buffer.from(bytes.subarray(count << 2));
    this.#grow(this.#length + count);
    for (let at = 0; at < count; at++) this.#samples[this.#length + at] = bytes.readFloatLE(at << 2);
    this.#length += count;
    const origin = arrived - (this.#length * 1_000) / RECORDING_RATE;
    const stretch = Math.floor(this.#length / STRETCH);
    this.#origins[stretch] = Math.min(this.#origins[stretch] ?? Number.POSITIVE_INFINITY, origin);
  }

  #grow(needed: number): void {
    if (needed <= this.#samples.length) return;
    const larger = new Float32Array(Math.max(needed, this.#samples.length * 2));
    larger.set(this.#samples);
    this.#samples = larger;
  }
}

/** Length in milliseconds of what the sink renders at a time. */
async function blockOf(card: SinkPlace): Promise<number> {
  const configured = /configured (\d+) usec/.exec(await card.pactl("list", "sinks"))?.[1];
  return Number(configured ?? 0) / 1_000;
}
