import { describe, expect, it } from "vitest";
import { DAY } from "../../../playback/model/units.ts";
import type { Store } from "../../../storage/store.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

const at = Date.parse("2026-11-21T05:00:00Z");
const command = (jti: string, change: object = {}) => ({
  issuer: "a",
  jti,
  kind: "mute",
  issuedAt: at,
  begunAt: at + 1,
  ...change,
});

async function begin(store: Store, jti: string, change: object = {}): Promise<boolean> {
  return store.transaction((tx) => store.commands.begin(tx, command(jti, change)));
}

describe("command results", () => {
  it("begins a command once per issuer and gives the stored result to a duplicate", async () => {
    const { store } = await temporaryStore();
    expect([await begin(store, "1"), await begin(store, "1"), await begin(store, "1", { issuer: "b" })]).toEqual([
      true,
      false,
      true,
    ]);
    await store.transaction((tx) => store.commands.finish(tx, "a", "1", at + 2, "done", '{"ok":1}'));
    const finished = { ...command("1"), finishedAt: at + 2, status: "done", result: '{"ok":1}' };
    expect(await store.commands.find("a", "1")).toEqual(finished);
    expect(await store.commands.find("a", "2")).toBeNull();
    await expect(store.transaction((tx) => store.commands.finish(tx, "a", "1", at, "failed", "{}"))).rejects.toThrow(
      "has finished",
    );
    expect(await store.commands.find("a", "1")).toEqual(finished);
  });

  it("lists after a restart what had begun and not finished", async () => {
    const first = await temporaryStore();
    for (const jti of ["1", "2", "3"]) await begin(first.store, jti);
    await first.store.transaction((tx) => first.store.commands.finish(tx, "a", "2", at, "done", "{}"));
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    expect((await store.commands.unfinished()).map(({ jti, status }) => [jti, status])).toEqual([
      ["1", null],
      ["3", null],
    ]);
    expect(await begin(store, "1")).toBe(false);
  });

  it("keeps the newest 10,000 and 30 days, and what it forgot still cannot be replayed", async () => {
    const { store } = await temporaryStore();
    await store.transaction(async (tx) => {
      await tx.run(
        `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10005)
         INSERT INTO commands SELECT n, 'a', n, 'mute', ? + n, ?, iif(n = 2, NULL, ?), 'done', '{}' FROM numbers`,
        ...[at, at + 1, at + 2],
      );
      await store.commands.prune(tx, at + 29 * DAY);
    });
    expect(await store.commands.find("a", "1")).not.toBeNull();
    await store.transaction((tx) => store.commands.prune(tx, at + 31 * DAY));
    const known = await Promise.all([1, 2, 5, 6].map(async (n) => (await store.commands.find("a", `${n}`)) !== null));
    // The second never finished: it is kept until somebody says what became of it.
    expect(known).toEqual([false, true, false, true]);
    expect(await begin(store, "1", { issuedAt: at + 1 })).toBe(false);
    expect(await begin(store, "new", { issuedAt: at + 5 })).toBe(false);
    expect(await begin(store, "new", { issuedAt: at + 6 })).toBe(true);
    expect(await begin(store, "1", { issuer: "b", issuedAt: at + 1 })).toBe(true);
  });
});
