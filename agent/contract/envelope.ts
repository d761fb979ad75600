/**
 * The envelope of every signed document: JWS general JSON serialisation (RFC 7515 §7.2.1), Ed25519 only.
 * The schema holds the shape; the keyring holds the mathematics.
 */
import { z } from "zod";
import { address, identifier, instant } from "./primitives.ts";

/** A document above this is refused before anything else is looked at. */
export const MAX_DOCUMENT_BYTES = 262_144;
/** Fully specified algorithm of RFC 9864: the curve is in the name, nothing is negotiated. */
export const ALGORITHM = "Ed25519";
export const TYPE = "loa+jws";

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

export const envelope = z.strictObject({
  payload: base64url,
  signatures: z
    .array(z.strictObject({ protected: base64url, signature: base64url }))
    .min(1)
    .max(16),
});
export type Envelope = z.infer<typeof envelope>;

/** The protected header names algorithm, key and type and nothing else: `jwk`, `x5u`, `crit`, `b64` are unknown members. */
export const protectedHeader = z.strictObject({
  alg: z.literal(ALGORITHM),
  kid: base64url.length(43),
  typ: z.literal(TYPE),
});

export const DOCUMENT_KINDS = [
  "root",
  "trust",
  "config",
  "content",
  "schedule",
  "suspension",
  "emergency",
  "command",
  "release",
  "time",
  "ack",
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** Registered claims of RFC 7519 in RFC 3339 form, and what orders documents of one kind, level and address. */
export const claims = z.strictObject({
  iss: identifier,
  aud: z.array(address).min(1).max(64),
  iat: instant,
  exp: instant,
  seq: z.int().min(1),
  jti: identifier,
  kind: z.enum(DOCUMENT_KINDS),
  body: z.unknown(),
});
export type Claims = z.infer<typeof claims>;
