import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder, temporaryStore } from "../../support/storage/temporary.ts";

const script = join(import.meta.dirname, "../../support/storage/journal-writer.ts");
const ROUNDS = 8;

/** Lets the writer acknowledge `count` records, kills it in the middle of whatever it does then, and gives what it acknowledged. */
async function killAfter(folder: string, count: number): Promise<Map<number, string>> {
  const child: ChildProcess = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    if (text.split("\n").length > count) child.kill("SIGKILL");
  });
  const [, signal] = await exited;
  expect(signal).toBe("SIGKILL");
  const lines = text.split("\n").slice(0, -1);
  return new Map(lines.map((line) => [Number(line.split(" ")[0]), line.split(" ")[1] as string]));
}

describe("a writer killed in the middle", () => {
  it(`has lost nothing that it acknowledged and leaves the chain whole, ${ROUNDS} times over`, async () => {
    const folder = await temporaryFolder();
    const acknowledged = new Map<number, string>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const [seq, hash] of await killAfter(folder, 5 + 13 * round)) acknowledged.set(seq, hash);
    }
    const { store } = await temporaryStore({ folder });
    expect(store.database.recovered).toBeNull();
    expect(acknowledged.size).toBeGreaterThan(ROUNDS * 5);
    const verdict = await store.journal.verify();
    expect(verdict).toEqual({ ok: true, count: store.journal.head().seq, pruned: 0 });
    const stored = await store.journal.list({ limit: 100_000 });
    for (const [seq, hash] of acknowledged) expect(stored[seq - 1]?.hash).toBe(hash);
    expect((await store.outbox.stats()).issued).toBe(stored.length);
  });
});
