/**
 * What was said live, kept as it was emitted: taken off the output while a live source or a microphone sounds, encoded when that is over, its
 * digest in the journal. Only what a signed policy asks for, and only as long as it says.
 *
 * Invariants: a part has an end, so that a relay of hours fills no disk with raw samples; the samples stay until the journal holds the digest; a
 * fault of the disk or of ffmpeg is told and tried again, and reaches neither the sound nor the start of the agent.
 */
import { randomUUID } from "node:crypto";
import { isTrusted } from "../../playback/model/clock-trust.ts";
import type { Item } from "../../playback/model/schedule.ts";
import { MINUTE, type Millis, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { SlotHeader } from "../../playback/ports/play-log.ts";
import type { Tap } from "../../playback/ports/sound.ts";
import type { Supervisor } from "../../playback/ports/supervisor.ts";
import type { RecordedSound, RecordingRules } from "../contract/config.ts";
import { type Recording, RecordingFile, type RecordingStart } from "./recording-file.ts";
import { nameOf, RecordingShelf } from "./shelf.ts";

/** Where no policy asks for recordings none is made; those that are kept still go. */
export const NO_RECORDINGS: RecordingRules = { of: [], days: 30, maxBytes: 500_000_000 };

export interface RecordingPorts {
  readonly folder: string;
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly rules: () => RecordingRules;
  /** Room on the disk that nothing may take. */
  readonly reserveBytes: number;
  /** No part is longer; default ten minutes, which are encoded in seconds and sent in one upload. */
  readonly longestPartMs?: Millis;
  /** Writes it into the journal. After a power cut it may be told once more. @throws StationError `storage-failed` */
  readonly onRecorded: (recording: Recording) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** Where a live sound is heard, and what it is. */
export interface LiveSound {
  readonly header: SlotHeader;
  readonly item: Item;
  readonly output: string;
}

type What = Omit<RecordingStart, "id" | "startedAt">;

const READ_EVERY: Millis = 200;
const LONGEST_PART: Millis = 10 * MINUTE;
/** As often the disk is looked at, and what was written made durable. */
const LOOK_AT_DISK: Millis = 10 * SECOND;
/** What could not be recorded is tried again after this. */
const RETRY: Millis = 30 * SECOND;
/** An agent that ends waits no longer for an encoder: the next one finishes it. */
const LAST_WAIT: Millis = 3 * SECOND;

export class Recordings {
  readonly #ports: RecordingPorts;
  readonly #shelf: RecordingShelf;
  readonly #running = new Map<string, { readonly halt: AbortController; readonly done: Promise<void> }>();
  /** Being recorded or encoded. */
  readonly #busy = new Set<string>();
  /** Over, but not encoded or not in the journal yet, because that failed. */
  readonly #unfinished = new Map<string, RecordingFile>();
  /** One encoder at a time. Never rejects. */
  #encoding: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(ports: RecordingPorts) {
    this.#ports = ports;
    this.#shelf = new RecordingShelf(ports.folder, ports.reserveBytes);
  }

  /** What the last run of the agent left unfinished is finished. Never rejects. */
  async open(): Promise<void> {
    await this.#told(async () => {
      await this.#shelf.make();
      for (const id of await this.#shelf.unfinished()) {
        await this.#told(async () => this.#finish(await RecordingFile.left(this.#ports.folder, id)));
      }
    });
    await this.prune();
  }

  /** A live sound begins: from now on what its output emits is kept, where the policy asks for it. */
  begin(sound: LiveSound, tap: Tap): void {
    const name = nameIn(sound);
    const { header, output } = sound;
    const of = kindOf(sound);
    if (this.#closed || !this.#asked(of) || this.#running.has(name)) return;
    const halt = new AbortController();
    const what = { of, slot: header.key, title: header.title, output };
    this.#running.set(name, { halt, done: this.#record(what, tap, halt.signal) });
  }

  /** It is over; resolves when nothing is read any more, before it is encoded. */
  async end(sound: Pick<LiveSound, "header" | "output">): Promise<void> {
    const name = nameIn(sound);
    const running = this.#running.get(name);
    this.#running.delete(name);
    running?.halt.abort();
    await running?.done;
  }

  /** Ends all; resolves when they are encoded, or cannot be for now. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    this.#running.clear();
    for (const { halt } of running) halt.abort();
    await Promise.all(running.map(({ done }) => done));
    const enough = new AbortController();
    await Promise.race([this.#encoding, this.#ports.clock.wait(LAST_WAIT, enough.signal)]);
    enough.abort();
    this.#closed = true;
  }

  /** Resolves when nothing is being encoded. */
  get idle(): Promise<void> {
    return this.#encoding;
  }

  /** The oldest first. @throws Error of the file system */
  list(): Promise<Recording[]> {
    return this.#shelf.list();
  }

  /** Its bytes, and whether they are those that were recorded; `null` where there is none of this name. @throws Error of the file system */
  read(id: string): ReturnType<RecordingShelf["read"]> {
    return this.#shelf.read(id);
  }

  /** How many are over and could not be finished so far. */
  get unfinished(): number {
    return this.#unfinished.size;
  }

  /** Now and then: what could not be finished is tried again, and the oldest go that the rules keep no longer. Never rejects. */
  async tend(): Promise<void> {
    for (const file of [...this.#unfinished.values()]) this.#finish(file);
    await this.prune();
  }

  /** Lets the oldest go that the rules keep no longer. Never rejects. */
  async prune(): Promise<void> {
    const { clock, rules } = this.#ports;
    await this.#told(async () => {
      // A clock that is wrong and ahead must not erase what was kept.
      const now = isTrusted(clock.trust()) ? clock.now() : null;
      const gone = await this.#shelf.prune(rules(), now, (id) => this.#busy.has(id));
      for (const id of gone) this.#unfinished.delete(id);
    });
  }

  #asked(of: RecordedSound): boolean {
    return this.#ports.rules().of.includes(of);
  }

  /** Part after part; a fault is told and tried again. Never rejects. */
  async #record(what: What, tap: Tap, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#asked(what.of)) {
      const well = await this.#told(() => this.#part(what, tap, signal));
      if (!well) await this.#ports.clock.wait(RETRY, signal);
    }
  }

  async #part(what: What, tap: Tap, signal: AbortSignal): Promise<void> {
    const { folder, clock, longestPartMs = LONGEST_PART } = this.#ports;
    await this.#shelf.make();
    await this.#haveRoom();
    const at = clock.now();
    const id = nameOf(at, randomUUID().slice(0, 8), isTrusted(clock.trust()));
    this.#busy.add(id);
    const file = await RecordingFile.begin(folder, { ...what, id, startedAt: new Date(at).toISOString() }).catch(
      async (error: unknown) => {
        this.#busy.delete(id);
        await this.#shelf.remove(id);
        throw error;
      },
    );
    let lookedAt = clock.monotonic();
    try {
      while (file.durationMs < longestPartMs && this.#asked(what.of)) {
        const { samples, lostMs } = tap.read();
        await file.add(samples, lostMs);
        if (signal.aborted) break;
        if (clock.monotonic() - lookedAt >= LOOK_AT_DISK) {
          lookedAt = clock.monotonic();
          await file.sync();
          await this.#haveRoom();
        }
        await clock.wait(READ_EVERY, signal);
      }
    } finally {
      await this.#told(() => file.end());
      this.#finish(file);
    }
  }

  async #haveRoom(): Promise<void> {
    if (await this.#shelf.isFull()) await this.prune();
    if (await this.#shelf.isFull()) throw new Error("the disk has no room left for recordings");
  }

  #finish(file: RecordingFile): void {
    const { supervisor, onRecorded } = this.#ports;
    this.#busy.add(file.id);
    this.#unfinished.delete(file.id);
    this.#encoding = this.#encoding.then(async () => {
      // What is left when the agent ends is finished by the next one.
      const well = await this.#told(async () => {
        if (this.#closed) return;
        const recording = await file.encode(supervisor);
        if (recording === null) return;
        await onRecorded(recording);
        await file.release();
      });
      if (!well) this.#unfinished.set(file.id, file);
      this.#busy.delete(file.id);
      if (!this.#closed) await this.prune();
    });
  }

  /** A fault is told, unless the agent ends. */
  async #told(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!this.#closed) this.#ports.onFault(error);
      return false;
    }
  }
}

const nameIn = ({ header, output }: Pick<LiveSound, "header" | "output">) => `${output} ${header.key}`;

function kindOf({ header, item }: LiveSound): RecordedSound {
  if (item.kind === "microphone") return "page";
  return header.kind === "announcement" ? "grant" : "relay";
}
