/**
 * The speaking half of the source: numbers, signs, remembers and publishes documents, one after the other, so that a newer
 * document never reaches the broker before an older one.
 */
import { randomUUID } from "node:crypto";
import { SIGNED_BY } from "../../agent/contract/bodies.ts";
import type { DocumentKind } from "../../agent/contract/envelope.ts";
import type { Address } from "../../agent/contract/primitives.ts";
import { downlinkTopic } from "../../agent/contract/topics.ts";
import { type Ceremony, provinceAddress } from "./ceremony.ts";
import { type BodyInput, type ClaimsInput, compose, draftClaims, sha256Of, wireInstant } from "./envelope.ts";
import type { SigningKey } from "./keys.ts";
import type { Link, Sending } from "./link.ts";
import type { SourceState } from "./state.ts";

const COMMAND_MS = 60_000;
const TIME_MS = 10_000;
const CANCEL_LEAST_MS = 3_600_000;
const HEADLINE_LENGTH = 300;
const TOPIC_ROOT = "loa/v1/";
const NOT_RETAINED: readonly DocumentKind[] = ["command", "time"];
/** Answers to what a station said: made again when it says it again, so nothing of them is remembered. */
const ANSWERS: readonly DocumentKind[] = ["time", "ack"];

/** What may be said about a document beside its body. */
export interface PublishOptions {
  /** The whole province where nothing is said. */
  readonly address?: Address;
  /** Who signs: the province, or an extra delegation of the ceremony by its issuer. */
  readonly issuer?: string;
  /** Other keys than the role's quorum. */
  readonly keys?: readonly SigningKey[];
  readonly audience?: readonly Address[];
  readonly iat?: number;
  readonly exp?: number;
  readonly seq?: number;
  readonly jti?: string;
}

/** A document as it went out. */
export interface Published {
  readonly topic: string;
  readonly claims: ClaimsInput;
  readonly bytes: Uint8Array;
  /** Digest of the exact bytes, as a station reports it in its birth. */
  readonly sha256: string;
  /** Milliseconds since the epoch when the broker had it. */
  readonly acknowledgedAt: number;
}

/** Name of a document in `time.versions`: its topic below the root, such as `commune/00004/schedule/commune`. */
export function documentKey(topic: string): string {
  return topic.slice(TOPIC_ROOT.length);
}

export class Publisher {
  readonly #link: Link;
  readonly #state: SourceState;
  readonly #ceremony: Ceremony;
  /** Tail of the lane: each document waits for the one before. */
  #lane: Promise<unknown> = Promise.resolve();

  constructor(link: Link, state: SourceState, ceremony: Ceremony) {
    this.#link = link;
    this.#state = state;
    this.#ceremony = ceremony;
  }

  /** Resolves when the broker has the document. */
  publish<K extends DocumentKind>(kind: K, body: BodyInput<K>, options: PublishOptions = {}): Promise<Published> {
    return this.#enqueue(async () => {
      const address = options.address ?? provinceAddress(this.#ceremony.province);
      const topic = downlinkTopic(kind, address, detailOf(kind, body));
      const claims = this.#claims(kind, body, address, options);
      const bytes = await compose(claims, options.keys ?? this.#keys(kind, options.issuer));
      const retained = !NOT_RETAINED.includes(kind);
      const expires = expiryOf(claims);
      if (retained && !ANSWERS.includes(kind)) {
        const document = Buffer.from(bytes).toString("base64");
        this.#state.retained.set(topic, { document, seq: claims.seq, expires });
      }
      this.#remember(topic, claims, address);
      this.#rememberCommand(topic, claims, address, bytes);
      if (!ANSWERS.includes(kind)) await this.#state.save();
      const sent = this.#link.publish(topic, bytes, sendingOf(retained, expires));
      const published = { topic, claims, bytes, sha256: sha256Of(bytes) };
      return { sent: sent.then(() => ({ ...published, acknowledgedAt: Date.now() })) };
    });
  }

