/** Ed25519 key pairs as JWK (RFC 8037), each named by its RFC 7638 thumbprint. */
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import type { z } from "zod";
import { publicKey } from "../../agent/contract/trust.ts";

/** The public half as the contract wants it. */
export type PublicJwk = z.input<typeof publicKey>;

/** A key that can sign. */
export interface SigningKey {
  /** Thumbprint of the public half; stands in the protected header. */
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly privateJwk: PublicJwk & { readonly d: string };
}

/** Makes a new key pair in memory. */
export async function newSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair("Ed25519", { extractable: true });
  const { x, d } = await exportJWK(privateKey);
  if (x === undefined || d === undefined) throw new Error("the library exported no Ed25519 members");
  return signingKey({ x, d });
}

/** The key with these two coordinates, as read back from a file or taken from an RFC. */
export async function signingKey(coordinates: { x: string; d: string }): Promise<SigningKey> {
  const publicJwk: PublicJwk = publicKey.parse({ kty: "OKP", crv: "Ed25519", x: coordinates.x });
  const kid = await calculateJwkThumbprint(publicJwk, "sha256");
  return { kid, publicJwk, privateJwk: { ...publicJwk, d: coordinates.d } };
}
