import { describe, expect, it } from "vitest";
import { DAY } from "../../../playback/model/units.ts";
import type { PruneBounds } from "../../../storage/journal-pruning.ts";
import type { Store } from "../../../storage/store.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const year: PruneBounds = { keepMs: 400 * DAY, keepBytes: 1_000_000 };

/** One record a day. */
async function filled(count: number): Promise<Awaited<ReturnType<typeof temporaryStore>>> {
  const made = await temporaryStore();
  await made.store.transaction(async (tx) => {
    for (let n = 1; n <= count; n++) await made.store.journal.append(tx, start + n * DAY, "day", { n }, "log");
  });
  return made;
}
const evidence = Buffer.from("signed");
const hashOf = async (store: Store, seq: number) =>
  (await store.journal.list({ afterSeq: seq - 1, limit: 1 }))[0]?.hash ?? "none";
const keep = (store: Store, seq: number, hash: string) =>
  store.transaction((tx) => store.journal.keep(tx, { seq, hash, evidence }, start));
const prune = (store: Store, afterDays: number, bounds = year) =>
  store.transaction((tx) => store.journal.prune(tx, start + afterDays * DAY, bounds));
const seqs = async (store: Store) => (await store.journal.list({ limit: 10_000 })).map(({ seq }) => seq);

