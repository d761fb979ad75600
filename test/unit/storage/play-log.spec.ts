import { describe, expect, it } from "vitest";
import { refusal } from "../../../playback/model/refusal.ts";
import { DAY, type Sha256 } from "../../../playback/model/units.ts";
import type { Segment, SlotHeader, SlotProgress } from "../../../playback/ports/play-log.ts";
import { MOST_SEGMENTS } from "../../../storage/folded-segments.ts";
import type { Store } from "../../../storage/store.ts";
import { refuseAfter } from "../../support/storage/refusing.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

const planned = Date.parse("2026-11-21T05:00:00Z");

function header(key: string, plannedAt = planned): SlotHeader {
  const origin = {
    issuer: "province/01",
    adoptedAt: 0,
    address: "all",
    documentSha256: "0".repeat(64) as Sha256,
    keys: ["k"],
  };
  return { key, kind: "programme", id: "p", title: "Bản tin sáng", precedence: "normal", plannedAt, origin };
}
const progress = (positionMs: number): SlotProgress => ({
  round: 0,
  itemIndex: 0,
  positionMs,
  at: planned + positionMs,
});
const segment = (from: number, to: number, change: Partial<Segment> = {}): Segment => ({
  ...{ itemId: "i", title: "Item", round: 0, sha256: "1".repeat(64) as Sha256, fromMs: from, toMs: to },
  ...{
    startedAt: planned + from,
    endedAt: planned + to,
    outcome: "completed",
    rms: -20,
    peak: -3,
    audibleMs: to - from,
    amplifier: "driven",
  },
  ...change,
});
const positionOf = async (store: Store) => (await store.playLog.open())[0]?.progress.positionMs;

