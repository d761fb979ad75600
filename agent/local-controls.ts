/**
 * What somebody sets on the spot: mute, volume, a stopped alert, a raised one. It counts at once, also where the disk refuses it, and is written
 * when the disk takes writes again: a full card must not keep an officer from silencing a false alert, nor from raising a true one.
 */
import type { Clock } from "../playback/ports/clock.ts";
import type { Store } from "../storage/store.ts";
import { type OnUnwritten, orUnwritten } from "./unwritten.ts";

export interface LocalControlsPorts {
  readonly store: Pick<Store, "notes" | "journal" | "transaction">;
  readonly clock: Clock;
  /** What the disk refused, and gets later. Where it is not given, that is an error. */
  readonly onUnwritten?: OnUnwritten | undefined;
}

/** More than anybody sets before the card is changed; beyond it the oldest leave no record. */
const MOST_OWED = 200;

export class LocalControls {
  readonly #ports: LocalControlsPorts;
  /** What was set in this run, whether or not the disk has it. */
  readonly #values = new Map<string, unknown>();
  /** Writes that the disk refused, oldest first. */
  readonly #owed: (() => Promise<void>)[] = [];

  constructor(ports: LocalControlsPorts) {
    this.#ports = ports;
  }

  /** What counts; `undefined` where nothing was set. The caller checks its shape. */
  get(note: string): unknown {
    return this.#values.has(note) ? this.#values.get(note) : this.#ports.store.notes.get(note);
  }

  /** For this run, whatever the disk says. */
  keep(note: string, value: unknown): void {
    this.#values.set(note, value);
  }

  /** Counts when this returns; resolves when it is written, with a record of this kind, or owed. */
  async set(note: string, value: unknown, kind: string, body: object): Promise<void> {
    const { store, clock, onUnwritten } = this.#ports;
    this.#values.set(note, value);
    const at = clock.now();
    const write = () =>
      store.transaction(async (tx) => {
        await store.notes.set(tx, note, value);
        await store.journal.append(tx, at, kind, body, "alarm");
      });
    // In their order: what was owed before is older.
    const owed = this.#owed.length > 0;
    if (!owed && (await orUnwritten(kind, write, onUnwritten))) return;
    this.#owed.push(write);
    if (this.#owed.length > MOST_OWED) this.#owed.shift();
  }

  /** Writes what is owed. @throws StationError `storage-failed` where the disk still refuses */
  async settle(): Promise<void> {
    for (let next = this.#owed[0]; next !== undefined; next = this.#owed[0]) {
      await next();
      const place = this.#owed.indexOf(next);
      if (place >= 0) this.#owed.splice(place, 1);
    }
  }
}
