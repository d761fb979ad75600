/**
 * Which configuration is in force, durably: takes adopted documents and a technician's layer, writes each new generation as pending before it
 * takes effect, and confirms or takes it back.
 */
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { messageOf } from "../../playback/model/station-error.ts";
import { MINUTE, type Millis, type Monotonic } from "../../playback/model/units.ts";
import type { Admission } from "../admission/admission.ts";
import type { ConfigBody } from "../contract/config.ts";
import { sha256Of } from "../sha256.ts";
import { orUnwritten } from "../unwritten.ts";
import { layersOf, nameOf } from "./adopted-layers.ts";
import { type BrokerChangePorts, whyNotChange } from "./broker-change.ts";
import { ConfigMemory, type MemoryPorts } from "./config-memory.ts";
import {
  type BootTime,
  type ConfigState,
  confirm,
  digestOf,
  inForce,
  type Layer,
  LOCAL,
  overdue,
  propose,
  revert,
  rollback,
  started,
  wanted,
} from "./generations.ts";
import type { LinkBrokers } from "./link-brokers.ts";
import { tellLost } from "./losses.ts";
import { type LostLayer, type ReadLayer, type ReadLayers, readLayers } from "./read-layers.ts";

export interface ConfigBookPorts extends BrokerChangePorts, MemoryPorts {
  readonly admission: Pick<Admission, "documents" | "readmit">;
  readonly bootTime: () => Promise<BootTime>;
  /** Broadest address first. */
  readonly chain: readonly string[];
  /** Other layers are in force. */
  readonly onChange: () => void;
}

/** Documents by which others are carried. */
const KEYS = ["root", "trust"] as const;
const DEFAULT_WINDOW: Millis = 10 * MINUTE;
/** New brokers that could not be reached are asked again after this. */
const ASK_AGAIN: Millis = MINUTE;
/** Where there is no path that could break, nobody could be stranded, and nobody could answer either. */
const NO_PATH = "no brokers are configured";

export class ConfigBook {
  readonly #ports: ConfigBookPorts;
  readonly #memory: ConfigMemory;
  /** One change at a time. */
  #queue: Promise<unknown> = Promise.resolve();
  #layers: readonly ReadLayer[] = [];
  #lost: readonly LostLayer[] = [];
  /** Under which the layers in force were read. */
  #keys = "";
  #appliedAt: Monotonic = Number.NEGATIVE_INFINITY;
  /** When the newest birth was sent that the source has answered. */
  #heardSince: Monotonic | null = null;
  /** Documents that were considered last: the same ones ask for nothing new. */
  #seen: string | null = null;
  #waiting: { readonly why: string; readonly until: Monotonic } | null = null;

  private constructor(ports: ConfigBookPorts, memory: ConfigMemory) {
    this.#ports = ports;
    this.#memory = memory;
  }

  /** Takes up what was in force; what was pending too long, or over a boot, is taken back, whether or not the disk takes that. */
  static async open(ports: ConfigBookPorts): Promise<ConfigBook> {
    const memory = await ConfigMemory.open(ports);
    const book = new ConfigBook(ports, memory);
    const { confirmed, pending } = memory.state;
    await memory.takeUpLink(await book.#readAll(confirmed), pending && (await book.#readAll(pending.layers)));
    if (book.#proof() === null) {
      await memory.writeOrKeep(started(memory.state), memory.link, null);
      await book.#takeBackIfOverdue();
    } else await book.#confirmOrLater();
    await book.#read();
    return book;
  }

  /** Layers in force, the one that wins last. */
  get layers(): readonly ReadLayer[] {
    return this.#layers;
  }
  /** Layers that should be in force and say nothing any more. */
  get lost(): readonly LostLayer[] {
    const { forgotten } = this.#memory;
    return forgotten === null ? this.#lost : [forgotten, ...this.#lost];
  }
  get state(): ConfigState {
    return this.#memory.state;
  }
  get #link(): LinkBrokers {
    return this.#memory.link;
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
    const { pending } = this.state;
    return pending === null ? 0 : Math.max(0, pending.deadline - (await this.#ports.bootTime()).boottimeMs);
  }

  /** Digests for the health report. */
  summary(): { confirmed: string | null; pending: string | null; failed: string[] } {
    const { confirmed, pending, failed } = this.state;
    return { confirmed: digestOf(confirmed), pending: digestOf(pending?.layers ?? []), failed };
  }

  /** Those that the link uses: what the layers in force, or `station.yaml`, name; where none does any more, those that it had. */
  brokers(): readonly string[] {
    return this.#link.used;
  }

  /** Documents or keys came or went, or time passed; call it after each adoption and every second. @throws StationError `storage-failed` */
  consider(): Promise<void> {
    return this.#serially(async () => {
      if (this.#proof() === null && (await this.#takeBackIfOverdue())) return this.#apply();
      await this.#readByOtherKeys();
      await this.#memory.owed.again();
      // The disk refused it at the time, and nobody repeats that.
      await this.#confirmProven();
      if (this.#waiting !== null && this.#ports.clock.monotonic() < this.#waiting.until) return;
      const { documents } = this.#ports.admission;
      const seen = nameOf(documents, ["config"]);
      if (seen === this.#seen && this.#waiting === null) return;
      this.#seen = seen;
      const layers = wanted(this.state, layersOf(documents));
      if (digestOf(layers) === digestOf(inForce(this.state))) {
        this.#waiting = null;
        return;
      }
      try {
        await this.#propose(layers);
      } catch (error) {
        // Seen, and not taken up: nobody brings it again, so it is asked for again here.
        this.#wait(messageOf(error));
        throw error;
      }
    });
  }

  /** A signed answer to a nonce that was sent at `since` came over the connection in force. */
  heardFromSource(since: Monotonic): Promise<void> {
    this.#heardSince = Math.max(since, this.#heardSince ?? since);
    // At once: what comes behind this answer, an alert perhaps, does not wait until brokers that are not in force yet were asked.
    if (!this.#isHeard()) return Promise.resolve();
    return this.#serially(() => this.#confirmOrLater());
  }

  /** The technician says that it works. False where nothing is pending. @throws StationError `storage-failed` */
  confirmBy(by: string): Promise<boolean> {
    return this.#serially(async () => {
      if (this.state.pending === null) return false;
      await this.#confirm(by);
      return true;
    });
  }

  /** Sets the local layer, by the same path as any other; `null` removes it. @throws StationError `storage-failed` */
  setLocal(body: ConfigBody | null, by: string): Promise<Refusal | null> {
    return this.#serially(async () => {
      const others = inForce(this.state).filter(({ address }) => address !== LOCAL);
      const bytes = Buffer.from(JSON.stringify(body));
      const own = { address: LOCAL, seq: 1, sha256: sha256Of(bytes), bytes: bytes.toString("base64") };
      return this.#propose(body === null ? others : [...others, own], by);
    });
  }

