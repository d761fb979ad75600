import { describe, expect, it } from "vitest";
import { ofCache } from "../../../agent/health/observe.ts";
import { Housekeeping } from "../../../agent/housekeeping.ts";
import { LifeRecords } from "../../../agent/report/life-records.ts";
import type { Parts } from "../../../agent/station.ts";
import { markUndated } from "../../../agent/undated-events.ts";
import type { ClockTrust } from "../../../playback/model/clock-trust.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import { DAY, HOUR, MINUTE, type Sha256 } from "../../../playback/model/units.ts";
import type { Needs } from "../../../storage/content/fetch-queue.ts";
import type { CacheAccount } from "../../../storage/content/media-options.ts";
import { ManualClock } from "../../support/storage/manual-clock.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

class TrustClock extends ManualClock {
  trustNow: ClockTrust = "held";
  override trust(): ClockTrust {
    return this.trustNow;
  }
}

/** The agent around a real store, as far as housekeeping looks at it. */
async function bench(clock = new TrustClock(), within?: string) {
  const { store, folder } = await temporaryStore({ clock, ...(within === undefined ? {} : { folder: within }) });
  await markUndated(store);
  const needs: Needs[] = [];
  /** What becomes of forgetting an alert that is over. */
  const alert = { forgotten: 0, refuses: null as Error | null };
  const forgetEnded = () => {
    alert.forgotten += 1;
    return alert.refuses === null ? Promise.resolve() : Promise.reject(alert.refuses);
  };
  /** What becomes of offering the disk what it refused. */
  const disk = { settles: () => Promise.resolve(false) };
  const settle = () => disk.settles();
  let tended = 0;
  const tend = async () => {
    tended += 1;
  };
  const trouble = { storage: null, pruned: null } as unknown as Parts["trouble"];
  const facts = {
    ...{
      zone: "Asia/Ho_Chi_Minh",
      outputs: [],
      programmes: [],
      approved: new Map(),
      live: new Map(),
      suspensions: [],
      playlists: [],
      texts: new Set(),
      emergencies: [],
    },
    ...{ announcements: [], policy: DEFAULT_POLICY, muted: false },
  };
  const parts = {
    ...{
      clock,
      store,
      trouble,
      board: { facts, forgetEnded, dateRaised: async () => undefined, settle: async () => undefined },
      link: { connected: true },
      recordings: { tend },
      config: { brokers: () => [] },
    },
    life: new LifeRecords({ store, clock, session: "s", version: "1" }),
    media: { setNeeds: (list: Needs) => void needs.push(list) },
    admission: { documents: [], forgetOldAlerts: () => Promise.resolve(), settle },
    log: { error: () => undefined },
  };
  const append = (kind: string) => store.transaction((tx) => store.journal.append(tx, clock.now(), kind, {}, "log"));
  return {
    clock,
    store,
    folder,
    alert,
    tended: () => tended,
    needs,
    trouble,
    disk,
    append,
    housekeeping: new Housekeeping(parts as unknown as Parts),
  };
}

