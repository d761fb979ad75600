/**
 * The one place where signatures are checked. Ed25519 only; each signature is verified alone and counts once per distinct key,
 * whose identifier is computed from the key and never believed. There is no switch that turns it off.
 */
import { type CryptoKey, calculateJwkThumbprint, errors, flattenedVerify, importJWK } from "jose";
import { ALGORITHM, type Envelope } from "./contract/envelope.ts";
import type { Delegation, PublicKey, RootFile, TrustBody } from "./contract/trust.ts";

interface Key {
  readonly thumbprint: string;
  readonly key: CryptoKey;
}

export interface KeyedDelegation extends Omit<Delegation, "keys"> {
  readonly thumbprints: ReadonlySet<string>;
}

/** Points of small order (and their non-canonical forms): a signature under them proves nothing. RFC 8032 §5.1.7, RFC 7748 §7. */
const WEAK_KEYS = new Set(
  [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  ].map((hex) => Buffer.from(hex, "hex").toString("base64url")),
);

/** 2^255 − 19. A `y` at or above it is a second spelling of a smaller one: RFC 8032 §5.1.3 does not decode it. */
const FIELD = 2n ** 255n - 19n;

/** A key or a threshold that no keyring takes. */
export class KeyError extends Error {
  override readonly name = "KeyError";
}

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Canonical base64url: what decodes and encodes to itself, so that one value has one spelling. Told by its last character, without decoding:
 * a quarter of a megabyte of rubbish should cost nothing.
 */
export function isCanonicalBase64url(text: string): boolean {
  if (!/^[\w-]*$/.test(text)) return false;
  const left = text.length % 4;
  if (left === 0) return true;
  // Two characters carry one byte and four unused bits, three carry two bytes and two unused bits; one carries nothing.
  const unused = left === 2 ? 16 : 4;
  return left !== 1 && BASE64URL.indexOf(text.at(-1) ?? "") % unused === 0;
}

function isCanonicalPoint(x: string): boolean {
  const y = Buffer.from(x, "base64url").reverse();
  // The highest bit is the sign of the other coordinate.
  y[0] = (y[0] ?? 0) & 0x7f;
  return BigInt(`0x${y.toString("hex")}`) < FIELD;
}

async function importKey(jwk: PublicKey): Promise<Key> {
  if (!isCanonicalBase64url(jwk.x) || !isCanonicalPoint(jwk.x) || WEAK_KEYS.has(jwk.x)) {
    throw new KeyError("a key is weak or not canonically encoded");
  }
  const key = await importJWK({ ...jwk, alg: ALGORITHM }, ALGORITHM);
  if (key instanceof Uint8Array) throw new KeyError("a key is not a public key");
  return { thumbprint: await calculateJwkThumbprint(jwk), key };
}

/** Keys that are sound and enough of them. @throws KeyError */
async function importQuorum(list: readonly PublicKey[], threshold: number): Promise<Key[]> {
  const imported = await Promise.all(list.map(importKey));
  const distinct = new Set(imported.map(({ thumbprint }) => thumbprint));
  if (distinct.size < threshold) throw new KeyError(`a threshold of ${threshold} needs as many distinct keys`);
  return imported;
}

/** Why no keyring could be made of these lists of keys, or `null`: asked at the door, before they are adopted. */
export async function keyProblem(
  quorums: readonly { readonly keys: readonly PublicKey[]; readonly threshold: number }[],
): Promise<string | null> {
  try {
    for (const { keys, threshold } of quorums) await importQuorum(keys, threshold);
    return null;
  } catch (error) {
    if (error instanceof KeyError) return error.message;
    throw error;
  }
}

export class Keyring {
  readonly #keys: ReadonlyMap<string, CryptoKey>;
  readonly root: { readonly thumbprints: ReadonlySet<string>; readonly threshold: number };
  readonly delegations: readonly KeyedDelegation[];

  private constructor(keys: Map<string, CryptoKey>, root: Keyring["root"], delegations: readonly KeyedDelegation[]) {
    this.#keys = keys;
    this.root = root;
    this.delegations = delegations;
  }

  /** Root keys alone (`trust` null), or with what they delegated. @throws KeyError where a key is weak or a threshold cannot be reached */
  static async create(root: Pick<RootFile, "keys" | "threshold">, trust: TrustBody | null): Promise<Keyring> {
    const keys = new Map<string, CryptoKey>();
    const add = async (list: readonly PublicKey[], threshold: number) => {
      const imported = await importQuorum(list, threshold);
      for (const { thumbprint, key } of imported) keys.set(thumbprint, key);
      return new Set(imported.map(({ thumbprint }) => thumbprint));
    };
    const rootPrints = await add(root.keys, root.threshold);
    const delegations: KeyedDelegation[] = [];
    for (const { keys: list, ...delegation } of trust?.delegations ?? []) {
      delegations.push({ ...delegation, thumbprints: await add(list, delegation.threshold) });
    }
    return new Keyring(keys, { thumbprints: rootPrints, threshold: root.threshold }, delegations);
  }

  /** Thumbprints of the distinct known keys whose signature over the payload is good. */
  async verify(envelope: Envelope): Promise<ReadonlySet<string>> {
    const good = new Set<string>();
    for (const signature of envelope.signatures) {
      const { kid } = JSON.parse(Buffer.from(signature.protected, "base64url").toString("utf8")) as { kid: string };
      const key = this.#keys.get(kid);
      if (key === undefined || good.has(kid)) continue;
      try {
        await flattenedVerify({ payload: envelope.payload, ...signature }, key, { algorithms: [ALGORITHM] });
        good.add(kid);
      } catch (error) {
        // A bad signature is an answer; anything else is a fault of the program.
        if (!(error instanceof errors.JOSEError)) throw error;
      }
    }
    return good;
  }
}
