/**
 * The files of one recording. While it runs: a note and raw samples. When it is over: the note, which then holds its digest, and Opus; the raw
 * samples go last, when the journal holds the digest too. So whatever a kill or a power cut leaves behind can be finished after the restart.
 */
import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Millis, Sha256 } from "../../playback/model/units.ts";
import type { Supervisor } from "../../playback/ports/supervisor.ts";
import { RATE } from "../../playback/sound/units.ts";
import { replaceFile, syncFolder } from "../../storage/durable-file.ts";
import type { RecordedSound } from "../contract/config.ts";
import { sha256Of } from "../sha256.ts";

/** What is noted of a recording from its first moment. */
export interface RecordingStart {
  /** Also the name of its files. */
  readonly id: string;
  readonly of: RecordedSound;
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
  /** What the station emitted meanwhile and this does not hold; `null` where nobody counted to the end. */
  readonly lostMs: Millis | null;
  /** The agent ended while it ran. */
  readonly cutOff: boolean;
}
export type Recording = RecordingStart & RecordingEnd;

/** A note at any stage. */
export type RecordingNote = RecordingStart &
  Partial<RecordingEnd> & {
    /** Since when its age counts, where nobody knew the hour when it was made. */
    readonly keptFrom?: string;
  };

const SAMPLE_BYTES = 2;
/** Speech stays easy to understand. Source: RFC 6716, 2.1.1 (fullband speech from 28 kb/s). */
const BITS = "28k";

export class RecordingFile {
  readonly id: string;
  readonly #folder: string;
  #note: RecordingNote;
  #raw: FileHandle | null = null;
  #bytes = 0;
  #lostMs: Millis = 0;

  private constructor(folder: string, note: RecordingNote) {
    this.id = note.id;
    this.#folder = folder;
    this.#note = note;
  }

  /** Begins one; its note is on the disk first. @throws Error of the file system */
  static async begin(folder: string, start: RecordingStart): Promise<RecordingFile> {
    const file = new RecordingFile(folder, start);
    await replaceFile(file.#path("json"), JSON.stringify(start));
    file.#raw = await open(file.#path("s16"), "wx", 0o640);
    return file;
  }

  /** One that the last run of the agent left. @throws Error where its note is gone or damaged */
  static async left(folder: string, id: string): Promise<RecordingFile> {
    const note = JSON.parse(await readFile(join(folder, `${id}.json`), "utf8")) as RecordingNote;
    return new RecordingFile(folder, { ...note, id });
  }

  get durationMs(): Millis {
    return (this.#bytes / SAMPLE_BYTES / RATE) * 1_000;
  }

  /** A kill of the agent loses nothing that was added; a power cut what was added after the last `sync`. @throws Error of the file system */
  async add(samples: Float32Array, lostMs: Millis): Promise<void> {
    const raw = new Int16Array(samples.length);
    for (const [index, x] of samples.entries()) raw[index] = Math.round(Math.max(-1, Math.min(1, x)) * 32_767);
    this.#lostMs += lostMs;
    if (this.#raw === null) throw new Error("nothing is recorded any more");
    // Writes all of it, or throws: a full disk takes a part of what it is given.
    await this.#raw.appendFile(new Uint8Array(raw.buffer));
    this.#bytes += raw.byteLength;
  }

  /** @throws Error of the file system */
  async sync(): Promise<void> {
    await this.#raw?.datasync();
  }

  /** Nothing more comes, because the sound is over. @throws Error of the file system */
  async end(): Promise<void> {
    const raw = this.#raw;
    this.#raw = null;
    if (raw === null) return;
    // Known, whatever the disk takes of it now: it may be asked for again.
    this.#note = { ...this.#note, lostMs: Math.round(this.#lostMs), cutOff: false };
    await raw.sync().finally(() => raw.close());
    await this.#write(this.#note);
  }

  /**
   * Encodes what was added; `null` where there was nothing. Done before, it is looked at only. The raw samples stay until `release`.
   * @throws Error where ffmpeg or the disk fails
   */
  async encode(supervisor: Supervisor): Promise<Recording | null> {
    const known = await this.#encoded();
    if (known !== null) return known;
    const raw = this.#path("s16");
    const { size } = await stat(raw);
    if (size < SAMPLE_BYTES) {
      await this.remove();
      return null;
    }
    const making = this.#path("making");
    const input = ["-f", "s16le", "-ar", String(RATE), "-ac", "1", "-i", raw];
    const output = ["-c:a", "libopus", "-b:a", BITS, "-f", "ogg", making];
    const args = ["-nostdin", "-hide_banner", "-loglevel", "error", "-y", ...input, ...output];
    const { code, stderr } = await supervisor.run({ name: "recording", command: "ffmpeg", args }).exited;
    if (code !== 0) throw new Error(`a recording cannot be encoded: ${stderr.trim().slice(-200)}`);
    const { sha256, bytes } = await keepDurably(making, this.#path("ogg"));
    await syncFolder(this.#folder);
    const { lostMs = null, cutOff = true } = this.#note;
    const durationMs = Math.round((size / SAMPLE_BYTES / RATE) * 1_000);
    const recording = { ...this.#note, sha256, bytes, durationMs, lostMs, cutOff };
    await this.#write(recording);
    return recording;
  }

  /** The journal holds its digest: the samples go. @throws Error of the file system */
  async release(): Promise<void> {
    await rm(this.#path("s16"), { force: true });
  }

  /** Nothing of it stays. @throws Error of the file system */
  async remove(): Promise<void> {
    await this.#raw?.close();
    this.#raw = null;
    for (const ending of ["making", "ogg", "s16", "json.new", "json"]) await rm(this.#path(ending), { force: true });
  }

  /** Whole, and as its note says; `null` where the last run did not come that far. */
  async #encoded(): Promise<Recording | null> {
    const { sha256, bytes, durationMs, lostMs, cutOff } = this.#note;
    if (sha256 === undefined || bytes === undefined || durationMs === undefined) return null;
    const kept = await readFile(this.#path("ogg")).catch(() => null);
    if (kept === null || sha256Of(kept) !== sha256) return null;
    return { ...this.#note, sha256, bytes, durationMs, lostMs: lostMs ?? null, cutOff: cutOff ?? true };
  }

  async #write(note: RecordingNote): Promise<void> {
    await replaceFile(this.#path("json"), JSON.stringify(note));
    this.#note = note;
  }

  #path(ending: string): string {
    return join(this.#folder, `${this.id}.${ending}`);
  }
}

/** Only its rename still has to be made durable. */
async function keepDurably(from: string, to: string): Promise<Pick<RecordingEnd, "sha256" | "bytes">> {
  const file = await open(from, "r");
  try {
    await file.sync();
    const bytes = await file.readFile();
    await rename(from, to);
    return { sha256: sha256Of(bytes), bytes: bytes.length };
  } finally {
    await file.close();
  }
}
