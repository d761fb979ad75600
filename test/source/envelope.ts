/**
 * Composes what a source says: claims that hold the contract, signed as general JSON JWS. What breaks the contract on
 * purpose is in `forge.ts`; here a mistake throws before anything is signed.
 */
import { createHash, randomUUID } from "node:crypto";
import { GeneralSign } from "jose";
import { z } from "zod";
import { BODIES } from "../../agent/contract/bodies.ts";
import {
  ALGORITHM,
  claims,
  type DocumentKind,
  envelope,
  MAX_DOCUMENT_BYTES,
  TYPE,
} from "../../agent/contract/envelope.ts";
import type { Address } from "../../agent/contract/primitives.ts";
import type { SigningKey } from "./keys.ts";

/** The body of a kind as a caller writes it: RFC 3339 strings, defaults left out. */
export type BodyInput<K extends DocumentKind> = z.input<(typeof BODIES)[K]>;

/** Claims as they stand on the wire. */
export interface ClaimsInput<K extends DocumentKind = DocumentKind>
  extends Omit<z.input<typeof claims>, "kind" | "body"> {
  readonly kind: K;
  readonly body: BodyInput<K>;
}

/** What a caller may say about a document; the rest has a sensible default. */
export interface ClaimsDraft<K extends DocumentKind> {
  readonly kind: K;
  readonly body: BodyInput<K>;
  readonly iss: string;
  readonly aud: readonly Address[];
  readonly seq: number;
  readonly iat?: number;
  /** Milliseconds since the epoch; a year after `iat` where nothing is said. */
  readonly exp?: number;
  readonly jti?: string;
}

const YEAR_MS = 365 * 86_400_000;

/** RFC 3339 with the offset of Việt Nam, as a provincial system writes it. */
export function wireInstant(instant: number): string {
  return new Date(instant + 7 * 3_600_000).toISOString().replace("Z", "+07:00");
}

/** Completes and validates claims. @throws with every issue where they break the contract. */
export function draftClaims<K extends DocumentKind>(draft: ClaimsDraft<K>): ClaimsInput<K> {
  const iat = draft.iat ?? Date.now();
  const complete: ClaimsInput<K> = {
    iss: draft.iss,
    aud: [...draft.aud],
    iat: wireInstant(iat),
    exp: wireInstant(draft.exp ?? iat + YEAR_MS),
    seq: draft.seq,
    jti: draft.jti ?? randomUUID(),
    kind: draft.kind,
    body: draft.body,
  };
  checkClaims(complete);
  return complete;
}

/** @throws with every issue where claims or body break the contract. */
export function checkClaims(candidate: ClaimsInput): void {
  for (const result of [claims.safeParse(candidate), BODIES[candidate.kind].safeParse(candidate.body)]) {
    if (!result.success) throw new Error(`${candidate.kind} breaks the contract:\n${z.prettifyError(result.error)}`);
  }
}

/** Signs these exact bytes with each key, in order. */
export async function signBytes(payload: Uint8Array, keys: readonly SigningKey[]): Promise<Uint8Array> {
  const sign = new GeneralSign(payload);
  for (const key of keys) {
    sign
      .addSignature({ ...key.privateJwk, alg: ALGORITHM })
      .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: TYPE });
  }
  return encode(envelope.parse(await sign.sign()));
}

/** Validates and signs; the bytes go on the wire as they are. @throws where the document is above the contract's size. */
export async function compose(candidate: ClaimsInput, keys: readonly SigningKey[]): Promise<Uint8Array> {
  checkClaims(candidate);
  const bytes = await signBytes(encode(candidate), keys);
  if (bytes.length > MAX_DOCUMENT_BYTES) throw new Error(`${candidate.kind} has ${bytes.length} bytes: too large`);
  return bytes;
}

/** JSON as UTF-8 bytes. */
export function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), "utf8");
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256Of(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