describe("housekeeping", () => {
  it("prunes within the hour what the source keeps and 400 days have passed over, and writes that down", async () => {
    const { clock, store, trouble, append, housekeeping } = await bench();
    await housekeeping.started();
    for (const kind of ["a", "b"]) await append(kind);
    const { seq, hash } = store.journal.head();
    await store.transaction((tx) => store.journal.keep(tx, { seq, hash, evidence: Buffer.alloc(1) }, clock.now()));
    await housekeeping.tick();
    expect(store.journal.head().seq).toBe(3);
    clock.advance(401 * DAY);
    // A clock that nobody may trust decides nothing about age.
    clock.trustNow = "floor";
    await housekeeping.tick();
    expect(trouble.pruned).toBeNull();
    clock.trustNow = "held";
    await housekeeping.tick();
    expect(trouble.pruned?.what).toBe("2 record(s) before 3");
    const records = await store.journal.list({ limit: 9 });
    expect(records.map(({ kind }) => kind)).toEqual(["b", "pruned"]);
    expect(records[1]?.body).toEqual({ count: 2, checkpoint: { seq, hash } });
    expect(await store.journal.verify()).toEqual({ ok: true, count: 4, pruned: 2 });
    clock.advance(2 * HOUR);
    await housekeeping.tick();
    expect(store.journal.head().seq).toBe(4);
  });

  it("gives up nothing that happened while there was no clock to trust, over restarts, when the time is told at last", async () => {
    const clock = new TrustClock(0);
    clock.trustNow = "unknown";
    const first = await bench(clock);
    await first.append("before");
    await first.housekeeping.tick();
    await first.store.close();
    const { store, append, housekeeping } = await bench(clock, first.folder);
    await append("after");
    await housekeeping.tick();
    clock.step(Date.parse("2026-11-21T05:00:00Z"));
    clock.trustNow = "attested";
    await housekeeping.tick();
    expect(await store.outbox.stats()).toMatchObject({ rows: 2, missing: 0 });
    // What comes from then on ages as everything does, log lines for 15 days; those two stay until the source has them.
    await append("dated");
    clock.advance(16 * DAY);
    await housekeeping.tick();
    const left = await store.outbox.batch(0, 3);
    expect(left.map(({ kind }) => kind)).toEqual(["event", "event", "gap"]);
    await store.outbox.acknowledge(null, 3);
    clock.advance(HOUR);
    await housekeeping.tick();
    expect(store.notes.get("undated-events")).toEqual({ after: null, spans: [] });
  });

  it("looks after the recordings every 10 minutes, whatever the clock is worth", async () => {
    const { clock, tended, housekeeping } = await bench();
    clock.trustNow = "unknown";
    await housekeeping.tick();
    clock.advance(9 * MINUTE);
    await housekeeping.tick();
    expect(tended()).toBe(1);
    clock.advance(MINUTE);
    await housekeeping.tick();
    expect(tended()).toBe(2);
  });

  it("tells the cache what is needed every 10 minutes and whenever the clock's standing changes", async () => {
    const { clock, needs, housekeeping } = await bench();
    for (let second = 0; second < 20 * 60; second += 10) {
      await housekeeping.tick();
      clock.advance(10_000);
    }
    expect(needs).toHaveLength(2);
    clock.trustNow = "unknown";
    await housekeeping.tick();
    expect(needs.map((one) => one === null)).toEqual([false, false, true]);
  });

  it("lives through a disk that takes no writes, tells it, and takes the complaint back", async () => {
    const { clock, store, trouble, housekeeping } = await bench();
    await store.database.run("CREATE TRIGGER full BEFORE INSERT ON notes BEGIN SELECT raise(ABORT, 'full'); END");
    await housekeeping.started();
    expect(trouble.storage).toContain("full");
    await housekeeping.tick();
    expect(trouble.storage).toContain("full");
    await store.database.run("DROP TRIGGER full");
    clock.advance(5 * MINUTE);
    await housekeeping.tick();
    expect(trouble.storage).toBeNull();
  });
});

it("what the disk refused is offered to it every ten seconds; whoever told of it is taken back then", async () => {
  const { clock, disk, trouble, housekeeping } = await bench();
  const ticks = async () => {
    clock.advance(9_000);
    await housekeeping.tick();
    const before = trouble.storage;
    clock.advance(1_000);
    await housekeeping.tick();
    return [before, trouble.storage];
  };
  await housekeeping.tick();
  trouble.storage = "full";
  disk.settles = () => Promise.reject(new Error("still full"));
  expect(await ticks()).toEqual(["full", "still full"]);
  disk.settles = () => Promise.resolve(true);
  expect(await ticks()).toEqual(["still full", null]);
  trouble.storage = "of somebody else";
  disk.settles = () => Promise.resolve(false);
  expect(await ticks()).toEqual(["of somebody else", "of somebody else"]);
});

describe("an alert that was raised on the spot and is over", () => {
  it("is forgotten within a second, also without a clock to trust; a disk that refuses is told and asked again", async () => {
    const { clock, alert, trouble, housekeeping } = await bench();
    clock.trustNow = "floor";
    alert.refuses = new Error("full");
    await housekeeping.tick();
    expect([alert.forgotten, trouble.storage]).toEqual([1, "full"]);
    alert.refuses = null;
    clock.advance(1_000);
    await housekeeping.tick();
    expect([alert.forgotten, trouble.storage]).toEqual([2, null]);
  });
});

describe("the concerns of the cache", () => {
  const digest = "a".repeat(64) as Sha256;
  const account: CacheAccount = {
    ...{ usedBytes: 0, capacityBytes: 0, freeBytes: 0, dayBytes: 7_000_000, monthBytes: 9_000_000 },
    ...{ exemptMonthBytes: 0, squeezed: [], overBudget: [], givenUp: [] },
  };
  const observed = (change: Partial<CacheAccount> | null) =>
    ofCache({
      media: { account: () => (change === null ? null : { ...account, ...change }) },
      board: { facts: { approved: new Map([[digest, { title: "Bản tin" }]]) } },
    } as unknown as Parts);

  it("are none while all is well or nothing is known", () => {
    expect([observed(null), observed({})]).toEqual([{}, {}]);
  });

  it("name what has no room, what waits for the budget, and what was given up", () => {
    expect(observed({ squeezed: [digest], overBudget: [digest, digest], givenUp: [digest] })).toEqual({
      "cache-over-quota": "no room for 1, first 'Bản tin'",
      "data-budget-spent": "7 MB today, 9 MB this month; waiting: 2, first 'Bản tin'",
      "media-given-up": "1, first 'Bản tin'",
    });
  });
});
