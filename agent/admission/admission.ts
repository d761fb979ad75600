/**
 * Adopts what passes the door and remembers why the rest did not. The adopting transaction holds document, journal record and
 * event together; the caller acknowledges to the broker only after it. What a change of keys leaves without a good authority is out of force at
 * once; it is judged again at the next change, so that a root and the trust document that belongs to it may come in either order. An alert is in force
 * before the disk has it, and also where the disk does not take it (decision 7).
 */
import type { Refusal } from "../../playback/model/refusal.ts";
import { DAY, type Instant } from "../../playback/model/units.ts";
import { isRefusal } from "../../playback/ports/media.ts";
import type { Transaction } from "../../storage/database.ts";
import type { StoredDocument } from "../../storage/documents.ts";
import type { Store } from "../../storage/store.ts";
import type { Adopted } from "../adopted.ts";
import { lastCommandSeq } from "../commands/issuer-book.ts";
import type { DownlinkTopic } from "../contract/topics.ts";
import type { RootFile } from "../contract/trust.ts";
import type { Keyring } from "../keyring.ts";
import { type CertainClock, notBefore } from "../time-floor.ts";
import { type OnUnwritten, orUnwritten } from "../unwritten.ts";
import type { DocumentKey, Examined, Examiner } from "./document.ts";
import { examine } from "./examine.ts";
import { HeldAlerts } from "./held-alerts.ts";
import { type Judged, judge, newestOf, type Resting, sameKey } from "./judging.ts";
import { RefusalLog } from "./refusal-log.ts";
import { RootChain } from "./root-chain.ts";
import { type Early, examineRoot } from "./root-door.ts";
import { type Waiting, WaitingRoom } from "./waiting-room.ts";
import { adoptionRecord, tellJudged } from "./withdrawals.ts";
import { type Withheld, withheldOf } from "./withheld.ts";

export interface AdmissionPorts {
  readonly store: Store;
  readonly clock: CertainClock;
  readonly root: RootFile;
  readonly chain: readonly string[];
  readonly zone: string;
  /** Which of the stored documents count; all of them where it is not given. */
  readonly counting?: (stored: readonly StoredDocument[]) => readonly StoredDocument[];
  /** The disk refused an alert, a refusal or a withdrawal: the station goes on and writes it later. Where it is not given, that is an error. */
  readonly onUnwritten?: OnUnwritten;
}

/** Shorter than the play log remembers, so that an alert never outlives the memory of having sounded. */
const KEPT_ALERTS = 30 * DAY;

export class Admission {
  readonly #ports: AdmissionPorts;
  readonly #refusals: RefusalLog;
  readonly #roots: RootChain;
  #keyring: Keyring;
  #documents: readonly Adopted[] = [];
  /** Stored, and carried by no key that holds now. */
  #resting: readonly Resting[] = [];
  readonly #waiting = new WaitingRoom();
  readonly #held = new HeldAlerts();
  /** The disk refused one of those that waited for keys which have come. */
  #untried = false;
  #versions: Readonly<Record<string, number>> = {};
  /** What the journal has not been told yet, and the telling that is under way. */
  #untold: Judged | null = null;
  #telling: Promise<void> = Promise.resolve();

  private constructor(ports: AdmissionPorts, roots: RootChain) {
    this.#ports = ports;
    this.#roots = roots;
    this.#keyring = roots.keyring;
    this.#refusals = new RefusalLog(ports.store, ports.clock);
  }

  /** Takes up what was adopted before, through the same door. @throws StationError `storage-failed`, `config-invalid` */
  static async open(ports: AdmissionPorts): Promise<Admission> {
    const admission = new Admission(ports, await RootChain.pin(ports.root));
    await admission.#walkRoots();
    await admission.#judge();
    return admission;
  }

  /** Documents in force, the newest root among them. */
  get documents(): readonly Adopted[] {
    const root = this.#roots.newest;
    return root === null ? this.#documents : [root, ...this.#documents];
  }

