import { describe, expect, it } from "vitest";
import { addDays } from "../../../playback/agenda/zone.ts";
import { Traffic } from "../../../storage/content/traffic.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

describe("the bytes that downloads cost", () => {
  it("add up by local day and month, pinned ones apart, across restarts", async () => {
    const { store } = await temporaryStore();
    const traffic = await Traffic.open(store.database);
    for (const [day, bytes, exempt] of [
      ["2026-11-30", 400, false],
      ["2026-11-30", 300, false],
      ["2026-11-30", 50, true],
      ["2026-11-01", 20, false],
      ["2026-12-01", 9, false],
    ] as const) {
      await traffic.add(day, bytes, exempt);
      await traffic.flush();
    }
    for (const one of [traffic, await Traffic.open(store.database)]) {
      expect(one.spent("2026-11-30")).toEqual({ day: { bytes: 700, exempt: 50 }, month: { bytes: 720, exempt: 50 } });
      expect(one.left("2026-11-30", { dayBytes: 1_000, monthBytes: 1_000 })).toBe(280);
      expect(one.left("2026-11-30", { dayBytes: 710, monthBytes: 1_000 })).toBe(10);
      expect(one.left("2026-11-30", { dayBytes: 1, monthBytes: null })).toBe(0);
      expect(one.left("2026-12-01", { dayBytes: null, monthBytes: null })).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it("are on the disk at the latest after a megabyte, and are not lost while the disk takes no writes", async () => {
    const { store } = await temporaryStore();
    const traffic = await Traffic.open(store.database);
    const stored = async () =>
      (await store.database.get<{ bytes: number }>("SELECT sum(bytes) AS bytes FROM media_traffic"))?.bytes ?? 0;
    await traffic.add("2026-11-30", 999_999, false);
    expect(await stored()).toBe(0);
    await store.database.run(
      "CREATE TRIGGER full BEFORE INSERT ON media_traffic BEGIN SELECT raise(ABORT, 'full'); END",
    );
    await expect(traffic.add("2026-11-30", 1, false)).rejects.toThrow("full");
    expect(traffic.spent("2026-11-30").day.bytes).toBe(1_000_000);
    await store.database.run("DROP TRIGGER full");
    await traffic.add("2026-11-30", 1, false);
    expect(await stored()).toBe(1_000_001);
  });

  it("are remembered for 400 days, however far the clock wanders", async () => {
    const { store } = await temporaryStore();
    const traffic = await Traffic.open(store.database);
    for (let day = "2026-01-01", n = 0; n < 410; day = addDays(day, 1), n++) await traffic.add(day, 1, false);
    await traffic.flush();
    const kept = await store.database.get("SELECT count(*) AS n, min(day) AS first FROM media_traffic");
    expect(kept).toEqual({ n: 400, first: "2026-01-11" });
  });
});
