/**
 * The door for a new root: version N + 1, carried by the threshold of version N and by its own, one step at a time.
 * Source: TUF 1.0 §5.3. As there, an expired root between two others is walked over; unlike there, an expired newest root stops nothing,
 * because a station without a link must go on: it raises a concern.
 */
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { MAX_DOCUMENT_BYTES } from "../contract/envelope.ts";
import type { DownlinkTopic } from "../contract/topics.ts";
import { KeyError, Keyring } from "../keyring.ts";
import { sha256Of } from "../sha256.ts";
import { byRoot } from "./authority.ts";
import { type Examined, keyOf } from "./document.ts";
import { openEnvelope, openPayload } from "./envelope-opening.ts";
import { checkAudience } from "./examine.ts";
import type { RootChain } from "./root-chain.ts";
import type { Waiting } from "./waiting-room.ts";

/** A root that comes before the one it follows. */
export interface Early extends Waiting {
  readonly version: number;
}

/** Version and audience, before any signature is looked at: nobody can check the signatures of a root that comes too early. */
function open(topic: DownlinkTopic, bytes: Buffer, chain: readonly string[]): Omit<Examined, "keys"> | Refusal {
  const envelope = openEnvelope(bytes);
  if ("reason" in envelope) return envelope;
  const opened = openPayload(envelope);
  if ("reason" in opened) return opened;
  const { claims, body } = opened;
  const misdirected = checkAudience(topic, claims, body, chain);
  if (misdirected !== null) return misdirected;
  return { key: keyOf(body, topic.address), claims, body, sha256: sha256Of(bytes), bytes };
}

/** Keys of the version before, and of the new one itself. */
async function carry(document: Omit<Examined, "keys">, roots: RootChain): Promise<Examined | Refusal> {
  const envelope = openEnvelope(document.bytes);
  if ("reason" in envelope || document.body.kind !== "root") return refusal("malformed", "no root document");
  const { version } = roots.current;
  const good = await roots.keyring.verify(envelope);
  if (good.size === 0) return refusal("bad-signature", `no signature by a key of root ${version} is good`);
  const before = byRoot(good, roots.keyring.root, `root ${version}`);
  if ("reason" in before) return before;
  try {
    const own = await Keyring.create(document.body.value, null);
    const after = byRoot(await own.verify(envelope), own.root, `root ${document.body.value.version} itself`);
    return "reason" in after ? after : { ...document, keys: before.keys };
  } catch (error) {
    if (error instanceof KeyError) return refusal("policy", error.message);
    throw error;
  }
}

/** @returns the root that follows the current one, or the first reason against it */
export async function examineRoot(
  topic: DownlinkTopic,
  bytes: Buffer,
  roots: RootChain,
  chain: readonly string[],
): Promise<Examined | Refusal | Early> {
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    return refusal("too-large", `${bytes.length} bytes; at most ${MAX_DOCUMENT_BYTES} are read`);
  }
  const document = open(topic, bytes, chain);
  if ("reason" in document) return document;
  if (document.body.kind !== "root") return refusal("malformed", "no root document");
  const { version } = document.body.value;
  if (document.claims.seq !== version) {
    return refusal("malformed", `root ${version} is numbered ${document.claims.seq}`);
  }
  const { current } = roots;
  if (version <= current.version) {
    // What lies below the pinned file cannot be compared; every broker keeps it, and it can do nothing.
    if (roots.knows(version, document.sha256)) return refusal("duplicate", "adopted already");
    return refusal("older", `root ${version} is not above the adopted ${current.version}`);
  }
  if (version === current.version + 1) return carry(document, roots);
  const why = refusal("threshold-not-reached", `root ${version} waits for root ${current.version + 1}`);
  return { ...why, waits: true, version };
}
