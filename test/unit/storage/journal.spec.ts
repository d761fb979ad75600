import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { MINUTE } from "../../../playback/model/units.ts";
import { FIRST_PREVIOUS_HASH, type JournalHead } from "../../../storage/journal.ts";
import type { Store } from "../../../storage/store.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

const start = Date.parse("2026-11-21T05:00:00Z");

async function append(store: Store, at: number, body: object = {}, kind = "note") {
  return store.transaction((tx) => store.journal.append(tx, at, kind, body, "log"));
}

async function filled(count: number): Promise<Store> {
  const { store } = await temporaryStore();
  for (let n = 1; n <= count; n++) await append(store, start + n * MINUTE, { n });
  return store;
}

/** What somebody with root rights does: writes past the program. */
async function tamper(store: Store, sql: string, ...values: (string | number)[]): Promise<void> {
  await store.database.run(sql, ...values);
}

describe("the journal", () => {
  it("chains each record to the one before with SHA-256, from 64 zeros", async () => {
    const { store } = await temporaryStore();
    const first = await append(store, start, { a: "Thông báo" });
    const second = await append(store, start + 1.75, { b: 2 });
    expect(first.text).toBe('{"seq":1,"at":"2026-11-21T05:00:00.000Z","kind":"note","body":{"a":"Thông báo"}}');
    expect(second.text).toBe('{"seq":2,"at":"2026-11-21T05:00:00.001Z","kind":"note","body":{"b":2}}');
    const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");
    expect(first.hash).toBe(sha256(`${"0".repeat(64)}\n${first.text}`));
    expect(second.hash).toBe(sha256(`${first.hash}\n${second.text}`));
    expect(store.journal.head()).toEqual({ seq: 2, hash: second.hash, count: 2 });
  });

  it("hands each record to the outbox, verbatim, in the same transaction", async () => {
    const { store } = await temporaryStore();
    const record = await append(store, start, { a: 1 });
    expect(await store.outbox.batch(0, 10)).toEqual([
      {
        kind: "event",
        seq: 1,
        class: "log",
        at: start,
        payload: JSON.stringify({ seq: record.seq, prev: FIRST_PREVIOUS_HASH, hash: record.hash, text: record.text }),
      },
    ]);
    await store
      .transaction(async (tx) => {
        await store.journal.append(tx, start, "note", {}, "alarm");
        throw new Error("power cut");
      })
      .catch(() => undefined);
    expect(store.journal.head().seq).toBe(1);
    expect((await store.outbox.stats()).issued).toBe(1);
    expect(await store.journal.verify()).toEqual({ ok: true, count: 1, pruned: 0 });
  });

  it("chains several records of one transaction", async () => {
    const { store } = await temporaryStore();
    await store.transaction(async (tx) => {
      await store.journal.append(tx, start, "a", {}, "log");
      await store.journal.append(tx, start, "b", {}, "log");
    });
    expect(store.journal.head()).toMatchObject({ seq: 2, count: 2 });
    expect(await store.journal.verify()).toEqual({ ok: true, count: 2, pruned: 0 });
  });

  it("goes on with the same head after a restart", async () => {
    const first = await temporaryStore();
    await append(first.store, start);
    const head = first.store.journal.head();
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    expect(store.journal.head()).toEqual(head);
    await append(store, start);
    expect(await store.journal.verify(head)).toEqual({ ok: true, count: 2, pruned: 0 });
  });

  it("verifies 1,200 records over several batches", async () => {
    const { store } = await temporaryStore();
    await store.transaction(async (tx) => {
      for (let n = 0; n < 1_200; n++) await store.journal.append(tx, start + n, "n", { n }, "log");
    });
    expect(await store.journal.verify()).toEqual({ ok: true, count: 1_200, pruned: 0 });
  });

  const attacks: [name: string, sql: string, values: (string | number)[], seq: number, problem: RegExp][] = [
    ["an altered text", `UPDATE journal SET text = replace(text, '"n":3', '"n":4') WHERE seq = 3`, [], 3, /altered/],
    ["a text that is none any more", "UPDATE journal SET text = 'x' || text WHERE seq = 3", [], 3, /altered/],
    ["an altered hash", "UPDATE journal SET hash = ? WHERE seq = 3", ["a".repeat(64)], 3, /altered/],
    ["an altered kind", "UPDATE journal SET kind = 'other' WHERE seq = 3", [], 3, /beside the text/],
    ["an altered time", "UPDATE journal SET at_ms = at_ms - 86400000 WHERE seq = 3", [], 3, /beside the text/],
    ["a removed record", "DELETE FROM journal WHERE seq = 3", [], 3, /missing/],
    ["a removed beginning", "DELETE FROM journal WHERE seq = 1", [], 1, /missing/],
    ["a removed end", "DELETE FROM journal WHERE seq > 4", [], 5, /ended at 6, now it ends at 4/],
    ["an emptied journal", "DELETE FROM journal", [], 1, /ended at 6, now it ends at 0/],
    [
      "a record put before the first",
      "INSERT INTO journal VALUES (-5, 0, 'x', NULL, NULL, '{}', '')",
      [],
      -5,
      /missing/,
    ],
  ];
  it.each(attacks)("finds %s", async (_, sql, values, seq, problem) => {
    const store = await filled(6);
    await tamper(store, sql, ...values);
    expect(await store.journal.verify()).toEqual({ ok: false, seq, problem: expect.stringMatching(problem) });
  });

  it("finds two records that changed places", async () => {
    const store = await filled(6);
    for (const [from, to] of [
      [3, 99],
      [4, 3],
      [99, 4],
    ] as const) {
      await tamper(store, "UPDATE journal SET seq = ? WHERE seq = ?", to, from);
    }
    expect(await store.journal.verify()).toMatchObject({ ok: false, seq: 3 });
  });

  it("finds a chain that root rewrote whole, in this process and against a head remembered elsewhere", async () => {
    const { store, folder } = await temporaryStore();
    for (let n = 1; n <= 6; n++) await append(store, start + n * MINUTE, { n });
    const remembered: JournalHead = store.journal.head();
    let previous = "0".repeat(64);
    for (const row of await store.database.all<{ seq: number; text: string }>(
      "SELECT seq, text FROM journal ORDER BY seq",
    )) {
      const text = row.text.replace('"n":3', '"n":7');
      previous = createHash("sha256").update(`${previous}\n${text}`).digest("hex");
      await tamper(store, "UPDATE journal SET text = ?, hash = ? WHERE seq = ?", text, previous, row.seq);
    }
    const found = { ok: false, seq: 6, problem: expect.stringContaining("rewritten") };
    expect(await store.journal.verify()).toEqual(found);
    await store.close();
    const { store: next } = await temporaryStore({ folder });
    expect(await next.journal.verify()).toEqual({ ok: true, count: 6, pruned: 0 });
    expect(await next.journal.verify(remembered)).toEqual(found);
  });

  it("lists by time and number, `to` excluded", async () => {
    const store = await filled(6);
    const seqs = async (query: Parameters<typeof store.journal.list>[0]) =>
      (await store.journal.list(query)).map(({ seq }) => seq);
    expect(await seqs({ from: start + 2 * MINUTE, to: start + 5 * MINUTE, limit: 10 })).toEqual([2, 3, 4]);
    expect(await seqs({ afterSeq: 4, limit: 10 })).toEqual([5, 6]);
    expect(await seqs({ limit: 2 })).toEqual([1, 2]);
  });

  it("lists a record whose text is none any more with an empty body", async () => {
    const store = await filled(3);
    await tamper(store, "UPDATE journal SET text = CASE seq WHEN 2 THEN substr(text, 2) ELSE 'null' END WHERE seq > 1");
    const records = await store.journal.list({ limit: 10 });
    expect(records.map(({ seq, kind, body }) => [seq, kind, body])).toEqual([
      [1, "note", { n: 1 }],
      [2, "note", {}],
      [3, "note", {}],
    ]);
    expect(await store.journal.verify()).toMatchObject({ ok: false, seq: 2 });
  });

  it("answers what happened at a moment by the span, else by the time written", async () => {
    const { store } = await temporaryStore();
    const rfc = (at: number) => new Date(at).toISOString();
    await append(store, start + 60 * MINUTE, { startedAt: rfc(start), endedAt: rfc(start + 30 * MINUTE) }, "slot");
    await append(store, start + 61 * MINUTE, { startedAt: start + 20 * MINUTE, endedAt: start + 40 * MINUTE }, "slot");
    await append(store, start + 25 * MINUTE, {}, "note");
    const at = async (minutes: number) => (await store.journal.at(start + minutes * MINUTE)).map(({ seq }) => seq);
    expect([await at(10), await at(25), await at(35), await at(60)]).toEqual([[1], [1, 2, 3], [2], []]);
    expect((await store.journal.at(start + 26 * MINUTE, MINUTE)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });
});
