/**
 * Which configuration is in force, durably: takes adopted documents and a technician's layer, writes each new generation as pending before it
 * takes effect, and confirms or takes it back.
 */
import { z } from "zod";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { MINUTE, type Millis, type Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { Admission } from "../admission/admission.ts";
import type { ConfigBody } from "../contract/config.ts";
import { sha256Of } from "../sha256.ts";
import { type OnUnwritten, orUnwritten } from "../unwritten.ts";
import { layersOf, nameOf } from "./adopted-layers.ts";
import { type BrokerChangePorts, sameBrokers, whyNotChange } from "./broker-change.ts";
import {
  type BootTime,
  type ConfigState,
  configState,
  confirm,
  digestOf,
  inForce,
  type Layer,
  LOCAL,
  NO_CONFIG,
  overdue,
  propose,
  revert,
  rollback,
  started,
  wanted,
} from "./generations.ts";
import { allForgotten, tellForgotten, tellLost } from "./losses.ts";
import { type LostLayer, type ReadLayer, type ReadLayers, readLayers } from "./read-layers.ts";

export interface ConfigBookPorts extends BrokerChangePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly admission: Pick<Admission, "documents" | "readmit">;
  readonly bootTime: () => Promise<BootTime>;
  /** Those of `station.yaml`, where no layer names any. */
  readonly brokersOfFile: readonly string[];
  /** Broadest address first. */
  readonly chain: readonly string[];
  /** Other layers are in force. */
  readonly onChange: () => void;
  /** What the disk refused and the station goes on without. Where it is not given, that is an error. */
  readonly onUnwritten?: OnUnwritten;
}

const NOTE = "config";
/** Documents by which others are carried. */
const KEYS = ["root", "trust"] as const;
const DEFAULT_WINDOW: Millis = 10 * MINUTE;
/** New brokers that could not be reached are asked again after this. */
const ASK_AGAIN: Millis = MINUTE;

export class ConfigBook {
  readonly #ports: ConfigBookPorts;
  /** One change at a time. */
  #queue: Promise<unknown> = Promise.resolve();
  #state: ConfigState;
  #layers: readonly ReadLayer[] = [];
  #lost: readonly LostLayer[] = [];
  #forgotten: LostLayer | null = null;
  /** Those of the link. A layer that its key no longer carries leaves at once, its brokers only for others. */
  #brokers: readonly string[] = [];
  /** Under which the layers in force were read. */
  #keys = "";
  #appliedAt: Monotonic = Number.NEGATIVE_INFINITY;
  /** When the newest birth was sent that the source has answered. */
  #heardSince: Monotonic | null = null;
  /** Documents that were considered last: the same ones ask for nothing new. */
  #seen: string | null = null;
  #waiting: { readonly why: string; readonly until: Monotonic } | null = null;

  private constructor(ports: ConfigBookPorts, state: ConfigState) {
    this.#ports = ports;
    this.#state = state;
  }

