/**
 * What was said live, kept as it was emitted: taken off the output while a live source or a microphone sounds, encoded when that is over, its
 * digest in the journal. The oldest go first: by age, by what all may take together, and for the room that the media cache leaves free.
 *
 * Invariants: a part has an end, so that a relay of hours fills no disk with raw samples; a fault of the disk or of ffmpeg stops a recording, never the sound.
 */
import { mkdir, readdir, readFile, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { DAY, type Instant, MINUTE, type Millis } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { SlotHeader } from "../../playback/ports/play-log.ts";
import type { Tap } from "../../playback/ports/sound.ts";
import type { Supervisor } from "../../playback/ports/supervisor.ts";
import { type Recording, RecordingFile, type RecordingStart } from "./recording-file.ts";

export interface RecordingRules {
  readonly days: number;
  readonly maxBytes: number;
  /** Nothing is recorded. */
  readonly off: boolean;
}
export const RECORDING_RULES: RecordingRules = { days: 30, maxBytes: 500_000_000, off: false };

export interface RecordingPorts {
  readonly folder: string;
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly rules: () => RecordingRules;
  /** Room on the disk that nothing may take. */
  readonly reserveBytes: number;
  /** No part is longer; default ten minutes, which are encoded in seconds and sent in one upload. */
  readonly longestPartMs?: Millis;
  /** Writes it into the journal. @throws StationError `storage-failed` */
  readonly onRecorded: (recording: Recording) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

const READ_EVERY: Millis = 200;
const LONGEST_PART: Millis = 10 * MINUTE;
const LOOK_AT_DISK: Millis = 10_000;

export class Recordings {
  readonly #ports: RecordingPorts;
  readonly #running = new Map<string, { readonly halt: AbortController; readonly done: Promise<void> }>();
  /** One encoder at a time. Never rejects. */
  #encoding: Promise<void> = Promise.resolve();
  #parts = 0;

  constructor(ports: RecordingPorts) {
    this.#ports = ports;
  }

  /** What the last run of the agent left unfinished is finished, as cut off. */
  async open(): Promise<void> {
    const { folder } = this.#ports;
    await mkdir(folder, { recursive: true, mode: 0o750 });
    const names = await readdir(folder);
    for (const name of names.filter((one) => one.endsWith(".s16"))) {
      const id = name.slice(0, -4);
      try {
        const start = JSON.parse(await readFile(join(folder, `${id}.json`), "utf8")) as RecordingStart;
        this.#finish(new RecordingFile(folder, start), true);
      } catch (error) {
        this.#ports.onFault(error);
      }
    }
    await this.prune();
  }

  /** A live sound begins on an output: from now on what that emits is kept. */
  begin({ key, title }: SlotHeader, output: string, tap: Tap): void {
    const name = `${output} ${key}`;
    if (this.#ports.rules().off || this.#running.has(name)) return;
    const halt = new AbortController();
    const done = this.#record({ slot: key, title, output }, tap, halt.signal).catch(this.#ports.onFault);
    this.#running.set(name, { halt, done });
  }

  /** It is over; resolves when nothing is read any more, before it is encoded. */
  async end({ key }: SlotHeader, output: string): Promise<void> {
    const running = this.#running.get(`${output} ${key}`);
    this.#running.delete(`${output} ${key}`);
    running?.halt.abort();
    await running?.done;
  }

  /** Ends all; resolves when they are encoded. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    this.#running.clear();
    for (const { halt } of running) halt.abort();
    await Promise.all(running.map(({ done }) => done));
    await this.#encoding;
  }

  /** Resolves when nothing is being encoded. */
  get idle(): Promise<void> {
    return this.#encoding;
  }

  /** The oldest first. */
  async list(): Promise<Recording[]> {
    const { folder } = this.#ports;
    const names = await readdir(folder);
    const whole = names.filter((name) => name.endsWith(".ogg")).map((name) => `${name.slice(0, -4)}.json`);
    const notes = await Promise.all(whole.map((name) => readFile(join(folder, name), "utf8")));
    return notes
      .map((text) => JSON.parse(text) as Recording)
      .sort((a, b) => a.startedAt.localeCompare(b.startedAt) || a.id.localeCompare(b.id));
  }

  /** Its bytes; `null` where there is none of this name. */
  async read(id: string): Promise<{ readonly type: string; readonly bytes: Buffer } | null> {
    const known = (await this.list()).some((one) => one.id === id);
    return known
      ? { type: "audio/ogg; codecs=opus", bytes: await readFile(join(this.#ports.folder, `${id}.ogg`)) }
      : null;
  }

  /** Lets the oldest go that the rules keep no longer. */
  async prune(): Promise<void> {
    const { folder, clock, rules } = this.#ports;
    const { days, maxBytes } = rules();
    const kept = await this.list();
    let bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
    for (const { id, startedAt, bytes: size } of kept) {
      const old = isDated(clock) && Date.parse(startedAt) < clock.now() - days * DAY;
      if (!old && bytes <= maxBytes && !(await this.#isFull())) break;
      bytes -= size;
      await Promise.all(["ogg", "json"].map((ending) => rm(join(folder, `${id}.${ending}`), { force: true })));
    }
  }

  async #record(what: Pick<RecordingStart, "slot" | "title" | "output">, tap: Tap, signal: AbortSignal): Promise<void> {
    const { folder, clock, longestPartMs = LONGEST_PART } = this.#ports;
    let lookedAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      this.#parts += 1;
      const at = clock.now();
      const file = new RecordingFile(folder, {
        ...what,
        id: idOf(at, this.#parts),
        startedAt: new Date(at).toISOString(),
      });
      await file.open();
      try {
        while (file.durationMs < longestPartMs) {
          if (clock.monotonic() - lookedAt >= LOOK_AT_DISK) {
            lookedAt = clock.monotonic();
            if (await this.#isFull()) await this.prune();
            if (await this.#isFull()) throw new Error("the disk has no room left for recordings");
          }
          const { samples, lostMs } = tap.read();
          await file.add(samples, lostMs);
          if (signal.aborted) break;
          await clock.wait(READ_EVERY, signal);
        }
      } finally {
        this.#finish(file, false);
      }
    }
  }

  #finish(file: RecordingFile, cutOff: boolean): void {
    const { supervisor, onRecorded, onFault } = this.#ports;
    this.#encoding = this.#encoding.then(async () => {
      try {
        const recording = await file.finish(supervisor, cutOff);
        if (recording !== null) await onRecorded(recording);
        await this.prune();
      } catch (error) {
        onFault(error);
      }
    });
  }

  async #isFull(): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#ports.folder);
    return bavail * bsize < this.#ports.reserveBytes;
  }
}

/** A clock that is wrong and ahead must not erase what was kept. */
function isDated(clock: Clock): boolean {
  return clock.trust() === "held" || clock.trust() === "attested";
}

function idOf(at: Instant, part: number): string {
  return `rec-${new Date(at).toISOString().replace(/[-:.]/g, "")}-${part}`;
}
