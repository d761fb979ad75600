/** What every mutation of a genuine document starts from, and small tools to take one apart. */
import { createPrivateKey, sign } from "node:crypto";
import type { Envelope } from "../../agent/contract/envelope.ts";
import type { SigningKey } from "./keys.ts";
import type { Random } from "./random.ts";

/** A document that the station would adopt, signed by exactly as many keys as it needs. */
export interface Subject {
  readonly bytes: Buffer;
  readonly keys: readonly SigningKey[];
}

export interface Materials {
  readonly random: Random;
  readonly subject: Subject;
  /** Another genuine document of the same source. */
  readonly other: Subject;
  readonly stranger: SigningKey;
}

export type Mutation = (materials: Materials) => Buffer;
export const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("base64url");
export const open = (bytes: Buffer): Envelope => JSON.parse(bytes.toString("utf8")) as Envelope;
export const json = (value: unknown) => Buffer.from(JSON.stringify(value), "utf8");
export const payloadOf = (bytes: Buffer) => Buffer.from(open(bytes).payload, "base64url").toString("utf8");
export const headerOf = (one: Envelope["signatures"][number]) =>
  JSON.parse(Buffer.from(one.protected, "base64url").toString("utf8")) as Record<string, unknown>;

/** Letters that look like Latin ones. */
export const LOOK_ALIKE: readonly (readonly [string, string])[] = [
  ["a", "а"],
  ["e", "е"],
  ["o", "о"],
  ["p", "р"],
  ["c", "с"],
  ["x", "х"],
  ["i", "і"],
  ["0", "Ο"],
  ["-", "‐"],
  ["1", "l"],
];
/** A true Ed25519 signature over any header and payload. */
export function rawSign(key: SigningKey, protectedHeader: string, payload: string): string {
  const secret = createPrivateKey({ key: { ...key.privateJwk }, format: "jwk" });
  return base64url(sign(null, Buffer.from(`${protectedHeader}.${payload}`), secret));
}
