/** Configuration that was in force and can no longer be read, in the journal: each loss once, over restarts too. */
import { z } from "zod";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { LostLayer } from "./read-layers.ts";

/** Digests of the losses that the journal knows of. */
const NOTE = "config-lost";
const noted = z.array(z.string());
/** A reason may quote what was read. */
const LONGEST_WHY = 400;

interface LossPorts {
  readonly store: Store;
  readonly clock: Clock;
}

/** Journals what was not lost before; what passes again meanwhile may be lost again. @throws StationError `storage-failed` */
export async function tellLost({ store, clock }: LossPorts, lost: readonly LostLayer[]): Promise<void> {
  const stored = noted.safeParse(store.notes.get(NOTE));
  const told = stored.success ? stored.data : [];
  const digests = lost.map(({ sha256 }) => sha256);
  if (digests.join() === told.join()) return;
  await store.transaction(async (tx) => {
    await store.notes.set(tx, NOTE, digests);
    for (const layer of lost.filter(({ sha256 }) => !told.includes(sha256))) {
      const body = { ...layer, why: layer.why.slice(0, LONGEST_WHY) };
      await store.journal.append(tx, clock.now(), "config-lost", body, "alarm");
    }
  });
}

/** The whole memory of generations, which cannot be read. */
export function allForgotten(why: string): LostLayer {
  return { address: "all", seq: 0, sha256: "", why: why.slice(0, LONGEST_WHY) };
}

/** Journals that loss, and begins the memory anew. @throws StationError `storage-failed` */
export async function tellForgotten(
  { store, clock }: LossPorts,
  note: string,
  fresh: object,
  lost: LostLayer,
): Promise<void> {
  await store.transaction(async (tx) => {
    await store.notes.set(tx, note, fresh);
    await store.journal.append(tx, clock.now(), "config-lost", lost, "alarm");
  });
}