  /** Examines without adopting: commands, time and acknowledgements are acted upon, not kept. */
  examine(topic: DownlinkTopic, bytes: Buffer): Promise<Examined | Refusal | Early> {
    return topic.kind === "root"
      ? examineRoot(topic, bytes, this.#roots, this.#ports.chain)
      : examine(topic, bytes, this.#examiner());
  }

  /** Passes a document through the door again that was adopted once: number and expiry were judged when it came. */
  readmit(topic: DownlinkTopic, bytes: Buffer): Promise<Examined | Refusal> {
    return examine(topic, bytes, this.#examiner(this.#keyring, true));
  }

  /**
   * Examines and adopts. Durable when it resolves, but for an alert that the disk refuses. `onAlert` hears an alert as soon as it is in force, while
   * it is being written. What waits for other keys is `Waiting`.
   * @throws StationError `storage-failed`; keys, and what they carry, may have changed all the same
   */
  async adopt(topic: DownlinkTopic, bytes: Buffer, onAlert?: () => void): Promise<Adopted | Refusal | Waiting> {
    await this.#tell();
    if (this.#untried) await orUnwritten("waiting documents", () => this.#tryLetters(), this.#ports.onUnwritten);
    const examined = await this.examine(topic, bytes);
    if (isRefusal(examined)) return this.#turnAway(topic, bytes, examined);
    const document: Adopted = { ...examined, adoptedAt: this.#ports.clock.now() };
    if (document.body.kind === "root") return this.#adoptRoots(document);
    if (document.body.kind === "emergency") await this.#adoptAlert(document, onAlert);
    else await this.#ports.store.transaction((tx) => this.#write(tx, document));
    if (document.body.kind === "trust") await this.#changeKeys();
    else this.#putInForce(document);
    return document;
  }

  /** Journals a refusal, so that the station can be asked why; floods are counted, not written one by one. */
  async refuse(topic: DownlinkTopic, bytes: Buffer, why: Refusal): Promise<void> {
    // A retained document comes again at every connection; that it is known already is no news.
    if (why.reason === "duplicate") return;
    await orUnwritten("refusal", () => this.#refusals.write(topic, bytes, why), this.#ports.onUnwritten);
  }

  /** What the source signed as newest, from an answer to this session's nonce. */
  noteVersions(versions: Readonly<Record<string, number>>): void {
    this.#versions = versions;
  }

  /** Documents that the source has and this station was not given. */
  withheld(): readonly Withheld[] {
    return withheldOf(this.#versions, this.#ports.chain, (key) =>
      key.kind === "root" ? this.#roots.current.version : this.#highest(key),
    );
  }

  /** Writes what the disk refused before. Resolves with whether it took something. @throws StationError `storage-failed` where it still refuses */
  async settle(): Promise<boolean> {
    const { store } = this.#ports;
    const owed = this.#held.owed;
    for (const alert of owed) {
      await store.transaction(async (tx) => {
        // A later one under the same key may have come, and been written, meanwhile.
        if (this.#held.all.includes(alert)) await this.#writeAlert(tx, alert);
      });
    }
    return owed.length > 0 && this.#held.owed.length === 0;
  }

  /** Alerts that ended long ago leave; their numbers stay remembered, so none of them can come back. @throws StationError `storage-failed` */
  async forgetOldAlerts(now: Instant): Promise<void> {
    await this.#tell();
    const old = this.#documents.filter(
      ({ body }) => body.kind === "emergency" && body.value.expires < now - KEPT_ALERTS,
    );
    // What rests cannot be asked for its end.
    const rested = this.#resting.filter(
      ({ stored }) => stored.kind === "emergency" && stored.adoptedAt < now - 2 * KEPT_ALERTS,
    );
    if (old.length + rested.length === 0) return;
    await this.#ports.store.transaction(async (tx) => {
      for (const key of [...old.map((one) => one.key), ...rested.map((one) => one.stored)]) {
        await this.#ports.store.documents.remove(tx, key);
      }
    });
    for (const { key } of old) this.#held.forget(key);
    this.#documents = this.#documents.filter((document) => !old.includes(document));
    this.#resting = this.#resting.filter((one) => !rested.includes(one));
  }

  #examiner(keyring = this.#keyring, adopted = false): Examiner {
    const { store, clock, chain, zone } = this.#ports;
    return {
      keyring,
      chain,
      zone,
      trust: clock.trust(),
      surelyPast: notBefore(clock),
      adopted,
      known: async (issuer, jti) => (await store.commands.find(issuer, jti)) !== null,
      lastCommand: (issuer, address) => lastCommandSeq(store.notes, issuer, address),
      newest: (key) => newestOf(key, this.#documents, this.#resting, this.#highest(key)),
    };
  }

  /** Highest number ever adopted. Trust is one chain, whichever of the station's addresses a link of it came by. */
  #highest(key: DocumentKey): number | null {
    const { store, chain } = this.#ports;
    const addresses = key.kind === "trust" ? chain : [key.address];
    const seqs = addresses.map((address) => store.documents.seqOf({ ...key, address }) ?? 0);
    const highest = Math.max(...seqs, this.#held.seqOf(key));
    return highest === 0 ? null : highest;
  }

  async #write(tx: Transaction, document: Adopted): Promise<void> {
    const { store, clock } = this.#ports;
    const { documents } = store;
    const { key, claims, sha256, bytes, adoptedAt } = document;
    // Only a document whose keys root has taken away, or whose bytes were damaged, lets a number go down.
    if (claims.seq <= (documents.seqOf(key) ?? 0)) await documents.forget(tx, key);
    await documents.adopt(tx, { ...key, seq: claims.seq, issuer: claims.iss, sha256, bytes, adoptedAt });
    await store.journal.append(tx, clock.now(), "adopted", adoptionRecord(document), "log");
  }

  #putInForce(document: Adopted): void {
    this.#documents = [...this.#documents.filter((old) => !sameKey(old.key, document.key)), document];
    this.#resting = this.#resting.filter(({ stored }) => !sameKey(stored, document.key));
  }

  /** Where memory has no room for it, or nobody hears of a refusal, the disk comes first. */
  async #adoptAlert(alert: Adopted, onAlert: (() => void) | undefined): Promise<void> {
    const { store, onUnwritten } = this.#ports;
    const write = () => store.transaction((tx) => this.#writeAlert(tx, alert));
    if (onUnwritten === undefined || !this.#held.keep(alert)) return write();
    this.#putInForce(alert);
    onAlert?.();
    await orUnwritten("alert", write, (what, error) => {
      this.#held.owe(alert);
      onUnwritten(what, error);
    });
  }

  async #writeAlert(tx: Transaction, alert: Adopted): Promise<void> {
    await this.#write(tx, alert);
    tx.afterCommit(() => this.#held.forget(alert.key));
  }

  /** However far the disk lets it come: what no key of the last root carries is out of force. */
  async #adoptRoots(first: Adopted): Promise<Adopted> {
    try {
      return await this.#followRoots(first);
    } finally {
      await this.#changeKeys();
    }
  }

  /** One step, and then those that were waiting for it. Returns the last. */
  async #followRoots(first: Adopted): Promise<Adopted> {
    const { store, clock, chain } = this.#ports;
    let link = first;
    for (;;) {
      await store.transaction(async (tx) => {
        await this.#roots.write(tx, store.notes, link);
        await store.journal.append(tx, clock.now(), "adopted", adoptionRecord(link), "log");
      });
      await this.#roots.add(link);
      let next: Adopted | null = null;
      for (const { topic, bytes } of this.#roots.following()) {
        const examined = await examineRoot(topic, bytes, this.#roots, chain);
        if (isRefusal(examined)) await this.refuse(topic, bytes, examined);
        else next ??= { ...examined, adoptedAt: clock.now() };
      }
      if (next === null) return link;
      link = next;
    }
  }

  /** A station that has no trust document yet knows no key: then nobody's document is suspicious. */
  async #turnAway(topic: DownlinkTopic, bytes: Buffer, why: Refusal | Early): Promise<Refusal | Waiting> {
    if ("version" in why) this.#roots.keep(why.version, topic, bytes);
    if ("waits" in why) return why;
    this.#waiting.keep(topic, bytes, why);
    const trusted = this.#documents.some(({ key }) => key.kind === "trust");
    if (!trusted && why.reason === "bad-signature" && topic.kind !== "trust") return { ...why, waits: true };
    await this.refuse(topic, bytes, why);
    return why;
  }