  /** Back to what was confirmed before, or, while something is pending, back to what is confirmed. @throws StationError `storage-failed` */
  rollback(by: string): Promise<Refusal | null> {
    return this.#serially(async () => {
      const next = rollback(this.state, await this.#ports.bootTime(), DEFAULT_WINDOW);
      if (next === null) return refusal("policy", "no earlier configuration is known");
      const { read } = await this.#readAll(inForce(next));
      const link = next.pending === null ? this.#link.returned() : this.#link.over(read, false);
      await this.#memory.write(next, link, "config-rollback", { by, inForce: digestOf(inForce(next)) });
      await this.#apply();
      return null;
    });
  }

  async #propose(layers: readonly Layer[], by?: string): Promise<Refusal | null> {
    const { read } = await this.#readAll(layers);
    const present = this.#link;
    // A technician may take away what his own layer names; nobody else leaves the link without any.
    const own = this.#layers.filter(({ address }) => address === LOCAL);
    const mayEnd = by !== undefined && present.isNamedBy(own);
    const isBack = digestOf(layers) === digestOf(this.state.confirmed);
    const link = isBack ? present.returned() : present.over(read, mayEnd);
    const held = present.isNamedBy(this.#layers);
    const why = await whyNotChange({ wanted: link.used, present: present.used, held }, this.#ports);
    if (why !== null) {
      this.#wait(why);
      return refusal("policy", why);
    }
    this.#waiting = null;
    const windowMs = Math.min(...read.map(({ body }) => body.confirmWithinMs), DEFAULT_WINDOW);
    const next = propose(this.state, layers, await this.#ports.bootTime(), windowMs);
    const body = {
      generation: digestOf(layers),
      layers: layers.map(({ address, seq }) => ({ address, seq })),
      windowMs,
    };
    await this.#memory.write(
      next,
      link,
      next.pending === null ? "config-restored" : "config-pending",
      by === undefined ? body : { ...body, by },
    );
    await this.#apply();
    return null;
  }

  /** The source has answered over what is pending. */
  #isHeard(): boolean {
    return this.state.pending !== null && this.#heardSince !== null && this.#heardSince >= this.#appliedAt;
  }

  /** What confirms what is pending without anybody's word, or `null`. */
  #proof(): string | null {
    if (this.#isHeard()) return "signed message";
    return this.state.pending !== null && this.#link.isNone ? NO_PATH : null;
  }

  async #confirmProven(): Promise<void> {
    const by = this.#proof();
    if (by !== null) await this.#confirm(by);
  }

  /** Where the disk refuses it, it is tried again every second. */
  async #confirmOrLater(): Promise<void> {
    await orUnwritten("config", () => this.#confirmProven(), this.#ports.onUnwritten);
  }

  async #confirm(by: string): Promise<void> {
    const next = confirm(this.state);
    const body = { generation: digestOf(next.confirmed), by };
    await this.#memory.write(next, this.#link.proven(), "config-confirmed", body);
  }

  async #takeBackIfOverdue(): Promise<boolean> {
    if (this.state.pending === null) return false;
    const why = overdue(this.state, await this.#ports.bootTime());
    if (why === null) return false;
    const body = { generation: digestOf(this.state.pending?.layers ?? []), why };
    await this.#memory.writeOrKeep(revert(this.state), this.#link.returned(), "config-reverted", body);
    return true;
  }

  async #apply(): Promise<void> {
    await this.#read();
    this.#appliedAt = this.#ports.clock.monotonic();
    this.#ports.onChange();
    if (this.#link.isNone) await this.#confirm(NO_PATH);
  }

  async #read(): Promise<void> {
    this.#keys = nameOf(this.#ports.admission.documents, KEYS);
    const { read, lost } = await this.#readAll(inForce(this.state));
    this.#layers = read;
    this.#lost = lost;
    await this.#memory.owed.write("config", () => tellLost(this.#ports, lost));
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

  #wait(why: string): void {
    this.#waiting = { why, until: this.#ports.clock.monotonic() + ASK_AGAIN };
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}
