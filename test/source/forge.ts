/**
 * Documents that a station must refuse, each with the reason it has to give. Several things may be wrong with one of them;
 * the reason is the first in the contract's order: size, envelope, signature, audience, scope, sequence, expiry, policy.
 */
import { createPrivateKey, sign } from "node:crypto";
import type { FlattenedJWS } from "jose";
import { ALGORITHM, type Envelope, MAX_DOCUMENT_BYTES, TYPE } from "../../agent/contract/envelope.ts";
import type { RefusalReason } from "../../playback/model/refusal.ts";
import { type ClaimsInput, compose, encode, signBytes, wireInstant } from "./envelope.ts";
import { newSigningKey, type SigningKey } from "./keys.ts";

/** Something to refuse, and why. */
export interface Forgery {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly reason: RefusalReason;
}

/** A document that the station would adopt, and the keys that would sign it. */
export interface Genuine {
  readonly claims: ClaimsInput;
  /** Exactly as many as the role's threshold. */
  readonly keys: readonly SigningKey[];
  /** A key of the trust document whose role must not sign this kind. */
  readonly wrongRoleKey: SigningKey;
}

type Forge = (genuine: Genuine) => Promise<Forgery>;

/** JSON claims with no envelope around them. */
export async function bare({ claims }: Genuine): Promise<Forgery> {
  return { name: "bare claims", bytes: encode(claims), reason: "malformed" };
}

/** An envelope with an empty list of signatures. */
export async function unsigned(genuine: Genuine): Promise<Forgery> {
  const { payload } = await envelopeOf(genuine);
  return { name: "unsigned", bytes: encode({ payload, signatures: [] }), reason: "malformed" };
}

/** Signed by a key that nobody delegated. */
export async function byStranger({ claims, keys }: Genuine): Promise<Forgery> {
  const strangers = await Promise.all(keys.map(newSigningKey));
  return { name: "signed by a stranger", bytes: await compose(claims, strangers), reason: "bad-signature" };
}

/** A stranger's signature under the thumbprint of the right key. */
export async function underForeignName({ claims, keys }: Genuine): Promise<Forgery> {
  const impostors = await Promise.all(keys.map(async ({ kid }) => ({ ...(await newSigningKey()), kid })));
  return { name: "signed under a foreign name", bytes: await compose(claims, impostors), reason: "bad-signature" };
}

/** One signature fewer than the threshold; needs a role with a threshold of at least two. */
export async function belowThreshold({ claims, keys }: Genuine): Promise<Forgery> {
  const few = keys.slice(1);
  if (few.length === 0) throw new Error("a threshold of one cannot be missed");
  return { name: "below the threshold", bytes: await compose(claims, few), reason: "threshold-not-reached" };
}

/** The threshold reached by one key signing several times. */
export async function duplicateSignature({ claims, keys }: Genuine): Promise<Forgery> {
  const [key] = keys;
  if (key === undefined || keys.length < 2) throw new Error("needs a threshold of at least two");
  const bytes = await compose(claims, Array<SigningKey>(keys.length).fill(key));
  return { name: "one key counted twice", bytes, reason: "malformed" };
}

/** The threshold reached by the right key and a stranger. */
export async function withStranger({ claims, keys }: Genuine): Promise<Forgery> {
  if (keys.length < 2) throw new Error("needs a threshold of at least two");
  const bytes = await compose(claims, [...keys.slice(1), await newSigningKey()]);
  return { name: "completed by a stranger", bytes, reason: "threshold-not-reached" };
}

/** Signed by a key that is trusted, but not for this kind: a command key under a schedule. */
export async function byWrongRole({ claims, wrongRoleKey }: Genuine): Promise<Forgery> {
  return { name: "signed by another role", bytes: await compose(claims, [wrongRoleKey]), reason: "out-of-scope" };
}

/** For somebody else. */
export async function wrongAudience({ claims, keys }: Genuine): Promise<Forgery> {
  const elsewhere = { ...claims, aud: ["station/somewhere-else" as const] };
  return { name: "wrong audience", bytes: await compose(elsewhere, keys), reason: "wrong-audience" };
}

/** The payload was changed after signing. */
export async function alteredPayload(genuine: Genuine): Promise<Forgery> {
  const { signatures } = await envelopeOf(genuine);
  const payload = base64url(encode({ ...genuine.claims, seq: genuine.claims.seq + 1 }));
  return { name: "altered payload", bytes: encode({ payload, signatures }), reason: "bad-signature" };
}

/** One bit of every signature was changed. */
export async function alteredSignature(genuine: Genuine): Promise<Forgery> {
  const { payload, signatures } = await envelopeOf(genuine);
  const altered = signatures.map(({ signature, ...rest }) => {
    const bytes = Buffer.from(signature, "base64url");
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    return { ...rest, signature: base64url(bytes) };
  });
  return { name: "altered signature", bytes: encode({ payload, signatures: altered }), reason: "bad-signature" };
}

/**
 * The same signature written otherwise: the unused bits of the last character are set. Lenient decoders accept it, and
 * then one document has several digests.
 */
export async function nonCanonicalBase64url(genuine: Genuine): Promise<Forgery> {
  const { payload, signatures } = await envelopeOf(genuine);
  const written = signatures.map((one) => ({ ...one, signature: one.signature.replace(/.$/, nextCharacter) }));
  return { name: "non-canonical base64url", bytes: encode({ payload, signatures: written }), reason: "malformed" };
}