describe("pruning the journal", () => {
  it("removes nothing without a checkpoint, however old", async () => {
    const { store } = await filled(5);
    expect(await prune(store, 5_000)).toBe(0);
    expect(await seqs(store)).toEqual([1, 2, 3, 4, 5]);
  });

  it("removes what is older than 400 days and before the checkpoint; numbers, count, chain and head go on", async () => {
    const { store, folder } = await filled(6);
    expect(await keep(store, 4, await hashOf(store, 4))).toBeNull();
    // Records 1 and 2 are older than 400 days on day 402.5, on day 410 only the checkpoint holds 4 to 6.
    expect(await prune(store, 402.5)).toBe(2);
    expect(await seqs(store)).toEqual([3, 4, 5, 6]);
    expect(await prune(store, 410)).toBe(1);
    expect(await prune(store, 410)).toBe(0);
    expect(await seqs(store)).toEqual([4, 5, 6]);
    expect(store.journal.head()).toMatchObject({ seq: 6, count: 6 });
    expect(await store.journal.verify()).toEqual({ ok: true, count: 6, pruned: 3 });
    await store.close();
    const { store: next } = await temporaryStore({ folder });
    expect(next.journal.head()).toMatchObject({ seq: 6, count: 6 });
    const record = await next.transaction((tx) => next.journal.append(tx, start, "after", {}, "log"));
    expect(record.seq).toBe(7);
    expect(await next.journal.verify()).toEqual({ ok: true, count: 7, pruned: 3 });
    expect(await next.journal.checkpoint()).toMatchObject({ seq: 4, evidence });
  });

  it("removes younger records, the oldest first, where there are too many bytes", async () => {
    const { store } = await filled(100);
    await keep(store, 90, await hashOf(store, 90));
    const { bytes } = await store.journal.base();
    const texts = (await store.journal.list({ limit: 1_000 })).map(({ text }) => Buffer.byteLength(text));
    expect(bytes).toBe(texts.reduce((sum, one) => sum + one, 0));
    const keepBytes = texts.slice(30).reduce((sum, one) => sum + one, 0);
    expect(await prune(store, 100, { keepMs: 400 * DAY, keepBytes })).toBe(30);
    expect((await store.journal.base()).bytes).toBe(keepBytes);
    expect(await prune(store, 100, { keepMs: 400 * DAY, keepBytes: 0 })).toBe(59);
    expect(await store.journal.verify()).toEqual({ ok: true, count: 100, pruned: 89 });
  });

  it.each([
    ["another hash", 4, "f".repeat(64), /hash is not this journal's/],
    ["a record to come", 7, "f".repeat(64), /does not have/],
    ["a record far away", 2 ** 53 - 1, "f".repeat(64), /does not have/],
  ])("takes no checkpoint with %s, and changes nothing", async (_, seq, hash, problem) => {
    const { store } = await filled(6);
    expect(await keep(store, seq, hash)).toMatchObject({ reason: "policy", detail: expect.stringMatching(problem) });
    expect(await store.journal.checkpoint()).toBeNull();
    expect(await prune(store, 5_000)).toBe(0);
    expect(await seqs(store)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("takes no checkpoint before the one it has, nor the same twice", async () => {
    const { store } = await filled(6);
    const [three, five] = [await hashOf(store, 3), await hashOf(store, 5)];
    expect(await keep(store, 5, five)).toBeNull();
    expect(await keep(store, 3, three)).toMatchObject({ reason: "older" });
    expect(await keep(store, 5, five)).toMatchObject({ reason: "duplicate" });
    expect(await keep(store, 5, "f".repeat(64))).toMatchObject({ reason: "older" });
    expect(await store.journal.checkpoint()).toMatchObject({ seq: 5, hash: five });
  });

  it("touches nothing once the journal disagrees with what the source signed", async () => {
    const { store } = await filled(6);
    await keep(store, 4, await hashOf(store, 4));
    await store.database.run("UPDATE journal SET hash = ? WHERE seq = 4", "a".repeat(64));
    expect(await prune(store, 5_000)).toBe(0);
    expect(await seqs(store)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("stops at a hole, which is evidence", async () => {
    const { store } = await filled(6);
    await keep(store, 5, await hashOf(store, 5));
    await store.database.run("DELETE FROM journal WHERE seq = 3");
    expect(await prune(store, 5_000)).toBe(2);
    expect(await store.journal.verify()).toMatchObject({ ok: false, seq: 3, problem: "record 3 is missing" });
  });

  const attacks: [name: string, sql: string, seq: number, problem: RegExp][] = [
    ["a beginning removed beyond the checkpoint", "DELETE FROM journal WHERE seq <= 4", 4, /missing/],
    [
      "the same with the base moved along",
      "UPDATE journal_base SET seq = 4, hash = (SELECT hash FROM journal WHERE seq = 4)",
      1,
      /without a checkpoint/,
    ],
    ["a forged base", `UPDATE journal_base SET hash = '${"a".repeat(64)}'`, 4, /altered/],
    ["a forged checkpoint", `UPDATE journal_checkpoint SET hash = '${"a".repeat(64)}'`, 4, /rewritten/],
    ["a checkpoint taken away", "DELETE FROM journal_checkpoint", 1, /without a checkpoint/],
    ["a checkpoint moved beyond the end", "UPDATE journal_checkpoint SET seq = 99", 7, /ended at 99/],
  ];
  it.each(attacks)("is no cover for %s", async (_, sql, seq, problem) => {
    const { store } = await filled(6);
    await keep(store, 4, await hashOf(store, 4));
    await prune(store, 5_000);
    await store.database.run(sql);
    expect(await store.journal.verify()).toEqual({ ok: false, seq, problem: expect.stringMatching(problem) });
  });

  it("does not begin the numbers anew where everything after the base is gone", async () => {
    const { store } = await filled(6);
    await keep(store, 4, await hashOf(store, 4));
    await prune(store, 5_000);
    await store.database.run("DELETE FROM journal");
    const record = await store.transaction((tx) => store.journal.append(tx, start, "after", {}, "log"));
    expect(record.seq).toBe(4);
    expect(await store.journal.verify()).toMatchObject({ ok: false });
  });

  it("verifies while it prunes", async () => {
    const { store } = await filled(3_000);
    await keep(store, 2_990, await hashOf(store, 2_990));
    const [verdict, gone] = await Promise.all([store.journal.verify(), prune(store, 10_000)]);
    expect(verdict).toMatchObject({ ok: true, count: 3_000 });
    // At most 2,000 at once, so that nobody waits long for the writer.
    expect(gone).toBe(2_000);
    expect(await prune(store, 10_000)).toBe(989);
  });
});
