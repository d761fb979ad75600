/**
 * Adopts what passes the door and remembers why the rest did not. The adopting transaction holds document, journal record and
 * event together; the caller acknowledges to the broker only after it.
 */
import type { Refusal } from "../../playback/model/refusal.ts";
import { DAY, type Instant } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import { isRefusal } from "../../playback/ports/media.ts";
import type { Transaction } from "../../storage/database.ts";
import type { Store } from "../../storage/store.ts";
import type { Adopted } from "../adopted.ts";
import type { DownlinkTopic } from "../contract/topics.ts";
import type { RootFile } from "../contract/trust.ts";
import { Keyring } from "../keyring.ts";
import { type DocumentKey, type Examined, type Examiner, examine } from "./examine.ts";
import { RefusalLog } from "./refusal-log.ts";

export interface AdmissionPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly root: RootFile;
  readonly chain: readonly string[];
  readonly zone: string;
}

/** Shorter than the play log remembers, so that an alert never outlives the memory of having sounded. */
const KEPT_ALERTS = 30 * DAY;

const same = (a: DocumentKey, b: DocumentKey) =>
  a.kind === b.kind && a.level === b.level && a.address === b.address && a.identifier === b.identifier;

export class Admission {
  readonly #ports: AdmissionPorts;
  readonly #refusals: RefusalLog;
  #keyring: Keyring;
  #documents: Adopted[] = [];

  private constructor(ports: AdmissionPorts, keyring: Keyring) {
    this.#ports = ports;
    this.#keyring = keyring;
    this.#refusals = new RefusalLog(ports.store, ports.clock);
  }

  /** Takes up what was adopted before, through the same door. @throws StationError `storage-failed` */
  static async open(ports: AdmissionPorts): Promise<Admission> {
    const admission = new Admission(ports, await Keyring.create(ports.root, null));
    await admission.#load();
    return admission;
  }

  /** Documents in force. */
  get documents(): readonly Adopted[] {
    return this.#documents;
  }

  /** Examines without adopting: commands, time and acknowledgements are acted upon, not kept. */
  examine(topic: DownlinkTopic, bytes: Buffer): Promise<Examined | Refusal> {
    return examine(topic, bytes, this.#examiner(false));
  }

  /** Passes a document through the door again that was adopted once: number and expiry were judged when it came. */
  readmit(topic: DownlinkTopic, bytes: Buffer): Promise<Examined | Refusal> {
    return examine(topic, bytes, this.#examiner(true));
  }

  /** Examines and adopts. Durable when it resolves. @throws StationError `storage-failed` */
  async adopt(topic: DownlinkTopic, bytes: Buffer): Promise<Adopted | Refusal> {
    const examined = await this.examine(topic, bytes);
    if (isRefusal(examined)) {
      await this.refuse(topic, bytes, examined);
      return examined;
    }
    const { store, clock } = this.#ports;
    const document: Adopted = { ...examined, adoptedAt: clock.now() };
    // The keys of a new trust document are tried before it is adopted, never after.
    const keyring = document.body.kind === "trust" ? await Keyring.create(this.#ports.root, document.body.value) : null;
    await store.transaction((tx) => this.#write(tx, document));
    this.#documents = [...this.#documents.filter((old) => !same(old.key, document.key)), document];
    if (keyring !== null) {
      this.#keyring = keyring;
      await this.#sift();
    }
    return document;
  }

  /** Journals a refusal, so that the station can be asked why; floods are counted, not written one by one. */
  async refuse(topic: DownlinkTopic, bytes: Buffer, why: Refusal): Promise<void> {
    // A retained document comes again at every connection; that it is known already is no news.
    if (why.reason === "duplicate") return;
    await this.#refusals.write(topic, bytes, why);
  }

  /** Alerts that ended long ago leave; their numbers stay remembered, so none of them can come back. @throws StationError `storage-failed` */
  async forgetOldAlerts(now: Instant): Promise<void> {
    const old = this.#documents.filter(
      ({ body }) => body.kind === "emergency" && body.value.expires < now - KEPT_ALERTS,
    );
    if (old.length === 0) return;
    await this.#ports.store.transaction(async (tx) => {
      for (const { key } of old) await this.#ports.store.documents.remove(tx, key);
    });
    this.#documents = this.#documents.filter((document) => !old.includes(document));
  }

  #examiner(adopted: boolean): Examiner {
    const { store, clock, chain, zone } = this.#ports;
    return {
      keyring: this.#keyring,
      chain,
      zone,
      now: clock.now(),
      trust: clock.trust(),
      adopted,
      known: async (issuer, jti) => (await store.commands.find(issuer, jti)) !== null,
      newest: (key) => {
        const seq = store.documents.seqOf(key);
        if (seq === null) return null;
        const current = this.#documents.find((document) => same(document.key, key));
        return { seq, sha256: current?.sha256 ?? ("" as never) };
      },
    };
  }

  async #write(tx: Transaction, document: Adopted): Promise<void> {
    const { key, claims, sha256, bytes, adoptedAt, keys } = document;
    await this.#ports.store.documents.adopt(tx, {
      ...key,
      seq: claims.seq,
      issuer: claims.iss,
      sha256,
      bytes,
      adoptedAt,
    });
    const body = { ...key, seq: claims.seq, issuer: claims.iss, sha256, keys };
    await this.#ports.store.journal.append(tx, adoptedAt, "adopted", body, "log");
  }

  async #load(): Promise<void> {
    const stored = [...this.#ports.store.documents.current()];
    // Trust first: it names the keys that the others are judged by.
    stored.sort((a, b) => Number(b.kind === "trust") - Number(a.kind === "trust"));
    for (const { kind, level, address, identifier, bytes, adoptedAt } of stored) {
      const topic = { kind: kind as DocumentKey["kind"], address, detail: `${level}${identifier}` };
      const examined = await examine(topic, bytes, this.#examiner(true));
      if (isRefusal(examined)) await this.#withdraw(topic, { kind: topic.kind, level, address, identifier }, examined);
      else {
        this.#documents.push({ ...examined, adoptedAt });
        if (examined.body.kind === "trust") this.#keyring = await Keyring.create(this.#ports.root, examined.body.value);
      }
    }
  }

  /** After a change of keys: what is no longer carried by good signatures is withdrawn. */
  async #sift(): Promise<void> {
    for (const document of this.#documents) {
      const { kind, address, level, identifier } = document.key;
      const topic = { kind, address, detail: `${level}${identifier}` };
      const again = await examine(topic, document.bytes, this.#examiner(true));
      if (!isRefusal(again)) continue;
      this.#documents = this.#documents.filter((other) => other !== document);
      await this.#withdraw(topic, document.key, again);
    }
  }

  async #withdraw(topic: DownlinkTopic, key: DocumentKey, why: Refusal): Promise<void> {
    const { store, clock } = this.#ports;
    const at: Instant = clock.now();
    await store.transaction(async (tx) => {
      await store.documents.remove(tx, key);
      await store.journal.append(tx, at, "withdrawn", { ...topic, reason: why.reason, detail: why.detail }, "alarm");
    });
  }
}
