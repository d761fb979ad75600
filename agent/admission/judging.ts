/**
 * Judges stored documents by the keys that hold now: trust first, for it names the keys of the others. Nothing stored is lost by it: what no key
 * carries rests, and is judged again when keys change.
 */
import type { Refusal } from "../../playback/model/refusal.ts";
import { isRefusal } from "../../playback/ports/media.ts";
import type { StoredDocument } from "../../storage/documents.ts";
import type { Adopted } from "../adopted.ts";
import type { DocumentKind } from "../contract/envelope.ts";
import type { DownlinkTopic } from "../contract/topics.ts";
import { Keyring } from "../keyring.ts";
import { sha256Of } from "../sha256.ts";
import type { DocumentKey, Examiner, Newest } from "./document.ts";
import { examine } from "./examine.ts";
import type { RootChain } from "./root-chain.ts";

/** A stored document that is out of force. */
export interface Resting {
  readonly stored: StoredDocument & { readonly kind: DocumentKind };
  readonly why: Refusal;
  /** Its bytes are not those that were adopted. */
  readonly damaged: boolean;
}

export interface Judged {
  readonly keyring: Keyring;
  readonly documents: readonly Adopted[];
  readonly resting: readonly Resting[];
}

export function sameKey(a: Omit<DocumentKey, "kind"> & { kind: string }, b: DocumentKey): boolean {
  return a.kind === b.kind && a.level === b.level && a.address === b.address && a.identifier === b.identifier;
}

/** Trust before the rest, the newest trust before older ones of other addresses. */
function order(a: StoredDocument, b: StoredDocument): number {
  return Number(b.kind === "trust") - Number(a.kind === "trust") || (a.kind === "trust" ? b.seq - a.seq : 0);
}

/** @throws KeyError never: what was adopted had sound keys, and root's were tried */
export async function judge(
  stored: readonly StoredDocument[],
  roots: RootChain,
  examinerOf: (keyring: Keyring) => Examiner,
): Promise<Judged> {
  let keyring = roots.keyring;
  let trustSeen = false;
  const documents: Adopted[] = [];
  const resting: Resting[] = [];
  for (const one of [...stored].sort(order)) {
    // An older trust document of another address says nothing any more, also where the newest is not carried: that would be a step back.
    if (one.kind === "trust" && trustSeen) continue;
    trustSeen ||= one.kind === "trust";
    const kind = one.kind as DocumentKind;
    const topic: DownlinkTopic = { kind, address: one.address, detail: `${one.level}${one.identifier}` };
    const examined = await examine(topic, one.bytes, examinerOf(keyring));
    if (isRefusal(examined)) {
      const damaged = sha256Of(one.bytes) !== one.sha256;
      resting.push({ stored: { ...one, kind }, why: examined, damaged });
      continue;
    }
    documents.push({ ...examined, adoptedAt: one.adoptedAt });
    if (examined.body.kind === "trust") {
      keyring = await Keyring.create(roots.current, examined.body.value);
    }
  }
  return { keyring, documents, resting };
}

/**
 * What the next document of a key must be newer than. A document whose keys were taken away binds nobody: else whoever once stole a key could
 * number so high that nothing could follow. Source: TUF 1.0 §5.3.11 (recovery from fast-forward). Trust and alerts never go down.
 */
export function newestOf(
  key: DocumentKey,
  documents: readonly Adopted[],
  resting: readonly Resting[],
  highest: number | null,
): Newest | null {
  const current = documents.find((document) => sameKey(document.key, key));
  if (highest === null) return null;
  const rests = resting.find(({ stored }) => sameKey(stored, key));
  if (key.kind === "trust") {
    const same = current?.claims.seq === highest ? current.sha256 : null;
    const newest = { seq: highest, sha256: same };
    // Else the station would believe nobody until root signs the next. Only what was adopted: of the keys there may be no second opinion.
    return rests?.damaged && rests.stored.seq === highest ? { ...newest, mendedBy: rests.stored.sha256 } : newest;
  }
  if (current !== undefined) return { seq: highest, sha256: current.sha256 };
  if (rests === undefined) return { seq: highest, sha256: null };
  // The same number again mends what was damaged here.
  if (rests.damaged) return { seq: highest - 1, sha256: null };
  return key.kind === "emergency" ? { seq: highest, sha256: null } : null;
}