  /** By the keys that hold now, what is stored stands or rests, and what was waiting is tried again. */
  async #changeKeys(): Promise<void> {
    await this.#judge();
    await this.#tryLetters();
  }

  async #tryLetters(): Promise<void> {
    this.#untried = false;
    const letters = this.#waiting.take();
    for (const [n, { topic, bytes }] of letters.entries()) {
      try {
        await this.adopt(topic, bytes);
      } catch (error) {
        // What brought the keys may be a stick: then no connection ends by it, and nobody brings these again.
        this.#waiting.putBack(letters.slice(n));
        this.#untried = true;
        throw error;
      }
    }
  }

  /** From the pinned file along the stored links; at the first that does not follow the chain ends. */
  async #walkRoots(): Promise<void> {
    const { store, clock, chain, onUnwritten } = this.#ports;
    for (const { topic, bytes, adoptedAt } of RootChain.stored(store.notes)) {
      const examined = await examineRoot(topic, bytes, this.#roots, chain);
      if (!isRefusal(examined)) await this.#roots.add({ ...examined, adoptedAt });
      // At or below the pinned file: the technician's word is newer.
      else if (examined.reason !== "duplicate") {
        const body = { ...topic, reason: examined.reason, detail: examined.detail };
        const shorten = () =>
          store.transaction(async (tx) => {
            await this.#roots.write(tx, store.notes, null);
            await store.journal.append(tx, clock.now(), "withdrawn", body, "alarm");
          });
        // Where the disk refuses, the next start finds the same links and ends at the same one.
        await orUnwritten("root chain", shorten, onUnwritten);
        return;
      }
    }
  }

  /** Judges everything stored by the keys that hold now. In force, or out of it, before anything is written. */
  async #judge(): Promise<void> {
    const { store, counting = (stored) => stored } = this.#ports;
    const stored = counting(this.#held.over(store.documents.current()));
    const judged = await judge(stored, this.#roots, (keyring) => this.#examiner(keyring, true));
    this.#keyring = judged.keyring;
    this.#documents = judged.documents;
    this.#resting = judged.resting;
    this.#untold = judged;
    await this.#tell();
  }

  /** Tells the journal what it does not know yet: one telling after another, each of what is so by then. */
  #tell(): Promise<void> {
    const { store, clock, onUnwritten } = this.#ports;
    const turn = this.#telling.then(async () => {
      const untold = this.#untold;
      if (untold === null) return;
      const told = await orUnwritten("withdrawals", () => tellJudged(store, clock, untold), onUnwritten);
      if (told && this.#untold === untold) this.#untold = null;
    });
    this.#telling = turn.catch(() => undefined);
    return turn;
  }
}
