/**
 * Keeps playing possible while the disk takes no writes: what could not be written waits in memory, in order, and is written when the
 * disk takes it again. A card that is full or read-only must not silence a typhoon warning, and a slow one must not delay it: an alert sounds while
 * its beginning is being written.
 *
 * What is lost: if the power fails before the disk recovers, these records are gone, and a slot among them could be taken up again. Where very
 * much waits, the oldest stretches are left out of their slots; that a slot began, and how it ended, is kept. What is left out for good is told apart:
 * it is no less lost when the disk is well again.
 */

import type { Refusal } from "../playback/model/refusal.ts";
import { messageOf, StationError } from "../playback/model/station-error.ts";
import type { Millis } from "../playback/model/units.ts";
import type { Clock } from "../playback/ports/clock.ts";
import type { OpenSlot, PlayLog, Segment, SlotHeader, SlotOutcome, SlotProgress } from "../playback/ports/play-log.ts";

const RETRY_EVERY: Millis = 5_000;
/** A day of programmes; beyond it the oldest stretches go. */
const MOST_PENDING = 5_000;

/** A write that waits for the disk. */
interface Pending {
  readonly work: () => Promise<unknown>;
  /** Of a beginning or an end; `null` for a stretch, without which its slot can still be written. */
  readonly key: string | null;
}

export class PatientPlayLog implements PlayLog {
  readonly #inner: PlayLog;
  readonly #clock: Clock;
  /** Told with the problem when writing fails, and with `null` when all is written again. Must not throw. */
  readonly #onTrouble: (problem: string | null) => void;
  /** Told with each record that will never be written. Must not throw. */
  readonly #onLost: (what: string) => void;
  readonly #pending: Pending[] = [];
  /** Slots whose beginning or end waits to be written. */
  readonly #known = new Set<string>();
  /** Alerts whose beginning is being written while they sound. */
  readonly #ahead = new Set<string>();
  /** One write after another, in the order in which they were asked. */
  #turn: Promise<unknown> = Promise.resolve();
  #retrying: Promise<void> | null = null;

  constructor(
    inner: PlayLog,
    clock: Clock,
    onTrouble: (problem: string | null) => void,
    onLost: (what: string) => void,
  ) {
    this.#inner = inner;
    this.#clock = clock;
    this.#onTrouble = onTrouble;
    this.#onLost = onLost;
  }

  begin(header: SlotHeader, progress: SlotProgress): Promise<boolean> {
    if (this.#known.has(header.key)) return Promise.resolve(false);
    const write = () => this.#write(() => this.#inner.begin(header, progress), header.key);
    return header.kind === "emergency" ? this.#beginAhead(header.key, write) : write();
  }
  async addSegment(key: string, segment: Segment, progress: SlotProgress): Promise<void> {
    await this.#write(async () => {
      await this.#inner.addSegment(key, segment, progress);
      return true;
    });
  }
  async note(key: string, progress: SlotProgress): Promise<void> {
    // A position is worth nothing later: it is not kept.
    if (this.#pending.length > 0) return;
    try {
      await this.#inner.note(key, progress);
    } catch (error) {
      this.#troubled(error);
    }
  }
  end(header: SlotHeader, outcome: SlotOutcome, why: Refusal | null): Promise<boolean> {
    return this.#write(() => this.#inner.end(header, outcome, why), header.key);
  }
  open(): Promise<readonly OpenSlot[]> {
    return this.#inner.open();
  }
  has(key: string): boolean {
    return this.#known.has(key) || this.#ahead.has(key) || this.#inner.has(key);
  }

  /** If the power fails before it is written, the alert begins again, as one that is in force should. */
  async #beginAhead(key: string, write: () => Promise<unknown>): Promise<boolean> {
    if (this.has(key)) return false;
    this.#ahead.add(key);
    void write()
      .catch((error: unknown) => this.#onTrouble(messageOf(error)))
      .finally(() => this.#ahead.delete(key));
    return true;
  }

  /** Writes in its turn, or later where the disk refuses; later counts as true. */
  #write(work: () => Promise<boolean>, key: string | null = null): Promise<boolean> {
    const written = this.#turn.then(() => this.#writeOrKeep(work, key));
    this.#turn = written.catch(() => undefined);
    return written;
  }

  async #writeOrKeep(work: () => Promise<boolean>, key: string | null): Promise<boolean> {
    if (this.#pending.length === 0) {
      try {
        return await work();
      } catch (error) {
        this.#troubled(error);
      }
    }
    if (this.#pending.length >= MOST_PENDING) this.#dropOldestStretch();
    this.#pending.push({ work, key });
    if (key !== null) this.#known.add(key);
    this.#retrying ??= this.#retry().catch((error: unknown) => {
      // The next write begins anew.
      this.#retrying = null;
      this.#onTrouble(messageOf(error));
    });
    return true;
  }

  /** Where there are only beginnings and ends they stay, beyond the bound: without the one, nothing else of its slot could be written. */
  #dropOldestStretch(): void {
    const oldest = this.#pending.find(({ key }) => key === null);
    if (oldest === undefined) return;
    this.#remove(oldest);
    this.#onLost("more waits for the disk than memory holds: a stretch is left out of its slot");
  }

  /** By what it is, not by where it was: the list changes while one of it is being written. */
  #remove(one: Pending): void {
    const at = this.#pending.indexOf(one);
    if (at >= 0) this.#pending.splice(at, 1);
  }

  async #retry(): Promise<void> {
    while (this.#pending.length > 0) {
      await this.#clock.wait(RETRY_EVERY);
      try {
        for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
          await this.#perform(next);
          this.#remove(next);
        }
      } catch (error) {
        this.#troubled(error);
      }
    }
    this.#known.clear();
    this.#retrying = null;
    this.#onTrouble(null);
  }

  /** One that the log itself refuses is told and left out: nobody waits for it any more, and all the others wait behind it. */
  async #perform({ work }: Pending): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isOfTheDisk(error)) throw error;
      this.#onLost(`a record could not be written and is left out: ${messageOf(error)}`);
    }
  }

  /** @throws what is no fault of the disk */
  #troubled(error: unknown): void {
    if (!isOfTheDisk(error)) throw error;
    this.#onTrouble(error.message);
  }
}

function isOfTheDisk(error: unknown): error is StationError {
  return error instanceof StationError && error.code === "storage-failed";
}
