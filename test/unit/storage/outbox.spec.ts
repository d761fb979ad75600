import { describe, expect, it } from "vitest";
import { DAY, HOUR } from "../../../playback/model/units.ts";
import { EVENT_CLASSES, type EventClass, type OutboxBounds, type OutboxEntry } from "../../../storage/outbox.ts";
import type { Store } from "../../../storage/store.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

const at = Date.parse("2026-11-21T05:00:00Z");
const bounds = (change: Partial<OutboxBounds>): OutboxBounds => ({
  rows: 100,
  bytes: 10_000,
  ageMs: 30 * DAY,
  ...change,
});

async function add(store: Store, ...classes: EventClass[]): Promise<void> {
  for (const name of classes) await store.transaction((tx) => store.outbox.add(tx, name, at, "{}"));
}

function brief(entries: readonly OutboxEntry[]): string {
  return entries
    .map((entry) => (entry.kind === "gap" ? `${entry.from}-${entry.to}` : `${entry.class}${entry.seq}`))
    .join(" ");
}

/** A small generator with a seed, so that a failure can be looked at again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

describe("the outbox", () => {
  it("numbers from 1 and never uses a number again, also after a restart with nothing left", async () => {
    const first = await temporaryStore();
    await add(first.store, "alarm", "log");
    expect(await first.store.outbox.acknowledge(null, 2)).toBe(true);
    const { stream } = await first.store.outbox.stats();
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    await add(store, "play");
    expect(brief(await store.outbox.batch(0, 10))).toBe("play3");
    expect(await store.outbox.stats()).toMatchObject({ stream, issued: 3, acknowledged: 2, rows: 1 });
  });

  it("acknowledges cumulatively, never goes back, and refuses a number never given out", async () => {
    const { store } = await temporaryStore();
    await add(store, "alarm", "log", "play");
    expect(await store.outbox.acknowledge(null, 2)).toBe(true);
    expect(await store.outbox.acknowledge(null, 1)).toBe(true);
    expect((await store.outbox.stats()).acknowledged).toBe(2);
    for (const wrong of [4, 1e15, -1, 1.5, Number.NaN]) expect(await store.outbox.acknowledge(null, wrong)).toBe(false);
    expect(brief(await store.outbox.batch(0, 10))).toBe("play3");
  });

  it("gives up metrics, then logs, then plays, then results, then alarms, the oldest first, and accounts for them", async () => {
    const { store } = await temporaryStore({ outbox: bounds({ rows: 5 }) });
    await add(store, "alarm", "result", "play", "log", "metric");
    const after: string[] = [];
    for (let n = 0; n < 5; n++) {
      await add(store, "alarm");
      after.push(brief(await store.outbox.batch(0, 20)));
    }
    expect(after).toEqual([
      "alarm1 result2 play3 log4 5-5 alarm6",
      "alarm1 result2 play3 4-5 alarm6 alarm7",
      "alarm1 result2 3-5 alarm6 alarm7 alarm8",
      "alarm1 2-5 alarm6 alarm7 alarm8 alarm9",
      "1-5 alarm6 alarm7 alarm8 alarm9 alarm10",
    ]);
    expect((await store.outbox.stats()).dropped).toEqual({ metric: 1, log: 1, play: 1, result: 1, alarm: 1 });
  });

  it("gives up a metric that comes when only greater things are left", async () => {
    const { store } = await temporaryStore({ outbox: bounds({ rows: 2 }) });
    await add(store, "alarm", "alarm", "metric");
    expect(brief(await store.outbox.batch(0, 10))).toBe("alarm1 alarm2 3-3");
  });

  it("counts bytes as UTF-8, and lets what is larger than everything push out nothing", async () => {
    const { store } = await temporaryStore({ outbox: bounds({ bytes: 20 }) });
    const put = (payload: string) => store.transaction((tx) => store.outbox.add(tx, "log", at, payload));
    await put('"đđđđ"');
    await put("x".repeat(10));
    expect((await store.outbox.stats()).bytes).toBe(20);
    await put("y".repeat(21));
    expect(brief(await store.outbox.batch(0, 10))).toBe("log1 log2 3-3");
    await put("z");
    expect(brief(await store.outbox.batch(0, 10))).toBe("1-1 log2 3-3 log4");
  });

  it("gives up what is older than 30 days when told the time", async () => {
    const { store } = await temporaryStore();
    await store.transaction((tx) => store.outbox.add(tx, "play", at, "{}"));
    await store.transaction((tx) => store.outbox.add(tx, "play", at + 2 * HOUR, "{}"));
    await store.transaction((tx) => store.outbox.expire(tx, at + 30 * DAY + HOUR));
    expect(brief(await store.outbox.batch(0, 10))).toBe("1-1 play2");
  });

  it("keeps what a wrong clock wrote, and what it wrote of the time, however old that seems", async () => {
    const { store } = await temporaryStore();
    for (const time of [at, 0, 0, at]) await store.transaction((tx) => store.outbox.add(tx, "metric", time, "{}"));
    await store.transaction((tx) => store.outbox.expire(tx, at + 60 * DAY, [{ from: 2, to: 3 }]));
    const entries = await store.outbox.batch(0, 10);
    expect(brief(entries)).toBe("1-1 metric2 metric3 4-4");
    expect(entries.flatMap((one) => (one.kind === "event" ? [one.at] : []))).toEqual([0, 0]);
  });

  it("clips a gap to what follows the number asked for and the number acknowledged", async () => {
    const { store } = await temporaryStore({ outbox: bounds({ rows: 1 }) });
    await add(store, "metric", "metric", "metric", "metric", "alarm");
    expect(brief(await store.outbox.batch(2, 10))).toBe("3-4 alarm5");
    await store.outbox.acknowledge(null, 3);
    expect(brief(await store.outbox.batch(0, 10))).toBe("4-4 alarm5");
    expect(await store.outbox.stats()).toMatchObject({ gaps: 1, missing: 1 });
  });

  it.each([1, 2, 3, 4, 5, 6])("lets a receiver account for every number exactly once (seed %i)", async (seed) => {
    const next = random(seed);
    const clockless = bounds({ rows: 8 + next(10), bytes: 400, ageMs: DAY });
    let { store, folder } = await temporaryStore({ outbox: clockless });
    const times = new Map<number, number>();
    let [position, acknowledged, now] = [0, 0, at];
    const receive = async (limit: number) => {
      for (const entry of await store.outbox.batch(position, limit)) {
        const [from, to] = entry.kind === "gap" ? [entry.from, entry.to] : [entry.seq, entry.seq];
        for (let seq = from; seq <= to; seq++) times.set(seq, (times.get(seq) ?? 0) + 1);
        position = to;
      }
    };
    for (let step = 0; step < 250; step++) {
      now += next(HOUR);
      const dice = next(20);
      if (dice < 13) {
        const name = EVENT_CLASSES[next(EVENT_CLASSES.length)] as EventClass;
        await store.transaction((tx) => store.outbox.add(tx, name, now, "p".repeat(1 + next(60))));
      } else if (dice < 16) {
        await receive(1 + next(6));
      } else if (dice < 18) {
        acknowledged += next(position - acknowledged + 1);
        expect(await store.outbox.acknowledge(null, acknowledged)).toBe(true);
      } else if (dice < 19) {
        await store.transaction((tx) => store.outbox.expire(tx, now));
      } else {
        await store.close();
        ({ store } = await temporaryStore({ folder, outbox: clockless }));
      }
      const stats = await store.outbox.stats();
      expect(stats.rows).toBeLessThanOrEqual(clockless.rows);
      expect(stats.bytes).toBeLessThanOrEqual(clockless.bytes);
      expect(stats.acknowledged + stats.rows + stats.missing).toBe(stats.issued);
    }
    await receive(1_000);
    const { issued } = await store.outbox.stats();
    expect([...times.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: issued }, (_, n) => n + 1));
    expect(new Set(times.values())).toEqual(new Set([1]));
  });

  it("gives figures a tenth of its rows and log lines half, so that plays and alarms find room", async () => {
    const { store } = await temporaryStore({ outbox: bounds({ rows: 10 }) });
    await add(store, "metric", "metric", "play", ...Array<EventClass>(6).fill("log"));
    expect(brief(await store.outbox.batch(0, 20))).toBe("1-1 metric2 play3 4-4 log5 log6 log7 log8 log9");
    await add(store, ...Array<EventClass>(9).fill("play"));
    expect((await store.outbox.stats()).dropped).toMatchObject({ metric: 2, log: 6, play: 0 });
  });

  it("lets figures grow old for 3 days, log lines for 15, plays for 30, results and alarms for 60", async () => {
    const { store } = await temporaryStore();
    await add(store, ...EVENT_CLASSES);
    const left: string[] = [];
    for (const days of [3, 15, 30, 60]) {
      await store.transaction((tx) => store.outbox.expire(tx, at + days * DAY));
      const before = brief(await store.outbox.batch(0, 10));
      await store.transaction((tx) => store.outbox.expire(tx, at + days * DAY + 1));
      left.push(`${before} → ${brief(await store.outbox.batch(0, 10))}`);
    }
    expect(left).toEqual([
      "metric1 log2 play3 result4 alarm5 → 1-1 log2 play3 result4 alarm5",
      "1-1 log2 play3 result4 alarm5 → 1-2 play3 result4 alarm5",
      "1-2 play3 result4 alarm5 → 1-3 result4 alarm5",
      "1-3 result4 alarm5 → 1-5",
    ]);
  });

  it.each([11, 12, 13])(
    "keeps each number acknowledged, a row, or in exactly one gap, over 1,500 steps (seed %i)",
    async (seed) => {
      const next = random(seed);
      const tight = bounds({ rows: 30 + next(40), bytes: 3_000, ageMs: 10 * DAY });
      const { store } = await temporaryStore({ outbox: tight });
      let [now, issued] = [at, 0];
      for (let step = 0; step < 1_500; step++) {
        now += next(4 * HOUR);
        const dice = next(100);
        await store.transaction(async (tx) => {
          if (dice < 80) {
            const name = EVENT_CLASSES[next(EVENT_CLASSES.length)] as EventClass;
            // Now and then one that fits in no case.
            await store.outbox.add(tx, name, now - next(DAY), "p".repeat(next(200) === 0 ? 4_000 : 1 + next(120)));
            issued += 1;
          } else if (dice < 90) await store.outbox.expire(tx, now);
          else await store.outbox.acknowledge(tx, Math.max(0, issued - next(80)));
        });
        if (step % 10 !== 0) continue;
        const { database } = store;
        const stats = await store.outbox.stats();
        const rows = await database.all<{ seq: number; rank: number; bytes: number }>(
          "SELECT seq, rank, bytes FROM outbox",
        );
        const gaps = await database.all<{ from_seq: number; to_seq: number }>("SELECT * FROM gaps");
        const times = new Array<number>(issued).fill(0);
        const account = (from: number, to: number) => {
          for (let seq = from; seq <= to; seq++) times[seq - 1] = (times[seq - 1] ?? Number.NaN) + 1;
        };
        account(1, stats.acknowledged);
        for (const { seq } of rows) account(seq, seq);
        for (const { from_seq, to_seq } of gaps) account(from_seq, to_seq);
        expect([step, times.filter((count) => count !== 1).length]).toEqual([step, 0]);
        expect([stats.issued, stats.rows]).toEqual([issued, rows.length]);
        expect(stats.bytes).toBe(rows.reduce((sum, { bytes }) => sum + bytes, 0));
        const classes = await database.all<{ rank: number; rows: number }>("SELECT rank, rows FROM outbox_classes");
        for (const one of classes) expect(one.rows).toBe(rows.filter(({ rank }) => rank === one.rank).length);
        expect(classes.find(({ rank }) => rank === 0)?.rows ?? 0).toBeLessThanOrEqual(Math.ceil(tight.rows / 10));
      }
      expect(issued).toBeGreaterThan(1_000);
    },
  );
});
