/**
 * The signed documents of the last good run, and what the station had to remember beside them, in one file outside the database: what a
 * damaged database is filled from, and what safe mode plays by. Everything in it passes the same door again; nothing is believed because it
 * stands here.
 */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseSha256, type Sha256 } from "../../playback/model/units.ts";
import type { StoredDocument } from "../../storage/documents.ts";
import { replaceFile } from "../../storage/durable-file.ts";
import type { Store } from "../../storage/store.ts";
import { sha256Of } from "../sha256.ts";
import { type OnUnwritten, orUnwritten } from "../unwritten.ts";

export const SNAPSHOT_FILE = "snapshot.json";
/** Every document of a large province is far below. */
const LARGEST = 16_777_216;
/**
 * What the station must not forget with its database: chain of roots, configuration and the brokers of its link, where it belongs, mute and
 * volume, alerts that were stopped for good, the floor of its clock, and the numbers of commands, without which old ones could be given again.
 */
const NOTES = [
  ...["root-chain", "config", "config-brokers", "home", "muted", "volume", "emergency-stopped"],
  ...["clock", "command-issuers", "speakers", "withdrawn"],
] as const;

const document = z.object({
  kind: z.string(),
  level: z.string(),
  address: z.string(),
  identifier: z.string(),
  seq: z.int(),
  issuer: z.string(),
  sha256: z.string().transform((text, context): Sha256 => {
    const parsed = parseSha256(text);
    if (parsed !== null) return parsed;
    context.addIssue({ code: "custom", message: "no digest" });
    return z.NEVER;
  }),
  bytes: z.base64().transform((text) => Buffer.from(text, "base64")),
  adoptedAt: z.number(),
});
const snapshot = z.object({
  version: z.literal(1),
  takenAt: z.number(),
  documents: z.array(document).max(10_000),
  notes: z.record(z.string(), z.unknown()),
});
export interface Snapshot {
  readonly version: 1;
  readonly takenAt: number;
  readonly documents: readonly StoredDocument[];
  readonly notes: Readonly<Record<string, unknown>>;
}

/** The snapshot of a folder; `null` where there is none that can be read. */
export async function readSnapshot(folder: string): Promise<Snapshot | null> {
  const path = join(folder, SNAPSHOT_FILE);
  try {
    if ((await stat(path)).size > LARGEST) return null;
    const parsed = snapshot.safeParse(JSON.parse(await readFile(path, "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    // Missing, torn or refused: then there is none, and the next good run makes one.
    return null;
  }
}

/** What the store holds now. Pure but for reading the store's memory. */
export function takeSnapshot(store: Pick<Store, "documents" | "notes">, now: number): Snapshot {
  const notes = NOTES.flatMap((name) => {
    const value = store.notes.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { version: 1, takenAt: now, documents: [...store.documents.current()], notes: Object.fromEntries(notes) };
}

/**
 * Whether what the store holds may take the place of the snapshot on the disk, `last`: not while that may be the only one to know what the store has
 * lost.
 */
export function isWhole(store: Pick<Store, "documents" | "notes">, last: Snapshot | null): boolean {
  if (NOTES.some((name) => store.notes.isSpoilt(name))) return false;
  return !store.documents.blank || last === null || last.documents.length === 0;
}

/** Two snapshots with the same key need not be written twice. */
export function keyOf({ documents, notes }: Snapshot): string {
  const { clock: _, "command-issuers": __, ...lasting } = notes;
  const text = JSON.stringify([documents.map(({ sha256 }) => sha256).sort(), lasting]);
  return sha256Of(text);
}

/** @throws where the disk refuses */
export async function writeSnapshot(folder: string, { documents, ...rest }: Snapshot): Promise<void> {
  const plain = documents.map((one) => ({ ...one, bytes: one.bytes.toString("base64") }));
  await replaceFile(join(folder, SNAPSHOT_FILE), JSON.stringify({ ...rest, documents: plain }));
}

/**
 * Takes from the snapshot what the store has lost: all of it where it has just begun anew, else the notes that a dying card has spoilt. Notes count at
 * once, also where the disk refuses them: then `writeHeld` is for later, and documents are for the next start. Says how many documents came back.
 * @throws StationError `storage-failed` where nobody is told of a refusal
 */
export async function restoreInto(
  store: Store,
  from: Snapshot | null,
  now: number,
  told?: OnUnwritten,
): Promise<number> {
  if (from === null) return 0;
  const anew = store.documents.blank && from.documents.length > 0;
  for (const name of NOTES) {
    const lost = anew || store.notes.isSpoilt(name);
    // Where the store has one, it is the newer one.
    if (lost && from.notes[name] !== undefined) store.notes.hold(name, from.notes[name]);
  }
  if (!anew) {
    await orUnwritten("notes", () => writeHeld(store, now), told);
    return 0;
  }
  const fill = () =>
    store.transaction(async (tx) => {
      for (const one of from.documents) await store.documents.adopt(tx, one);
      for (const name of store.notes.held) await store.notes.set(tx, name, store.notes.get(name));
      const body = { documents: from.documents.length, takenAt: new Date(from.takenAt).toISOString() };
      await store.journal.append(tx, now, "restored", body, "alarm");
    });
  return (await orUnwritten("snapshot", fill, told)) ? from.documents.length : 0;
}

/** Writes the notes that count in memory only, and says so in the journal, once. @throws StationError `storage-failed` */
export async function writeHeld(store: Pick<Store, "notes" | "journal" | "transaction">, now: number): Promise<void> {
  const { held } = store.notes;
  if (held.length === 0) return;
  await store.transaction(async (tx) => {
    for (const name of held) await store.notes.set(tx, name, store.notes.get(name));
    await store.journal.append(tx, now, "notes-restored", { notes: held }, "alarm");
  });
}

/** Kinds that count on the last rung. Trust and media belong to alerts. */
const BARE: readonly string[] = ["trust", "content", "emergency"];
/** An alert counts however young it is; keys too, because it hangs on them. */
const ALWAYS: readonly string[] = ["trust", "emergency"];

/**
 * The documents that count in safe mode: those of the snapshot, and whatever was adopted since this start. What was adopted between the two is
 * set aside, not lost: it counts again when safe mode is over.
 */
export function countingDocuments(
  before: readonly StoredDocument[],
  from: Snapshot | null,
  bare: boolean,
): (stored: readonly StoredDocument[]) => readonly StoredDocument[] {
  const fits = ({ kind }: StoredDocument) => !bare || BARE.includes(kind);
  const known = new Set((from?.documents ?? []).map(({ sha256 }) => sha256));
  // Nothing was ever good: there is nothing better to go by than what is there.
  const aside = new Set(
    before
      .filter((one) => !ALWAYS.includes(one.kind) && (!fits(one) || (from !== null && !known.has(one.sha256))))
      .map(({ sha256 }) => sha256),
  );
  const name = ({ kind, level, address, identifier }: StoredDocument) => [kind, level, address, identifier].join("\n");
  return (stored) => {
    const counting = stored.filter(({ sha256 }) => !aside.has(sha256));
    const named = new Set(counting.map(name));
    const older = (from?.documents ?? []).filter((one) => fits(one) && !named.has(name(one)));
    return [...counting, ...older];
  };
}
