/**
 * Takes the digests of acceptance records into the journal, each once: from there they go to the source like every other event, and the signed
 * checkpoint that the source gives of the journal is its signature under them. Only what is journalled can be countersigned.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { StationFile } from "../config/station-file.ts";
import { sha256Of } from "../sha256.ts";
import { ACCEPTANCE_FOLDER } from "./acceptance.ts";

const NOTE = "acceptances";
const KEPT = 100;
const noted = z.array(z.string()).catch([]);
const LARGEST = 24_000_000;
const summary = z.object({
  station: z.string().max(100),
  technician: z.string().max(100),
  place: z.string().max(200),
  at: z.string().max(40),
  pageSha256: z.string().regex(/^[0-9a-f]{64}$/),
  stationKey: z.string().max(64).nullable(),
  results: z.array(z.object({ step: z.string().max(40), state: z.enum(["well", "bad", "skipped"]) })).max(40),
});

interface AcceptancePorts {
  readonly store: Pick<Store, "transaction" | "journal" | "notes">;
  readonly clock: Clock;
  readonly file: Pick<StationFile, "state" | "station">;
}

/** Digests of the station's own records, newest last, as far as they are journalled. */
export function journalledAcceptances(notes: Pick<Store["notes"], "get">): string[] {
  return noted.parse(notes.get(NOTE) ?? []);
}

/** As `keepAcceptance` begins a record. */
const HEAD = /^\{"page":"[^"]+","pageSha256":"([0-9a-f]{64})",/;

/** The record with this digest and its page, both as they were when it was journalled; `null` where they do not lie here so. */
export async function findAcceptance(state: string, sha256: string): Promise<{ record: string; page: string } | null> {
  for (const record of (await recordsIn(state)).reverse()) {
    const read = await digestOfFile(record);
    if (read?.sha256 !== sha256) continue;
    const page = record.replace(/\.json$/, ".html");
    const pageSha256 = HEAD.exec(read.head)?.[1];
    return pageSha256 !== undefined && (await digestOfFile(page))?.sha256 === pageSha256 ? { record, page } : null;
  }
  return null;
}

/** In pieces, because pictures are large and the agent plays meanwhile. `null` where it is not there, or larger than one may be. */
async function digestOfFile(path: string): Promise<{ sha256: string; head: string } | null> {
  const hash = createHash("sha256");
  let head: string | null = null;
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > LARGEST) return null;
      head ??= chunk.toString("latin1", 0, 400);
      hash.update(chunk);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  return { sha256: hash.digest("hex"), head: head ?? "" };
}

async function recordsIn(state: string): Promise<string[]> {
  const folder = join(state, ACCEPTANCE_FOLDER);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
  return names.slice(-KEPT).map((name) => join(folder, name));
}

/** Says how many were new. What cannot be read, or is of another station, is left lying. @throws StationError `storage-failed` */
export async function journalAcceptances({ store, clock, file }: AcceptancePorts): Promise<number> {
  const known = journalledAcceptances(store.notes);
  let fresh = 0;
  for (const path of await recordsIn(file.state)) {
    const bytes = await readFile(path).catch(() => null);
    if (bytes === null || bytes.length > LARGEST) continue;
    const recordSha256 = sha256Of(bytes);
    if (known.includes(recordSha256)) continue;
    const read = summary.safeParse(json(bytes));
    if (!read.success || read.data.station !== file.station) continue;
    known.push(recordSha256);
    fresh += 1;
    await store.transaction(async (tx) => {
      await store.notes.set(tx, NOTE, known.slice(-KEPT));
      await store.journal.append(tx, clock.now(), "acceptance", { ...read.data, recordSha256 }, "result");
    });
  }
  return fresh;
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}