/** A line feed inside a signature, which lenient decoders skip. */
export async function spacedBase64url(genuine: Genuine): Promise<Forgery> {
  const { payload, signatures } = await envelopeOf(genuine);
  const spaced = signatures.map((one) => ({ ...one, signature: `${one.signature}\n` }));
  return { name: "white space in base64url", bytes: encode({ payload, signatures: spaced }), reason: "malformed" };
}

/** Members beside the header, unprotected, or a second payload. */
export async function extraEnvelopeMember(genuine: Genuine): Promise<Forgery> {
  const signed = await envelopeOf(genuine);
  const signatures = signed.signatures.map((one) => ({ ...one, header: { kid: "x" } }));
  return { name: "unprotected header", bytes: encode({ ...signed, signatures }), reason: "malformed" };
}

/** Above the contract's size, though well signed. */
export async function oversize({ claims, keys }: Genuine): Promise<Forgery> {
  const padded = { ...claims, padding: "x".repeat(MAX_DOCUMENT_BYTES) };
  return { name: "oversize", bytes: await signBytes(encode(padded), keys), reason: "too-large" };
}

/** Well signed, and ended a minute ago. */
export async function expired({ claims, keys }: Genuine): Promise<Forgery> {
  const now = Date.now();
  const late = { ...claims, iat: wireInstant(now - 120_000), exp: wireInstant(now - 60_000) };
  return { name: "expired", bytes: await compose(late, keys), reason: "expired" };
}

/** Well signed, with the sequence before the genuine one; the station must have adopted that first. */
export async function older({ claims, keys }: Genuine): Promise<Forgery> {
  if (claims.seq < 2) throw new Error("nothing is older than the first");
  const before = { ...claims, seq: claims.seq - 1, jti: `${claims.jti.slice(0, 40)}-older` };
  return { name: "older sequence", bytes: await compose(before, keys), reason: "older" };
}

/** Well signed, with a member in its body that the contract does not know. */
export async function unknownMember({ claims, keys }: Genuine): Promise<Forgery> {
  const body = { ...claims.body, loudness: "max" };
  return { name: "unknown member", bytes: await signBytes(encode({ ...claims, body }), keys), reason: "malformed" };
}

/** Well signed bytes that are no JSON. */
export async function notJson({ keys }: Genuine): Promise<Forgery> {
  return { name: "not JSON", bytes: await signBytes(Buffer.from("loa loa"), keys), reason: "malformed" };
}

/** A header that says something else than the contract's three members. */
function withHeader(name: string, change: (key: SigningKey) => Record<string, unknown>): Forge {
  return async ({ claims, keys }) => {
    const payload = encode(claims);
    const signed = await Promise.all(keys.map((key) => signWithHeader(payload, key, change(key))));
    const signatures = signed.map(({ protected: header, signature }) => ({ protected: header, signature }));
    return { name, bytes: encode({ payload: base64url(payload), signatures }), reason: "malformed" };
  };
}

/** The whole collection but those that need a threshold of two (`THRESHOLD_FORGERIES`). */
export const FORGERIES: readonly Forge[] = [
  bare,
  unsigned,
  byStranger,
  underForeignName,
  byWrongRole,
  wrongAudience,
  alteredPayload,
  alteredSignature,
  nonCanonicalBase64url,
  spacedBase64url,
  extraEnvelopeMember,
  oversize,
  expired,
  older,
  unknownMember,
  notJson,
  withHeader("alg EdDSA", () => ({ alg: "EdDSA" })),
  withHeader("alg none", () => ({ alg: "none" })),
  withHeader("alg HS256", () => ({ alg: "HS256" })),
  withHeader("own jwk", (key) => ({ jwk: key.publicJwk })),
  withHeader("x5u", () => ({ x5u: "https://example.org/key" })),
  withHeader("crit", () => ({ crit: ["exp"], exp: 1 })),
  withHeader("b64 false", () => ({ b64: false, crit: ["b64"] })),
  withHeader("other typ", () => ({ typ: "JWT" })),
];

/** Forgeries that a role with a threshold of at least two must refuse. */
export const THRESHOLD_FORGERIES: readonly Forge[] = [belowThreshold, duplicateSignature, withStranger];

async function envelopeOf({ claims, keys }: Genuine): Promise<Envelope> {
  return JSON.parse(Buffer.from(await compose(claims, keys)).toString("utf8"));
}

/**
 * A true Ed25519 signature over any header: the library would refuse to make some of them, so these are signed as bytes.
 */
async function signWithHeader(
  payload: Uint8Array,
  key: SigningKey,
  change: Record<string, unknown>,
): Promise<FlattenedJWS> {
  const header = base64url(encode({ alg: ALGORITHM, kid: key.kid, typ: TYPE, ...change }));
  const body = base64url(payload);
  const secret = createPrivateKey({ key: key.privateJwk, format: "jwk" });
  const signature = base64url(sign(null, Buffer.from(`${header}.${body}`), secret));
  return { protected: header, payload: body, signature };
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** A character that differs only in the bits that 64 bytes do not use. */
function nextCharacter(last: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(last) ^ 1] ?? last;
}
