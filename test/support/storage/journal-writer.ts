/** A process that appends to a journal as fast as it can, and says each number on standard output once it is acknowledged. Killed by a test. */
import { Store } from "../../../storage/store.ts";
import { ManualClock } from "./manual-clock.ts";

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: journal-writer FOLDER");
const clock = new ManualClock();
const store = await Store.open(folder, { clock });
for (let n = 0; ; n++) {
  clock.advance(10);
  const body = { n, filling: "x".repeat(n % 3000) };
  const record = await store.transaction((tx) => store.journal.append(tx, clock.now(), "test", body, "log"));
  process.stdout.write(`${record.seq} ${record.hash}\n`);
}