describe("the play log", () => {
  it("begins a slot once, for ever", async () => {
    const first = await temporaryStore();
    expect([
      await first.store.playLog.begin(header("a"), progress(0)),
      await first.store.playLog.begin(header("a"), progress(0)),
    ]).toEqual([true, false]);
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    expect([store.playLog.has("a"), await store.playLog.begin(header("a"), progress(0))]).toEqual([true, false]);
    expect(await store.playLog.end(header("a"), "interrupted", null)).toBe(true);
    expect([store.playLog.has("a"), await store.playLog.begin(header("a"), progress(0))]).toEqual([true, false]);
    expect(await store.playLog.end(header("a"), "played", null)).toBe(false);
    expect(store.journal.head().seq).toBe(1);
  });

  it("finds an open slot after a restart with its segments and where it stood", async () => {
    const first = await temporaryStore();
    await first.store.playLog.begin(header("a"), progress(0));
    await first.store.playLog.addSegment("a", segment(0, 1_000), progress(1_000));
    await first.store.playLog.addSegment("a", segment(1_000, 2_000), progress(2_000));
    await first.store.playLog.note("a", progress(2_500));
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    const open = [
      { header: header("a"), progress: progress(2_500), segments: [segment(0, 1_000), segment(1_000, 2_000)] },
    ];
    expect(await store.playLog.open()).toEqual(open);
  });

  it("closes with one record that holds the segments, and the open row leaves with it", async () => {
    const { store, clock } = await temporaryStore();
    await store.playLog.begin(header("a"), progress(0));
    await store.playLog.addSegment("a", segment(0, 1_000), progress(1_000));
    const silent = segment(1_000, 3_000, {
      rms: Number.NEGATIVE_INFINITY,
      peak: Number.NEGATIVE_INFINITY,
      audibleMs: 0,
    });
    await store.playLog.addSegment("a", silent, progress(3_000));
    expect(await store.playLog.end(header("a"), "partial", refusal("media-missing", "gone"))).toBe(true);
    const [record, ...more] = await store.journal.list({ limit: 10 });
    expect([record?.kind, record?.at, more]).toEqual(["slot", clock.now(), []]);
    expect(record?.body).toMatchObject({
      ...{
        key: "a",
        title: "Bản tin sáng",
        plannedAt: "2026-11-21T05:00:00.000Z",
        outcome: "partial",
        audibleMs: 1_000,
      },
      ...{
        startedAt: "2026-11-21T05:00:00.000Z",
        endedAt: "2026-11-21T05:00:03.000Z",
        why: { reason: "media-missing", detail: "gone" },
      },
      segments: [
        { fromMs: 0, toMs: 1_000, rms: -20, startedAt: "2026-11-21T05:00:00.000Z" },
        { fromMs: 1_000, toMs: 3_000, rms: -120, peak: -120, audibleMs: 0 },
      ],
    });
    expect(await store.outbox.batch(0, 5)).toMatchObject([{ kind: "event", class: "play" }]);
    expect(await store.playLog.open()).toEqual([]);
    expect((await store.journal.at(planned + 2_000)).map(({ seq }) => seq)).toEqual([1]);
  });

  it("keeps the record of a loop small enough to be sent", async () => {
    const { store } = await temporaryStore();
    await store.playLog.begin(header("a"), progress(0));
    const rounds = MOST_SEGMENTS + 1;
    for (let n = 0; n < rounds; n++) await store.playLog.addSegment("a", segment(0, 1_000), progress(n * 1_000));
    await store.playLog.end(header("a"), "played", null);
    const [record] = await store.journal.list({ limit: 1 });
    expect(record?.body).toMatchObject({
      audibleMs: rounds * 1_000,
      segments: [{ times: rounds, fromMs: 0, toMs: rounds * 1_000 }],
    });
  });

  it("closes what never began: missed or refused", async () => {
    const { store } = await temporaryStore();
    expect(await store.playLog.end(header("a"), "missed", refusal("too-late", "the station was off"))).toBe(true);
    expect((await store.journal.list({ limit: 1 }))[0]?.body).toMatchObject({
      outcome: "missed",
      startedAt: null,
      segments: [],
    });
    expect(await store.playLog.begin(header("a"), progress(0))).toBe(false);
  });

  it("notes the position at most once a second, by the clock that never steps", async () => {
    const { store, clock } = await temporaryStore();
    await store.playLog.begin(header("a"), progress(0));
    await store.playLog.note("a", progress(10));
    clock.advance(999);
    clock.step(3_600_000);
    await store.playLog.note("a", progress(20));
    expect(await positionOf(store)).toBe(10);
    clock.advance(1);
    await store.playLog.note("a", progress(30));
    expect(await positionOf(store)).toBe(30);
  });

  it("ends what a dying card spoilt, once, with what can still be read of it, and does not play it again", async () => {
    const first = await temporaryStore();
    for (const key of ["a", "b", "c"]) {
      await first.store.playLog.begin(header(key), progress(0));
      await first.store.playLog.addSegment(key, segment(0, 1_000), progress(1_000));
      await first.store.playLog.addSegment(key, segment(1_000, 2_000), progress(2_000));
    }
    await first.store.database.run("UPDATE open_slots SET progress = substr(progress, 2) WHERE key = 'a'");
    await first.store.database.run("UPDATE open_segments SET segment = substr(segment, 2) WHERE key = 'b' AND n = 3");
    await first.store.database.run("UPDATE open_slots SET header = substr(header, 2) WHERE key = 'c'");
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    const open = [{ header: header("b"), progress: progress(2_000), segments: [segment(1_000, 2_000)] }];
    // Each output asks: one of them slowly, of what another one's asking has ended meanwhile.
    const slow = Promise.withResolvers<void>();
    const { database } = store;
    database.all = async (sql, ...values) => {
      Reflect.deleteProperty(database, "all");
      const rows = await database.all(sql, ...values);
      await slow.promise;
      return rows as never;
    };
    const slowly = store.playLog.open();
    expect(await Promise.all([store.playLog.open(), store.playLog.open()])).toEqual([open, open]);
    slow.resolve();
    expect(await slowly).toEqual(open);
    expect(store.unreadable.names).toEqual(["stretch of b"]);
    expect(await store.playLog.end(header("b"), "interrupted", null)).toBe(true);
    expect(store.unreadable.names).toEqual([]);
    for (const key of ["a", "c"]) {
      expect(await store.playLog.begin(header(key), progress(0))).toBe(false);
      expect(await store.playLog.end(header(key), "played", null)).toBe(false);
    }
    const records = await store.journal.list({ limit: 10 });
    const plannedAt = "2026-11-21T05:00:00.000Z";
    expect(records.map(({ kind, body }) => [kind, body.key, body.outcome, body.audibleMs, body.plannedAt])).toEqual([
      ["slot", "a", "interrupted", 2_000, plannedAt],
      ["slot", "c", "interrupted", 2_000, plannedAt],
      ["slot", "b", "interrupted", 1_000, plannedAt],
    ]);
    const [a, c] = records.map(({ body }) => body);
    expect([a?.title, c?.title]).toEqual(["Bản tin sáng", undefined]);
    expect(a?.why).toMatchObject({ reason: "too-late", detail: expect.stringContaining("spoilt on the disk") });
  });

  it("goes on where the disk refuses to end what was spoilt, and ends it at the next start", async () => {
    const first = await temporaryStore();
    await first.store.playLog.begin(header("a"), progress(0));
    await first.store.database.run("UPDATE open_slots SET progress = substr(progress, 2)");
    await first.store.close();
    const second = await temporaryStore({ folder: first.folder });
    refuseAfter(second.store, 0);
    expect([await second.store.playLog.open(), second.store.unreadable.names]).toEqual([[], ["open slot a"]]);
    await second.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    expect([await store.playLog.open(), store.unreadable.names, store.journal.head().seq]).toEqual([[], [], 1]);
  });

  it("takes a segment for a slot that is not open for a bug", async () => {
    const { store } = await temporaryStore();
    await expect(store.playLog.addSegment("a", segment(0, 1), progress(1))).rejects.toThrow("is not open");
  });

  it("forgets keys 40 days after their plan, yet keeps the newest 5,000 and the open ones", async () => {
    const first = await temporaryStore();
    await first.store.playLog.begin(header("open"), progress(0));
    await first.store.transaction(async (tx) => {
      for (let n = 1; n <= 5_010; n++)
        await tx.run("INSERT INTO slot_keys (key, planned_ms) VALUES (?, ?)", `k${n}`, planned + n);
    });
    await first.store.close();
    const { store } = await temporaryStore({ folder: first.folder });
    await store.playLog.end(header("day 39", planned + 39 * DAY), "missed", null);
    expect(store.playLog.has("k1")).toBe(true);
    await store.playLog.end(header("day 41", planned + 41 * DAY), "missed", null);
    expect(["open", "k1", "k12", "k13", "k5010"].map((key) => store.playLog.has(key))).toEqual([
      true,
      false,
      false,
      true,
      true,
    ]);
  });
});