  /** Signs without publishing. */
  sign<K extends DocumentKind>(kind: K, body: BodyInput<K>, options: PublishOptions = {}): Promise<Uint8Array> {
    const address = options.address ?? provinceAddress(this.#ceremony.province);
    return compose(this.#claims(kind, body, address, options), options.keys ?? this.#keys(kind, options.issuer));
  }

  /** Publishes these very bytes, whatever they are. */
  publishBytes(topic: string, bytes: Uint8Array, sending: Sending): Promise<void> {
    return this.#enqueue(async () => ({ sent: this.#link.publish(topic, bytes, sending) }));
  }

  /** An alert, its update or its cancel. What it refers to is cleared once the broker has the new word. */
  async publishEmergency(body: BodyInput<"emergency">, options: PublishOptions = {}): Promise<Published> {
    const published = await this.publish("emergency", body, { exp: Date.parse(body.expires), ...options });
    const referred = [...this.#state.emergencies.values()].filter(
      (alert) => body.references?.includes(alert.identifier) && published.topic.startsWith(`loa/v1/${alert.address}/`),
    );
    for (const alert of referred) await this.#clear(alert.topic);
    return published;
  }

  /**
   * Ends an alert. The cancel has an identifier of its own, as CAP has it, and stands retained until the alert would have
   * expired, so that a station that was away learns of it; the alert itself is cleared.
   */
  cancelEmergency(identifier: string, options: PublishOptions = {}): Promise<Published> {
    const alerts = [...this.#state.emergencies.values()].filter(
      (alert) => alert.identifier === identifier && (options.address ?? alert.address) === alert.address,
    );
    const [alert] = alerts;
    if (alert === undefined || alerts.length > 1) throw new Error(`${alerts.length} alerts ${identifier} are active`);
    const now = Date.now();
    const expires = Math.max(alert.expires, now + CANCEL_LEAST_MS);
    const cancel: BodyInput<"emergency"> = {
      identifier: `cancel-${randomUUID()}`,
      sent: wireInstant(now),
      status: alert.status,
      msgType: "cancel",
      references: [identifier],
      expires: wireInstant(expires),
      headline: `Hủy: ${alert.headline}`.normalize("NFC").slice(0, HEADLINE_LENGTH),
    };
    return this.publishEmergency(cancel, { address: alert.address as Address, issuer: alert.issuer, ...options });
  }

  /** Sends all retained documents again, for a broker that lost them. */
  async republish(): Promise<void> {
    const documents = [...this.#state.retained].filter(([, { expires }]) => expires === null || expires > Date.now());
    for (const [topic, { document, expires }] of documents) {
      await this.publishBytes(topic, Buffer.from(document, "base64"), sendingOf(true, expires));
    }
  }

  /** Resolves when nothing is being signed or written any more. */
  async idle(): Promise<void> {
    await this.#lane;
  }

  /** Every document that stands retained for these addresses, trust first, for a stick. */
  retainedFor(addresses: readonly string[]): { topic: string; document: string }[] {
    const own = new Set(this.trustChain().map(({ topic }) => topic));
    const others = [...this.#state.retained]
      .filter(([topic]) => !own.has(topic) && addresses.some((address) => topic.startsWith(`loa/v1/${address}/`)))
      .map(([topic, { document }]) => ({ topic, document }));
    return [...this.trustChain(), ...others];
  }

  /** Root and trust documents as they stand retained, roots in their order first. */
  trustChain(): { topic: string; document: string }[] {
    const chain = [...this.#state.retained].filter(([topic]) => /\/(root\/\d+|trust)$/.test(topic));
    const place = (topic: string) => Number(/root\/(\d+)$/.exec(topic)?.[1] ?? Number.MAX_SAFE_INTEGER);
    return chain.sort(([a], [b]) => place(a) - place(b)).map(([topic, { document }]) => ({ topic, document }));
  }

  /** Newest sequence per retained document that a station can still be given. */
  versions(): Record<string, number> {
    const now = Date.now();
    const live = [...this.#state.retained].filter(
      ([topic, { expires }]) => !topic.endsWith("/ack") && (expires === null || expires > now),
    );
    return Object.fromEntries(live.map(([topic, { seq }]) => [documentKey(topic), seq]));
  }

  #claims<K extends DocumentKind>(kind: K, body: BodyInput<K>, address: Address, options: PublishOptions) {
    const iat = options.iat ?? Date.now();
    const counter = counterOf(kind, body, address);
    const issuer = SIGNED_BY[kind] === "root" ? "root" : `province-${this.#ceremony.province}`;
    const fallback = kind === "command" ? iat + COMMAND_MS : kind === "time" ? iat + TIME_MS : undefined;
    const exp = options.exp ?? fallback;
    return draftClaims({
      kind,
      body,
      iss: options.issuer ?? issuer,
      aud: options.audience ?? [address],
      iat,
      seq: this.#state.next(counter, options.seq ?? versionOf(kind, body) ?? answerNumber(kind, iat)),
      ...(exp === undefined ? {} : { exp }),
      ...(options.jti === undefined ? {} : { jti: options.jti }),
    });
  }

  #keys(kind: DocumentKind, issuer: string | undefined): readonly SigningKey[] {
    const role = SIGNED_BY[kind];
    const holder = role === "root" ? this.#ceremony.root : this.#ceremony.holder(role, issuer);
    return holder.keys.slice(0, holder.threshold);
  }

  #remember(topic: string, claims: ClaimsInput, address: Address): void {
    if (claims.kind !== "emergency") return;
    const { identifier, status, headline, expires, msgType } = claims.body as BodyInput<"emergency">;
    if (msgType === "cancel") return;
    const alert = { identifier, topic, address, issuer: claims.iss, status, headline, expires: Date.parse(expires) };
    this.#state.emergencies.set(topic, alert);
  }

  #rememberCommand(topic: string, { kind, iss, jti, exp }: ClaimsInput, address: Address, bytes: Uint8Array): void {
    if (kind !== "command") return;
    const { commands } = this.#state;
    for (const [key, { expires }] of commands) if (expires <= Date.now()) commands.delete(key);
    const document = Buffer.from(bytes).toString("base64");
    commands.set(`${iss}\n${jti}`, { topic, address, issuer: iss, jti, document, expires: Date.parse(exp) });
  }

  #clear(topic: string): Promise<void> {
    return this.#enqueue(async () => {
      this.#state.emergencies.delete(topic);
      this.#state.retained.delete(topic);
      await this.#state.save();
      return { sent: this.#link.publish(topic, new Uint8Array(), { retain: true }) };
    });
  }

  /** `prepare` runs alone until its message is handed to the client; the broker's answer is awaited outside the lane. */
  #enqueue<T>(prepare: () => Promise<{ sent: Promise<T> }>): Promise<T> {
    const prepared = this.#lane.then(prepare);
    this.#lane = prepared.catch(() => undefined); // The caller gets the error; the next in the lane is not its victim.
    return prepared.then(({ sent }) => sent);
  }
}

