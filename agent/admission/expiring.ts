/** Which documents in force end soon or have ended. They play on; somebody must sign new ones. Pure but for the journal of what was told. */
import { z } from "zod";
import { isTrusted } from "../../playback/model/clock-trust.ts";
import { DAY, type Instant } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { Adopted } from "../adopted.ts";

/** Days ahead at which an alarm is raised; 0 is the end itself. */
export const EXPIRY_STAGES = [7, 1, 0] as const;
export type ExpiryStage = (typeof EXPIRY_STAGES)[number];

export interface Expiring {
  readonly document: Adopted;
  /** The narrowest stage that is reached. */
  readonly stage: ExpiryStage;
}

/** `now` must be a time that is trusted; alerts end by themselves and are no news. */
export function expiringOf(documents: readonly Adopted[], now: Instant): Expiring[] {
  return documents
    .filter(({ key }) => key.kind !== "emergency")
    .flatMap((document) => {
      const stage = EXPIRY_STAGES.filter((days) => document.claims.exp - now <= days * DAY).at(-1);
      return stage === undefined ? [] : [{ document, stage }];
    })
    .sort((a, b) => a.document.claims.exp - b.document.claims.exp);
}

/** Topic-like name of a document, as the source writes it. */
export function nameOf({ key }: Adopted): string {
  return [key.address, key.kind, key.level + key.identifier].filter((part) => part !== "").join("/");
}

const NOTE = "expiry-told";
const told = z.record(z.string(), z.number()).catch({});

/** Journals each document once per stage. Under a clock that is not trusted it says nothing. @throws StationError `storage-failed` */
export async function tellExpiring(store: Store, clock: Clock, documents: readonly Adopted[]): Promise<void> {
  if (!isTrusted(clock.trust())) return;
  const before = told.parse(store.notes.get(NOTE) ?? {});
  const expiring = expiringOf(documents, clock.now());
  const fresh = expiring.filter(({ document, stage }) => (before[document.sha256] ?? Number.POSITIVE_INFINITY) > stage);
  if (fresh.length === 0) return;
  await store.transaction(async (tx) => {
    for (const { document, stage } of fresh) {
      const { key, claims, sha256 } = document;
      const body = { ...key, seq: claims.seq, sha256, days: stage, expires: new Date(claims.exp).toISOString() };
      await store.journal.append(tx, clock.now(), "document-expiring", body, "alarm");
    }
    const now = Object.fromEntries(expiring.map(({ document, stage }) => [document.sha256, stage]));
    await store.notes.set(tx, NOTE, now);
  });
}
