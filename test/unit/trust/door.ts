/** A station's door without the station: real admission on a real store, a clock that the test moves, a ceremony to sign with. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Admission } from "../../../agent/admission/admission.ts";
import type { Letter } from "../../../agent/admission/waiting-room.ts";
import { SIGNED_BY } from "../../../agent/contract/bodies.ts";
import type { DocumentKind } from "../../../agent/contract/envelope.ts";
import type { Address } from "../../../agent/contract/primitives.ts";
import { downlinkTopic, parseDownlinkTopic } from "../../../agent/contract/topics.ts";
import type { RootFile } from "../../../agent/contract/trust.ts";
import { addressesOf } from "../../../agent/identity.ts";
import { DAY } from "../../../playback/model/units.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import { Store } from "../../../storage/store.ts";
import { Ceremony, type CeremonyOptions } from "../../source/ceremony.ts";
import { type ClaimsInput, compose, draftClaims } from "../../source/envelope.ts";
import type { SigningKey } from "../../source/keys.ts";
import { detailOf } from "../../source/publisher.ts";
import { VirtualClock } from "../../support/virtual/virtual-clock.ts";

export const IDENTITY = {
  station: "xa-00004-cum-01",
  commune: "00004",
  hamlet: "thon-1",
  province: "01",
  zone: "Asia/Ho_Chi_Minh",
};
export const PROVINCE: Address = "province/01";

export interface DraftOptions {
  readonly address?: Address;
  readonly issuer?: string;
  readonly seq?: number;
  readonly iat?: number;
  readonly exp?: number;
  readonly jti?: string;
  readonly aud?: readonly Address[];
  /** Other keys than the role's threshold. */
  readonly keys?: readonly SigningKey[];
}

export type { Letter };

export class Door {
  readonly folder: string;
  readonly clock = new VirtualClock(Date.now());
  readonly ceremony: Ceremony;
  /** What the disk refused and the station goes on without. */
  readonly unwritten: string[] = [];
  /** What the technician pinned. */
  pinned: RootFile;
  store!: Store;
  admission!: Admission;

  private constructor(folder: string, ceremony: Ceremony) {
    this.folder = folder;
    this.ceremony = ceremony;
    this.pinned = ceremony.rootFile();
  }

  /** With the trust document adopted, unless told otherwise. */
  static async open(options: CeremonyOptions = {}, trusted = true): Promise<Door> {
    const folder = await mkdtemp(join(tmpdir(), "loa-door-"));
    const door = new Door(folder, await Ceremony.hold({ province: "01", ...options }));
    await door.start();
    if (trusted) await door.adopt("trust", door.ceremony.trustBody(), { address: "all" });
    return door;
  }

  /** `spoil` gets the store before the station does. */
  async start(spoil: (store: Store) => void = () => undefined): Promise<void> {
    const { clock, pinned: root } = this;
    this.store = await Store.open(join(this.folder, "state"), { clock });
    spoil(this.store);
    const chain = addressesOf(IDENTITY);
    const onUnwritten = (what: string) => void this.unwritten.push(what);
    this.admission = await Admission.open({ store: this.store, clock, root, chain, zone: IDENTITY.zone, onUnwritten });
  }

  async restart(): Promise<void> {
    await this.store.close();
    await this.start();
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  keysOf(kind: DocumentKind, issuer?: string): readonly SigningKey[] {
    const role = SIGNED_BY[kind];
    const holder = role === "root" ? this.ceremony.root : this.ceremony.holder(role, issuer);
    return holder.keys.slice(0, holder.threshold);
  }

  claims(kind: DocumentKind, body: unknown, options: DraftOptions = {}): ClaimsInput {
    const iat = options.iat ?? this.clock.now();
    const version = kind === "root" ? (body as { version: number }).version : 1;
    return draftClaims({
      kind,
      body,
      iss: options.issuer ?? (SIGNED_BY[kind] === "root" ? "root" : "province-01"),
      aud: [...(options.aud ?? [options.address ?? PROVINCE])],
      seq: options.seq ?? version,
      iat,
      exp: options.exp ?? iat + 60 * DAY,
      jti: options.jti ?? randomUUID(),
    } as Parameters<typeof draftClaims>[0]);
  }

  /** Signed, and with the topic that it belongs under. */
  async letter(kind: DocumentKind, body: object, options: DraftOptions = {}): Promise<Letter> {
    const bytes = await compose(this.claims(kind, body, options), options.keys ?? this.keysOf(kind, options.issuer));
    const topic = parseDownlinkTopic(downlinkTopic(kind, options.address ?? PROVINCE, detailOf(kind, body)));
    if (topic === null) throw new Error(`no topic for ${kind}`);
    return { topic, bytes: Buffer.from(bytes) };
  }

  async adopt(kind: DocumentKind, body: object, options: DraftOptions = {}): Promise<string> {
    return this.take(await this.letter(kind, body, options));
  }

  /** "adopted", or the reason. */
  async take({ topic, bytes }: Letter): Promise<string> {
    const outcome = await this.admission.adopt(topic, bytes);
    return isRefusal(outcome) ? outcome.reason : "adopted";
  }

  /** Kinds in force with their numbers, in no order. */
  inForce(): string[] {
    return this.admission.documents.map(({ key, claims }) => `${key.kind} ${claims.seq}`).sort();
  }

  /** Newest journal records, oldest first. */
  async journal(count: number) {
    return this.store.journal.list({ afterSeq: Math.max(0, this.store.journal.head().seq - count), limit: count });
  }
}

/** A schedule of one programme of a second's silence. */
export function schedule(change: object = {}, level = "province") {
  const items = [{ kind: "silence", id: "i", durationMs: 1_000 }];
  const recurrence = { kind: "weekly", weekdays: ["MO"] };
  const programme = {
    id: "sang",
    title: "Bản tin sáng",
    class: "normal",
    recurrence,
    start: "05:00",
    items,
    ...change,
  };
  return { level, programmes: [programme] };
}
