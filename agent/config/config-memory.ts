/**
 * What the book remembers: generations, and the brokers of the link beside them, always written together. A memory that can no longer be read is
 * told, and begun anew.
 */
import { z } from "zod";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import { OwedWrites } from "../owed-writes.ts";
import { type OnUnwritten, orUnwritten } from "../unwritten.ts";
import { type ConfigState, configState, NO_CONFIG } from "./generations.ts";
import { LinkBrokers } from "./link-brokers.ts";
import { allForgotten, tellForgotten } from "./losses.ts";
import type { LostLayer, ReadLayers } from "./read-layers.ts";

export interface MemoryPorts {
  readonly store: Store;
  readonly clock: Clock;
  /** Those of `station.yaml`, where no layer names any. */
  readonly brokersOfFile: readonly string[];
  /** What the disk refused and the station goes on without. Where it is not given, that is an error. */
  readonly onUnwritten?: OnUnwritten;
}

const NOTE = "config";

export class ConfigMemory {
  readonly #ports: MemoryPorts;
  /** What the disk has still to be told. */
  readonly owed: OwedWrites;
  #state: ConfigState;
  #link: LinkBrokers;
  #forgotten: LostLayer | null = null;

  private constructor(ports: MemoryPorts, state: ConfigState) {
    this.#ports = ports;
    this.owed = new OwedWrites(ports);
    this.#state = state;
    this.#link = LinkBrokers.noted(ports.store.notes, ports.brokersOfFile);
  }

  /** @throws StationError `storage-failed` where nobody hears what was refused */
  static async open(ports: MemoryPorts): Promise<ConfigMemory> {
    const { notes } = ports.store;
    const stored = notes.get(NOTE);
    const noted = configState.safeParse(stored);
    const spoilt = notes.isSpoilt(NOTE);
    const memory = new ConfigMemory(ports, noted.success ? noted.data : NO_CONFIG);
    // Written over at once: what the province's documents still say is proposed anew, and the loss is told once.
    if (spoilt || (stored !== undefined && !noted.success)) {
      const lost = allForgotten(noted.success || spoilt ? "it is no JSON any more" : z.prettifyError(noted.error));
      memory.#forgotten = lost;
      await memory.owed.write("config", () => tellForgotten(ports, NOTE, memory.#state, lost));
    }
    return memory;
  }

  get state(): ConfigState {
    return this.#state;
  }
  get link(): LinkBrokers {
    return this.#link;
  }
  /** The whole memory, where it could not be read. */
  get forgotten(): LostLayer | null {
    return this.#forgotten;
  }

  /**
   * The brokers by what can be read of the generations now. What was not noted yet is noted: the key of the layer that names them may be revoked
   * at any time. @throws StationError `storage-failed` where nobody hears what was refused
   */
  async takeUpLink(confirmed: ReadLayers, pending: ReadLayers | null): Promise<void> {
    const before = this.#link;
    const lost = this.#forgotten === null ? confirmed.lost : [this.#forgotten];
    this.#link = before.takenUp({ confirmed: { ...confirmed, lost }, pending });
    if (!this.#link.isSame(before))
      await this.owed.write("config", () => this.#link.note(null, this.#ports.store.notes));
  }

  /** With the journal's record; nothing where nothing changes. @throws StationError `storage-failed` */
  async write(next: ConfigState, link: LinkBrokers, kind: string | null, body: object = {}): Promise<void> {
    if (next === this.#state) return;
    const { store, clock } = this.#ports;
    await store.transaction(async (tx) => {
      await store.notes.set(tx, NOTE, next);
      await link.note(tx, store.notes);
      if (kind !== null) await store.journal.append(tx, clock.now(), kind, body, "result");
    });
    [this.#state, this.#link] = [next, link];
  }

  /** What comes true also where the disk refuses it: the next start finds what was written before, and comes to the same. */
  async writeOrKeep(next: ConfigState, link: LinkBrokers, kind: string | null, body: object = {}): Promise<void> {
    const written = await orUnwritten("config", () => this.write(next, link, kind, body), this.#ports.onUnwritten);
    if (!written) [this.#state, this.#link] = [next, link];
  }
}
