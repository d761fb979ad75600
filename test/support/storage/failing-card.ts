/**
 * A store on a card that stops taking writes for a while: the kernel refuses every byte beyond the limit on file sizes, which SQLite sees as
 * an I/O error. Says as JSON what a caller of the store saw. Run by a test, because the limit holds for the whole process.
 */
import { execFileSync } from "node:child_process";
import { StationError } from "../../../playback/model/station-error.ts";
import { Store } from "../../../storage/store.ts";
import { ManualClock } from "./manual-clock.ts";

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: failing-card FOLDER");
const clock = new ManualClock();
const store = await Store.open(folder, { clock });

const append = async (body: object): Promise<string> => {
  try {
    return String((await store.transaction((tx) => store.journal.append(tx, clock.now(), "test", body, "log"))).seq);
  } catch (error) {
    return error instanceof StationError ? error.code : String(error);
  }
};
const limit = (bytes: string) => execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:unlimited`]);

const seen: Record<string, unknown> = { before: await append({}) };
await store.notes.set(null, "mute", true);
limit("1");
seen.failing = [await append({ big: "x".repeat(50_000) }), await append({}), await append({})];
seen.headWhileFailing = store.journal.head().seq;
seen.readableWhileFailing = await store.journal.list({ limit: 10 }).then(
  (list) => list.length,
  (error: StationError) => error.code,
);
limit("unlimited");
seen.after = [await append({}), await append({})];
seen.verdict = await store.journal.verify();
seen.outbox = (await store.outbox.stats()).issued;
seen.mute = store.notes.get("mute");
await store.close();
process.stdout.write(JSON.stringify(seen));
