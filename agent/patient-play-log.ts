/**
 * Keeps playing possible while the disk takes no writes: what could not be written waits in memory, in order, and is written when the
 * disk takes it again. A card that is full or read-only must not silence a typhoon warning.
 *
 * What is lost: if the power fails before the disk recovers, these records are gone, and a slot among them could be taken up again.
 */

import type { Refusal } from "../playback/model/refusal.ts";
import { StationError } from "../playback/model/station-error.ts";
import type { Millis } from "../playback/model/units.ts";
import type { Clock } from "../playback/ports/clock.ts";
import type { OpenSlot, PlayLog, Segment, SlotHeader, SlotOutcome, SlotProgress } from "../playback/ports/play-log.ts";

const RETRY_EVERY: Millis = 5_000;
/** A day of programmes; beyond it notes of positions are dropped first. */
const MOST_PENDING = 5_000;

type Write = () => Promise<unknown>;

export class PatientPlayLog implements PlayLog {
  readonly #inner: PlayLog;
  readonly #clock: Clock;
  /** Told with the problem when writing fails, and with `null` when all is written again. */
  readonly #onTrouble: (problem: string | null) => void;
  readonly #pending: Write[] = [];
  /** Slots whose beginning or end waits to be written. */
  readonly #known = new Set<string>();
  #retrying: Promise<void> | null = null;

  constructor(inner: PlayLog, clock: Clock, onTrouble: (problem: string | null) => void) {
    this.#inner = inner;
    this.#clock = clock;
    this.#onTrouble = onTrouble;
  }

  begin(header: SlotHeader, progress: SlotProgress): Promise<boolean> {
    if (this.#known.has(header.key)) return Promise.resolve(false);
    return this.#write(() => this.#inner.begin(header, progress), header.key);
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
    return this.#known.has(key) || this.#inner.has(key);
  }

  /** Writes now, or later where the disk refuses; later counts as true. */
  async #write(work: () => Promise<boolean>, key: string | null = null): Promise<boolean> {
    if (this.#pending.length === 0) {
      try {
        return await work();
      } catch (error) {
        this.#troubled(error);
      }
    }
    if (this.#pending.length >= MOST_PENDING) this.#pending.shift();
    this.#pending.push(work);
    if (key !== null) this.#known.add(key);
    this.#retrying ??= this.#retry();
    return true;
  }

  async #retry(): Promise<void> {
    while (this.#pending.length > 0) {
      await this.#clock.wait(RETRY_EVERY);
      try {
        for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
          await next();
          this.#pending.shift();
        }
      } catch (error) {
        this.#troubled(error);
      }
    }
    this.#known.clear();
    this.#retrying = null;
    this.#onTrouble(null);
  }

  /** @throws what is no fault of the disk */
  #troubled(error: unknown): void {
    if (!(error instanceof StationError) || error.code !== "storage-failed") throw error;
    this.#onTrouble(error.message);
  }
}
