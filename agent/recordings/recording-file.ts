/** The files of one recording: raw samples while it runs, Opus and a note beside it when it is over. A note without Opus is one that was cut off. */
import { createHash } from "node:crypto";
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Millis, parseSha256, type Sha256 } from "../../playback/model/units.ts";
import type { Supervisor } from "../../playback/ports/supervisor.ts";
import { RATE } from "../../playback/sound/units.ts";

/** What is noted of a recording from its first moment. */
export interface RecordingStart {
  /** Also the name of its files. */
  readonly id: string;
  /** Key of the slot whose live sound it holds, as the journal names it. */
  readonly slot: string;
  readonly output: string;
  readonly title: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

/** What is known of it when it is over. */
export interface RecordingEnd {
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly durationMs: Millis;
  /** What the station emitted meanwhile and this does not hold. */
  readonly lostMs: Millis;
  /** The agent ended while it ran. */
  readonly cutOff: boolean;
}
export type Recording = RecordingStart & RecordingEnd;

const SAMPLE_BYTES = 2;
/** Speech stays easy to understand. Source: RFC 6716, 2.1.1 (fullband speech from 28 kb/s). */
const BITS = "28k";

export class RecordingFile {
  readonly start: RecordingStart;
  readonly #folder: string;
  #raw: FileHandle | null = null;
  #bytes = 0;
  #lostMs: Millis = 0;

  constructor(folder: string, start: RecordingStart) {
    this.#folder = folder;
    this.start = start;
  }

  get durationMs(): Millis {
    return (this.#bytes / SAMPLE_BYTES / RATE) * 1_000;
  }

  /** @throws Error of the file system */
  async open(): Promise<void> {
    await writeFile(this.#path("json"), JSON.stringify(this.start));
    this.#raw = await open(this.#path("s16"), "w");
  }

  /** On the disk's own time, but written: a kill loses nothing that was added. @throws Error of the file system */
  async add(samples: Float32Array, lostMs: Millis): Promise<void> {
    const raw = new Int16Array(samples.length);
    for (const [index, x] of samples.entries()) raw[index] = Math.round(Math.max(-1, Math.min(1, x)) * 32_767);
    await this.#raw?.write(new Uint8Array(raw.buffer));
    this.#bytes += raw.byteLength;
    this.#lostMs += lostMs;
  }

  /** Encodes what was added and lets the samples go; `null` where there was nothing. @throws Error where ffmpeg or the disk fails */
  async finish(supervisor: Supervisor, cutOff = false): Promise<Recording | null> {
    await this.#raw?.close();
    this.#raw = null;
    const raw = this.#path("s16");
    if (cutOff) this.#bytes = (await stat(raw)).size;
    if (this.#bytes < SAMPLE_BYTES) {
      await Promise.all(["s16", "json"].map((ending) => rm(this.#path(ending), { force: true })));
      return null;
    }
    const making = this.#path("making");
    const input = ["-f", "s16le", "-ar", String(RATE), "-ac", "1", "-i", raw];
    const output = ["-c:a", "libopus", "-b:a", BITS, "-f", "ogg", making];
    const args = ["-nostdin", "-hide_banner", "-loglevel", "error", "-y", ...input, ...output];
    const { code, stderr } = await supervisor.run({ name: "recording", command: "ffmpeg", args }).exited;
    if (code !== 0) throw new Error(`a recording cannot be encoded: ${stderr.trim().slice(-200)}`);
    const file = await readFile(making);
    const sha256 = parseSha256(createHash("sha256").update(file).digest("hex"));
    if (sha256 === null) throw new Error("a digest is no digest");
    const end = {
      sha256,
      bytes: file.length,
      durationMs: Math.round(this.durationMs),
      lostMs: Math.round(this.#lostMs),
      cutOff,
    };
    const recording = { ...this.start, ...end };
    await rename(making, this.#path("ogg"));
    await writeFile(this.#path("json"), JSON.stringify(recording));
    await rm(raw);
    return recording;
  }

  #path(ending: string): string {
    return join(this.#folder, `${this.start.id}.${ending}`);
  }
}
