/**
 * The province's word under an acceptance: a signed acknowledgement that names the digest of the record's exact bytes. It comes with the
 * certificate at enrolment, or later by the broker where the station was enrolled before it was accepted.
 *
 * Invariant: nothing is kept or shown as countersigned but what passed the door and names a record that lies here as it was journalled. The page
 * that was printed is never touched, because the record names its digest: the countersigned one stands beside it, with the signed bytes.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import { replaceFile } from "../../storage/durable-file.ts";
import { asStation } from "../../storage/faults.ts";
import type { Store } from "../../storage/store.ts";
import type { Examined } from "../admission/document.ts";
import { countersignedPage } from "./acceptance-page.ts";
import { findAcceptance, journalledAcceptances } from "./journal-acceptance.ts";

const NOTE = "countersignatures";
const KEPT = 100;
const countersignature = z.object({
  /** Of the record. */
  sha256: z.string(),
  /** Issuer of the document. */
  by: z.string(),
  /** As the source signed it, ISO 8601. */
  at: z.string(),
  /** Where the page with it lies. */
  page: z.string(),
});
export type Countersignature = z.infer<typeof countersignature>;
const kept = z.array(countersignature).catch([]);

export interface AcceptanceView {
  readonly sha256: string;
  readonly countersigned: Omit<Countersignature, "sha256"> | null;
}

/** How the station's newest acceptance stands; `null` where none was made. */
export function acceptanceView(notes: Pick<Store["notes"], "get">): AcceptanceView | null {
  const sha256 = journalledAcceptances(notes).at(-1);
  if (sha256 === undefined) return null;
  const found = countersignatures(notes).find((one) => one.sha256 === sha256);
  return { sha256, countersigned: found === undefined ? null : { by: found.by, at: found.at, page: found.page } };
}

function countersignatures(notes: Pick<Store["notes"], "get">): Countersignature[] {
  return kept.parse(notes.get(NOTE) ?? []);
}

export interface CountersignPorts {
  readonly store: Pick<Store, "transaction" | "journal" | "notes">;
  readonly clock: Clock;
  readonly state: string;
  readonly zone: string;
}

/**
 * Keeps what an acknowledgement that passed the door says of an acceptance; the first word on a record stays. Resolves with why it cannot be
 * so, or `null`. @throws StationError `storage-failed`
 */
export async function countersign(
  { body, claims, keys, bytes }: Examined,
  { store, clock, state, zone }: CountersignPorts,
): Promise<Refusal | null> {
  if (body.kind !== "ack" || body.value.acceptance === undefined) return null;
  const { sha256, at: signedAt } = body.value.acceptance;
  const before = countersignatures(store.notes);
  if (before.some((one) => one.sha256 === sha256)) return null;
  const named = `the countersigned acceptance ${sha256.slice(0, 12)}…`;
  if (!journalledAcceptances(store.notes).includes(sha256))
    return refusal("policy", `${named} is none of this station`);
  const found = await findAcceptance(state, sha256);
  if (found === null) return refusal("policy", `${named} is gone from ${state}, or was altered`);
  const beside = (ending: string) => found.record.replace(/\.json$/, ending);
  const word = { sha256, by: claims.iss, at: new Date(signedAt).toISOString(), page: beside(".countersigned.html") };
  const page = countersignedPage(await readFile(found.page), { ...word, keys }, zone);
  if (page === null) return refusal("unsupported", `${named} was written by a version that knew no countersignature`);
  await asStation("keep a countersigned acceptance", async () => {
    await replaceFile(beside(".countersigned.jws"), bytes);
    await replaceFile(word.page, page);
  });
  await store.transaction(async (tx) => {
    await store.notes.set(tx, NOTE, [...before, word].slice(-KEPT));
    const told = { recordSha256: sha256, by: word.by, at: word.at, keys };
    await store.journal.append(tx, clock.now(), "acceptance-countersigned", told, "result");
  });
  return null;
}
