/** What the journal says of documents that come into force and out of it. A withdrawal is told once, over restarts too. */
import { z } from "zod";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { Adopted } from "../adopted.ts";
import type { Judged } from "./judging.ts";

const NOTE = "withdrawn";
const digests = z.array(z.string()).catch([]);

/** Body of the record that a document is in force. */
export function adoptionRecord({ key, claims, sha256, keys }: Adopted): object {
  return { ...key, seq: claims.seq, issuer: claims.iss, sha256, keys };
}

/** Journals what newly rests, and what stands again. @throws StationError `storage-failed` */
export async function tellJudged(store: Store, clock: Clock, judged: Judged): Promise<void> {
  const told = new Set(digests.parse(store.notes.get(NOTE) ?? []));
  const fresh = judged.resting.filter(({ stored }) => !told.has(stored.sha256));
  const back = judged.documents.filter(({ sha256 }) => told.has(sha256));
  if (fresh.length === 0 && back.length === 0) return;
  await store.transaction(async (tx) => {
    const at = clock.now();
    for (const { stored, why } of fresh) {
      const { kind, address, level, identifier, seq, sha256 } = stored;
      const body = { kind, address, level, identifier, seq, sha256, reason: why.reason, detail: why.detail };
      await store.journal.append(tx, at, "withdrawn", body, "alarm");
    }
    for (const document of back) await store.journal.append(tx, at, "restored", adoptionRecord(document), "log");
    const resting = judged.resting.map(({ stored }) => stored.sha256);
    await store.notes.set(tx, NOTE, resting);
  });
}
