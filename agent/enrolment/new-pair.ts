/**
 * A new key pair and the request for its certificate, kept before anybody is asked: an answer that is lost is asked for again with the same key.
 * The first one may be made ahead of the first start, so that the acceptance report names the key that the station will enrol with.
 */
import { createPublicKey } from "node:crypto";
import { sha256Of } from "../sha256.ts";
import { IdentityStore, lookAtPair, type Pair, type PairSlot } from "./identity-store.ts";

/** @throws Error where the disk fails */
export async function newPair(identities: Pick<IdentityStore, "put">, slot: PairSlot, station: string): Promise<Pair> {
  // Loaded when it is needed, which is once a year: it would cost every start a tenth of a second.
  const { makeKeyAndRequest } = await import("./x509.ts");
  const { key, request } = await makeKeyAndRequest(station);
  const pair: Pair = { key, request, certificate: "", worked: 0 };
  await identities.put(slot, pair);
  return pair;
}

/**
 * Makes the first pair of a station whose agent does not run. Where there is one, or what was damaged of one, it touches nothing and gives `null`:
 * damage is for the agent to put aside and to journal. @throws Error where the disk fails
 */
export async function firstPair(folder: string, station: string): Promise<Pair | null> {
  const found = await Promise.all([lookAtPair(folder, "current"), lookAtPair(folder, "next")]);
  if (found.some((one) => one !== null)) return null;
  const failed = (error: unknown) => {
    throw error;
  };
  const identities = await IdentityStore.open(
    folder,
    () => Promise.reject(new Error("nothing here to be damaged")),
    failed,
  );
  return identities.damaged.length > 0 ? null : newPair(identities, "current", station);
}

/** SHA-256 of the public key (SubjectPublicKeyInfo); `null` where it is no key. */
export function keyPrint({ key }: Pick<Pair, "key">): string | null {
  try {
    const spki = createPublicKey(key).export({ type: "spki", format: "der" });
    return sha256Of(spki);
  } catch {
    // The agent finds the damage when it enrols; here nothing of the key may be shown.
    return null;
  }
}