  /** Takes up what was in force; what was pending too long, or over a boot, is taken back, whether or not the disk takes that. */
  static async open(ports: ConfigBookPorts): Promise<ConfigBook> {
    const stored = ports.store.notes.get(NOTE);
    const noted = configState.safeParse(stored);
    const spoilt = ports.store.notes.isSpoilt(NOTE);
    const book = new ConfigBook(ports, noted.success ? noted.data : NO_CONFIG);
    // Written over at once: what the province's documents still say is proposed anew, and the loss is told once.
    if (spoilt || (stored !== undefined && !noted.success)) {
      const lost = allForgotten(noted.success || spoilt ? "it is no JSON any more" : z.prettifyError(noted.error));
      book.#forgotten = lost;
      await book.#orUnwritten(() => tellForgotten(ports, NOTE, NO_CONFIG, lost));
    }
    if (book.#state.pending !== null) await book.#writeOrKeep(started(book.#state), null);
    await book.#takeBackIfOverdue();
    await book.#read();
    book.#brokers = book.#brokersOf(book.#layers);
    return book;
  }

  /** Layers in force, the one that wins last. */
  get layers(): readonly ReadLayer[] {
    return this.#layers;
  }
  /** Layers that should be in force and say nothing any more. */
  get lost(): readonly LostLayer[] {
    return this.#forgotten === null ? this.#lost : [this.#forgotten, ...this.#lost];
  }
  get state(): ConfigState {
    return this.#state;
  }
  /** Why a new generation has not even been tried yet. */
  get waiting(): string | null {
    return this.#waiting?.why ?? null;
  }

  /** What a generation says, as far as its signatures still hold. */
  async read(layers: readonly Layer[]): Promise<readonly ReadLayer[]> {
    return (await this.#readAll(layers)).read;
  }

  /** Until a pending generation is taken back; 0 where none is. */
  async leftMs(): Promise<Millis> {
    const { pending } = this.#state;
    return pending === null ? 0 : Math.max(0, pending.deadline - (await this.#ports.bootTime()).boottimeMs);
  }

  /** Digests for the health report. */
  summary(): { confirmed: string | null; pending: string | null; failed: string[] } {
    const { confirmed, pending, failed } = this.#state;
    return { confirmed: digestOf(confirmed), pending: digestOf(pending?.layers ?? []), failed };
  }

  /** The brokers in force, or those of `station.yaml`. */
  brokers(): readonly string[] {
    return this.#brokers;
  }

  /** Documents or keys came or went, or time passed; call it after each adoption and every second. @throws StationError `storage-failed` */
  consider(): Promise<void> {
    return this.#serially(async () => {
      const heard = this.#isHeard();
      if (!heard && (await this.#takeBackIfOverdue())) return this.#apply();
      await this.#readByOtherKeys();
      // The disk refused it when the answer came, and nobody repeats that.
      if (heard) await this.#confirm("signed message");
      if (this.#waiting !== null && this.#ports.clock.monotonic() < this.#waiting.until) return;
      const { documents } = this.#ports.admission;
      const seen = nameOf(documents, ["config"]);
      if (seen === this.#seen && this.#waiting === null) return;
      this.#seen = seen;
      const layers = wanted(this.#state, layersOf(documents));
      if (digestOf(layers) === digestOf(inForce(this.#state))) {
        this.#waiting = null;
        return;
      }
      try {
        await this.#propose(layers);
      } catch (error) {
        // Seen, and not taken up: nobody brings it again, so it is asked for again here.
        this.#wait(error instanceof Error ? error.message : String(error));
        throw error;
      }
    });
  }

  /** A signed answer to a nonce that was sent at `since` came over the connection in force. */
  heardFromSource(since: Monotonic): Promise<void> {
    this.#heardSince = Math.max(since, this.#heardSince ?? since);
    // At once: what comes behind this answer, an alert perhaps, does not wait until brokers that are not in force yet were asked.
    if (!this.#isHeard()) return Promise.resolve();
    return this.#serially(async () => {
      if (this.#isHeard()) await this.#orUnwritten(() => this.#confirm("signed message"));
    });
  }

  /** The technician says that it works. False where nothing is pending. @throws StationError `storage-failed` */
  confirmBy(by: string): Promise<boolean> {
    return this.#serially(async () => {
      if (this.#state.pending === null) return false;
      await this.#confirm(by);
      return true;
    });
  }

  /** Sets the local layer, by the same path as any other; `null` removes it. @throws StationError `storage-failed` */
  setLocal(body: ConfigBody | null, by: string): Promise<Refusal | null> {
    return this.#serially(async () => {
      const others = inForce(this.#state).filter(({ address }) => address !== LOCAL);
      const bytes = Buffer.from(JSON.stringify(body));
      const own = { address: LOCAL, seq: 1, sha256: sha256Of(bytes), bytes: bytes.toString("base64") };
      return this.#propose(body === null ? others : [...others, own], by);
    });
  }

  /** Back to what was confirmed before, or, while something is pending, back to what is confirmed. @throws StationError `storage-failed` */
  rollback(by: string): Promise<Refusal | null> {
    return this.#serially(async () => {
      const next = rollback(this.#state, await this.#ports.bootTime(), DEFAULT_WINDOW);
      if (next === null) return refusal("policy", "no earlier configuration is known");
      await this.#write(next, "config-rollback", { by, inForce: digestOf(inForce(next)) });
      await this.#apply();
      return null;
    });
  }

  #brokersOf(layers: readonly ReadLayer[]): readonly string[] {
    return layers.findLast(({ body }) => body.brokers !== undefined)?.body.brokers ?? this.#ports.brokersOfFile;
  }

  async #propose(layers: readonly Layer[], by?: string): Promise<Refusal | null> {
    const { read } = await this.#readAll(layers);
    const named = this.#brokersOf(read);
    const present = this.#brokers;
    const held = sameBrokers(present, this.#brokersOf(this.#layers));
    // Brokers that only a lost layer named stay until others are named: over them comes what takes its place.
    const brokers = named.length === 0 && !held ? present : named;
    const why = await whyNotChange({ wanted: brokers, present, held }, this.#ports);
    if (why !== null) {
      this.#wait(why);
      return refusal("policy", why);
    }
    this.#waiting = null;
    const windowMs = Math.min(...read.map(({ body }) => body.confirmWithinMs), DEFAULT_WINDOW);
    const next = propose(this.#state, layers, await this.#ports.bootTime(), windowMs);
    const body = {
      generation: digestOf(layers),
      layers: layers.map(({ address, seq }) => ({ address, seq })),
      windowMs,
    };
    await this.#write(
      next,
      next.pending === null ? "config-restored" : "config-pending",
      by === undefined ? body : { ...body, by },
    );
    await this.#apply(brokers);
    // Nobody could be stranded where there is no path that could break.
    if (brokers.length === 0) await this.#confirm("no brokers are configured");
    return null;
  }

  /** The source has answered over what is pending. */
  #isHeard(): boolean {
    return this.#state.pending !== null && this.#heardSince !== null && this.#heardSince >= this.#appliedAt;
  }

  async #confirm(by: string): Promise<void> {
    const next = confirm(this.#state);
    await this.#write(next, "config-confirmed", { generation: digestOf(next.confirmed), by });
  }

  async #takeBackIfOverdue(): Promise<boolean> {
    if (this.#state.pending === null) return false;
    const why = overdue(this.#state, await this.#ports.bootTime());
    if (why === null) return false;
    const generation = digestOf(this.#state.pending?.layers ?? []);
    await this.#writeOrKeep(revert(this.#state), "config-reverted", { generation, why });
    return true;
  }

  /** With these brokers, or those that its layers name. */
  async #apply(brokers?: readonly string[]): Promise<void> {
    await this.#read();
    this.#brokers = brokers ?? this.#brokersOf(this.#layers);
    this.#appliedAt = this.#ports.clock.monotonic();
    this.#ports.onChange();
  }

  async #read(): Promise<void> {
    this.#keys = nameOf(this.#ports.admission.documents, KEYS);
    const { read, lost } = await this.#readAll(inForce(this.#state));
    this.#layers = read;
    this.#lost = lost;
    await this.#orUnwritten(() => tellLost(this.#ports, lost));
  }

  /** What no key carries any more is out of force at once, however long a new generation waits for its brokers. */
  async #readByOtherKeys(): Promise<void> {
    if (this.#keys === nameOf(this.#ports.admission.documents, KEYS)) return;
    const before = digestOf(this.#layers);
    await this.#read();
    if (digestOf(this.#layers) !== before) this.#ports.onChange();
  }

  #readAll(layers: readonly Layer[]): Promise<ReadLayers> {
    return readLayers(layers, this.#ports.admission, this.#ports.chain);
  }

  async #write(next: ConfigState, kind: string | null, body: object = {}): Promise<void> {
    if (next === this.#state) return;
    const { store, clock } = this.#ports;
    await store.transaction(async (tx) => {
      await store.notes.set(tx, NOTE, next);
      if (kind !== null) await store.journal.append(tx, clock.now(), kind, body, "result");
    });
    this.#state = next;
  }

  /** What comes true also where the disk refuses it: the next start finds what was written before, and comes to the same. */
  async #writeOrKeep(next: ConfigState, kind: string | null, body: object = {}): Promise<void> {
    if (!(await this.#orUnwritten(() => this.#write(next, kind, body)))) this.#state = next;
  }

  #orUnwritten(write: () => Promise<unknown>): Promise<boolean> {
    return orUnwritten("config", write, this.#ports.onUnwritten);
  }

  #wait(why: string): void {
    this.#waiting = { why, until: this.#ports.clock.monotonic() + ASK_AGAIN };
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}
