/**
 * The keys of a province that exists for one scenario only, and what it signs with them. They are made at the start and never leave the
 * memory; what they sign passes the station's real door or is refused there.
 */
import { randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, GeneralSign, generateKeyPair, type JWK } from "jose";
import { BULLETIN_CLASSES, LEVELS } from "../../playback/model/bulletin.ts";
import { DAY, type Instant, MINUTE, type Millis } from "../../playback/model/units.ts";
import { SIGNED_BY } from "../contract/bodies.ts";
import { ALGORITHM, type DocumentKind, TYPE } from "../contract/envelope.ts";
import type { Address } from "../contract/primitives.ts";
import { downlinkTopic } from "../contract/topics.ts";
import { ROLES, type Role, type RootFile, rootFile } from "../contract/trust.ts";
import type { Identity } from "../identity.ts";

/** Whose desk signs. */
export const DESKS = ["province", "commune"] as const;
export type Desk = (typeof DESKS)[number];

interface Key {
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
}

/** A document ready for the broker. */
export interface Signed {
  readonly kind: DocumentKind;
  readonly topic: string;
  readonly bytes: Buffer;
  readonly expires: Instant;
}

/** A commune signs for itself: what it approves, when it plays, its own settings and commands. */
const COMMUNE_ROLES: readonly Role[] = ["content", "schedule", "config", "command"];
const YEAR: Millis = 365 * DAY;
const SHORT: readonly DocumentKind[] = ["command", "time", "ack"];

async function newKey(): Promise<Key> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const privateJwk = await exportJWK(privateKey);
  const publicJwk: JWK = { kty: "OKP", crv: "Ed25519", x: privateJwk.x ?? "" };
  return { kid: await calculateJwkThumbprint(publicJwk), publicJwk, privateJwk: { ...privateJwk, alg: ALGORITHM } };
}

const wire = (at: Instant) => new Date(at).toISOString();

export class Signer {
  readonly rootFile: RootFile;
  readonly #identity: Identity;
  readonly #root: Key;
  readonly #keys: ReadonlyMap<string, Key>;
  readonly #numbers = new Map<string, number>();

  private constructor(identity: Identity, root: Key, keys: ReadonlyMap<string, Key>) {
    this.#identity = identity;
    this.#root = root;
    this.#keys = keys;
    this.rootFile = rootFile.parse({ keys: [root.publicJwk], threshold: 1 });
  }

  static async create(identity: Identity): Promise<Signer> {
    const keys = new Map<string, Key>();
    for (const role of ROLES) keys.set(`province ${role}`, await newKey());
    for (const role of COMMUNE_ROLES) keys.set(`commune ${role}`, await newKey());
    return new Signer(identity, await newKey(), keys);
  }

  /** The trust document: which desk may sign what. */
  trust(at: Instant): Promise<Signed> {
    const { province, commune } = this.#identity;
    const delegations = [...this.#keys].map(([name, { publicJwk }]) => {
      const [desk, role] = name.split(" ");
      const whole = desk === "province";
      return {
        role,
        issuer: this.#issuer(whole ? "province" : "commune"),
        keys: [publicJwk],
        threshold: 1,
        scope: {
          addresses: whole ? ["all", `province/${province}`] : [`commune/${commune}`],
          levels: whole ? LEVELS : ["commune"],
          classes: whole ? BULLETIN_CLASSES : ["normal", "priority"],
        },
      };
    });
    return this.sign("province", "trust", "all", { delegations }, at);
  }

  /** Signs as the desk; numbers go up by themselves. `detail` is the topic's last part where the kind has one. */
  async sign(
    desk: Desk,
    kind: DocumentKind,
    address: Address,
    body: object,
    at: Instant,
    detail = "",
  ): Promise<Signed> {
    const role = SIGNED_BY[kind];
    const key = role === "root" ? this.#root : this.#keys.get(`${desk} ${role}`);
    if (key === undefined) throw new Error(`the ${desk} has no ${role} key`);
    const counter = `${kind} ${address} ${detail}`;
    const seq = (this.#numbers.get(counter) ?? 0) + 1;
    this.#numbers.set(counter, seq);
    const until =
      "expires" in body ? Date.parse(String(body.expires)) : at + (SHORT.includes(kind) ? 10 * MINUTE : YEAR);
    const claims = {
      iss: this.#issuer(desk),
      aud: [address],
      iat: wire(at),
      exp: wire(until),
      seq,
      jti: randomUUID(),
      kind,
      body,
    };
    const sign = new GeneralSign(Buffer.from(JSON.stringify(claims)));
    sign.addSignature(key.privateJwk).setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: TYPE });
    const bytes = Buffer.from(JSON.stringify(await sign.sign()));
    return { kind, topic: downlinkTopic(kind, address, detail), bytes, expires: until };
  }

  #issuer(desk: Desk): string {
    return desk === "province" ? `province-${this.#identity.province}` : `commune-${this.#identity.commune}`;
  }
}
