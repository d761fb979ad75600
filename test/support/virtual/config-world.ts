/** A station's configuration in virtual time over a real store: brokers that answer or do not, kills and boots in between. */

import type { Adopted } from "../../../agent/adopted.ts";
import { ConfigBook } from "../../../agent/config/config-book.ts";
import { configBody } from "../../../agent/contract/config.ts";
import { type Millis, SECOND, type Sha256 } from "../../../playback/model/units.ts";
import { Store } from "../../../storage/store.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** What stands behind a broker's address. */
export type Behaviour =
  /** The province: a signed answer comes a second after each birth. */
  | "source"
  /** Takes connections and never says anything signed. */
  | "silent"
  /** Nobody there. */
  | "absent"
  /** The agent dies ten seconds after it went there. */
  | "deadly";

const CHAIN = ["all", "station/s"];

export class ConfigWorld {
  readonly clock = new VirtualClock(Date.parse("2026-11-22T00:00:00Z"));
  readonly folder: string;
  readonly brokers = new Map<string, Behaviour>();
  documents: Adopted[] = [];
  book!: ConfigBook;
  #store!: Store;
  #boot = 1;
  #bootedAt = 0;
  #appliedAt = 0;
  #linkedAt: number | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  async start(): Promise<void> {
    this.#store = await Store.open(this.folder, { clock: this.clock });
    this.book = await ConfigBook.open({
      store: this.#store,
      clock: this.clock,
      brokersOfFile: ["mqtt://home"],
      chain: CHAIN,
      admission: {
        documents: this.documents,
        // The door itself is tested elsewhere; here every document passes again.
        readmit: (_topic, bytes) => {
          const found = this.documents.concat(this.#ever).find((one) => one.bytes.equals(bytes));
          if (found === undefined) throw new Error("a document that never was");
          return Promise.resolve(found);
        },
      },
      bootTime: () =>
        Promise.resolve({ bootId: `boot-${this.#boot}`, boottimeMs: this.clock.monotonic() - this.#bootedAt }),
      unreachable: (url) => Promise.resolve(this.#behind(url) === "absent" ? "nobody there" : null),
      connected: () => this.connected,
      onChange: () => this.#applied(),
    });
    this.#applied();
  }

  /** Whether the province can reach the station. */
  get connected(): boolean {
    return this.#linkedAt !== null && this.clock.monotonic() - this.#linkedAt >= SECOND;
  }

  async kill(): Promise<void> {
    await this.#store.close();
  }

  async boot(): Promise<void> {
    await this.kill();
    this.#boot += 1;
    this.#bootedAt = this.clock.monotonic();
    await this.start();
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  readonly #ever: Adopted[] = [];

  /** A signed configuration of the whole province has been adopted. */
  adopt(seq: number, body: object): Sha256 {
    const bytes = Buffer.from(JSON.stringify({ seq, body }));
    const sha256 = bytes.toString("hex").slice(0, 64).padEnd(64, "0") as Sha256;
    const document = {
      key: { kind: "config", level: "", address: "all", identifier: "" },
      claims: { seq },
      body: { kind: "config", value: configBody.parse(body) },
      sha256,
      bytes,
    } as Adopted;
    this.documents.splice(0, this.documents.length, document);
    this.#ever.push(document);
    return sha256;
  }

  /** Lets seconds pass, as the agent's loop sees them. */
  async seconds(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      await this.clock.advance(SECOND);
      if (this.connected) await this.book.heardFromSource(this.#appliedAt);
      await this.book.consider();
      const deadly = this.book.brokers().some((url) => this.#behind(url) === "deadly");
      if (deadly && this.clock.monotonic() - this.#appliedAt >= 10 * SECOND) await this.restart();
    }
  }

  #behind(url: string): Behaviour {
    return url === "mqtt://home" ? "source" : (this.brokers.get(url) ?? "absent");
  }

  #applied(): void {
    this.#appliedAt = this.clock.monotonic();
    const linked = this.book?.brokers().some((url) => this.#behind(url) === "source") ?? false;
    const at: Millis = this.clock.monotonic();
    this.#linkedAt = linked ? at : null;
  }
}
