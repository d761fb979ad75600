/**
 * Takes the digests of acceptance records into the journal, each once: from there they go to the source like every other event, and the signed
 * checkpoint that the source gives of the journal is its signature under them.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
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
  readonly state: string;
}

/** Says how many were new. What cannot be read is left lying. @throws StationError `storage-failed` */
export async function journalAcceptances({ store, clock, state }: AcceptancePorts): Promise<number> {
  const folder = join(state, ACCEPTANCE_FOLDER);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
  const known = noted.parse(store.notes.get(NOTE) ?? []);
  let fresh = 0;
  for (const name of names.slice(-KEPT)) {
    const bytes = await readFile(join(folder, name)).catch(() => null);
    if (bytes === null || bytes.length > LARGEST) continue;
    const recordSha256 = createHash("sha256").update(bytes).digest("hex");
    if (known.includes(recordSha256)) continue;
    const read = summary.safeParse(json(bytes));
    if (!read.success) continue;
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
