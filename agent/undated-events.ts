/**
 * Events that were written while no clock could be trusted. The time they carry, of 1970 or of a floor that stands still, says nothing of their
 * age: it counts from the moment at which there is a clock again, else all that happened without one would be given up as too old just then.
 */
import type { Instant } from "../playback/model/units.ts";
import type { Store } from "../storage/store.ts";

/** The last event before the first run that has had no clock to trust, which may be this one. */
const NOTE = "undated-after";

/** Call it before a run writes anything: whether it will have a clock is known only later. @throws StationError `storage-failed` */
export async function markUndated({ notes, outbox }: Pick<Store, "notes" | "outbox">): Promise<void> {
  if (notes.get(NOTE) === undefined) await notes.set(null, NOTE, (await outbox.stats()).issued);
}

/** Gives up what is too old. Call it only while the clock is held or attested. @throws StationError `storage-failed` */
export async function expireEvents(store: Store, now: Instant): Promise<void> {
  const after = store.notes.get(NOTE);
  await store.transaction(async (tx) => {
    if (typeof after === "number") {
      await store.outbox.date(tx, after, now);
      await store.notes.set(tx, NOTE, undefined);
    }
    await store.outbox.expire(tx, now);
  });
}
