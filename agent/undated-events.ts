/**
 * Events that were written while no clock could be trusted. The time they carry, of 1970 or of a floor that stands still, says nothing of their
 * age: they leave when the source has them, or when room is short, and never for being old. What they say of their time stays as it was written,
 * for the source may have it already.
 */
import { z } from "zod";
import type { Instant } from "../playback/model/units.ts";
import type { Store } from "../storage/store.ts";

const NOTE = "undated-events";

const noted = z
  .object({
    /** The last number before the first run that has had no clock to trust, which may be this one; `null` while there is a clock. */
    after: z.number().nullable(),
    /** Those of earlier times, until the source has them. */
    spans: z.array(z.object({ from: z.number(), to: z.number() })),
  })
  .catch({ after: null, spans: [] });

/** Call it before a run writes anything: whether it will have a clock is known only later. @throws StationError `storage-failed` */
export async function markUndated({ notes, outbox }: Pick<Store, "notes" | "outbox">): Promise<void> {
  const { after, spans } = noted.parse(notes.get(NOTE));
  if (after === null) await notes.set(null, NOTE, { after: (await outbox.stats()).issued, spans });
}

/** Gives up what is too old. Call it only while the clock is held or attested. @throws StationError `storage-failed` */
export async function expireEvents(store: Store, now: Instant): Promise<void> {
  const { notes, outbox } = store;
  const { after, spans } = noted.parse(notes.get(NOTE));
  const { issued, acknowledged } = await outbox.stats();
  const known = after === null ? spans : [...spans, { from: after + 1, to: issued }];
  const left = known.filter(({ from, to }) => from <= to && to > acknowledged);
  await store.transaction(async (tx) => {
    if (after !== null || left.length < spans.length) await notes.set(tx, NOTE, { after: null, spans: left });
    await outbox.expire(tx, now, left);
  });
}
