/**
 * What somebody sets on the spot: mute, volume, a stopped alert, a raised one. It counts at once, also where the disk refuses it, and is written
 * when the disk takes writes again: a full card must not keep an officer from silencing a false alert, nor from raising a true one.
 */
import type { Clock } from "../playback/ports/clock.ts";
import type { Store } from "../storage/store.ts";
import { OwedWrites, type OwedWritesPorts } from "./owed-writes.ts";

export interface LocalControlsPorts extends OwedWritesPorts {
  readonly store: Pick<Store, "notes" | "journal" | "transaction">;
  readonly clock: Clock;
}

export class LocalControls {
  readonly #ports: LocalControlsPorts;
  /** What was set in this run, whether or not the disk has it. */
  readonly #values = new Map<string, unknown>();
  readonly #owed: OwedWrites;

  constructor(ports: LocalControlsPorts) {
    this.#ports = ports;
    this.#owed = new OwedWrites(ports);
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
  set(note: string, value: unknown, kind: string, body: object): Promise<void> {
    const { store, clock } = this.#ports;
    this.#values.set(note, value);
    const at = clock.now();
    return this.#owed.write(kind, () =>
      store.transaction(async (tx) => {
        await store.notes.set(tx, note, value);
        await store.journal.append(tx, at, kind, body, "alarm");
      }),
    );
  }

  /** Call it every second: what the disk refused is offered to it again. */
  settle(): Promise<void> {
    return this.#owed.again();
  }
}