function counterOf<K extends DocumentKind>(kind: K, body: BodyInput<K>, address: Address): string {
  // Root and trust are one chain each, whatever address a link is published at.
  return kind === "trust" || kind === "root" ? kind : [kind, levelOf(body), address].join("|");
}

function levelOf(body: object): string {
  return "level" in body ? String(body.level) : "";
}

/** A root document is numbered by its version. */
function versionOf(kind: DocumentKind, body: object): number | undefined {
  return kind === "root" && "version" in body ? Number(body.version) : undefined;
}

/** Answers are not remembered, so their numbers come from the clock: they still only go up. */
function answerNumber(kind: DocumentKind, iat: number): number | undefined {
  return ANSWERS.includes(kind) ? iat : undefined;
}

/** What stands behind the kind in the topic of a document with this body. */
export function detailOf(kind: DocumentKind, body: object): string {
  if (kind === "root") return String(versionOf(kind, body));
  return kind === "emergency" && "identifier" in body ? String(body.identifier) : levelOf(body);
}

function expiryOf({ kind, exp, body }: ClaimsInput): number | null {
  if (kind === "emergency") return Date.parse((body as BodyInput<"emergency">).expires);
  return NOT_RETAINED.includes(kind) ? Date.parse(exp) : null;
}

function sendingOf(retain: boolean, expires: number | null): Sending {
  return expires === null
    ? { retain }
    : { retain, expirySeconds: Math.max(1, Math.ceil((expires - Date.now()) / 1_000)) };
}
