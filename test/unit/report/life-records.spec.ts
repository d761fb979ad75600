import { describe, expect, it } from "vitest";
import { LifeRecords } from "../../../agent/report/life-records.ts";
import { localMonth } from "../../../agent/report/local-month.ts";
import { monthlyReport } from "../../../agent/report/monthly.ts";
import type { ClockTrust } from "../../../playback/model/clock-trust.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../playback/model/units.ts";
import type { Store } from "../../../storage/store.ts";
import { ManualClock } from "../../support/storage/manual-clock.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

class TrustClock extends ManualClock {
  trustNow: ClockTrust = "held";
  override trust(): ClockTrust {
    return this.trustNow;
  }
}

async function bench(folder?: string, clock = new TrustClock(Date.parse("2026-11-02T00:00:00Z"))) {
  const made = await temporaryStore({ clock, ...(folder !== undefined && { folder }) });
  const life = new LifeRecords({ store: made.store, clock, session: "s", version: "1" });
  const pass = async (ms: number, connected: boolean | null, step = 10 * SECOND) => {
    for (let left = ms; left > 0; left -= step) {
      clock.advance(Math.min(step, left));
      await life.observe(connected);
    }
  };
  return { ...made, clock, life, pass };
}
const kinds = async (store: Store) => (await store.journal.list({ limit: 100 })).map(({ kind }) => kind);

describe("the records of the agent's life", () => {
  it("let the report know a power cut to five minutes, and a clean stop exactly", async () => {
    const first = await bench();
    await first.life.started();
    await first.pass(HOUR + 3 * MINUTE, true);
    const cut = first.clock.now();
    await first.store.close();
    first.clock.advance(2 * HOUR);
    const second = await bench(first.folder, first.clock);
    await second.life.started();
    await second.pass(10 * MINUTE, true);
    await second.life.stopped();
    const stopped = second.clock.now();
    await second.store.close();
    second.clock.advance(HOUR);
    const third = await bench(first.folder, first.clock);
    await third.life.started();
    const month = localMonth("2026-11", "Asia/Ho_Chi_Minh");
    if (month === null) throw new Error("no month");
    const identity = { station: "s", commune: "00004", province: "01" };
    const { outages } = await monthlyReport(month, {
      journal: third.store.journal,
      verify: () => third.store.journal.verify(),
      identity,
      now: third.clock.now(),
    });
    expect(outages.map(({ kind }) => kind)).toEqual(["agent", "agent"]);
    const [killed, asked] = outages.map(({ from }) => Date.parse(from));
    expect(cut - (killed ?? 0)).toBeGreaterThanOrEqual(0);
    expect(cut - (killed ?? 0)).toBeLessThanOrEqual(5 * MINUTE);
    expect([asked, outages[1]?.ms]).toEqual([stopped, HOUR]);
    expect((await third.store.journal.list({ limit: 9 })).map(({ kind, body }) => [kind, body.clean])).toEqual([
      ["started", null],
      ["started", false],
      ["stopped", undefined],
      ["started", true],
    ]);
  });

  it("tell of a link that was gone for a minute or more, by the clock that never steps", async () => {
    const { store, life, pass, clock } = await bench();
    await life.started();
    await pass(50 * SECOND, false);
    await pass(MINUTE, true);
    await pass(10 * MINUTE, false);
    clock.step(DAY);
    await pass(10 * SECOND, true);
    const [, link] = await store.journal.list({ limit: 9 });
    expect(link).toMatchObject({
      kind: "link",
      body: { downMs: 10 * MINUTE, upAt: new Date(clock.now()).toISOString() },
    });
    expect(await kinds(store)).toEqual(["started", "link"]);
  });

  it("say nothing of a link where there is no broker", async () => {
    const { store, life, pass } = await bench();
    await life.started();
    await pass(HOUR, null, MINUTE);
    expect(await kinds(store)).toEqual(["started"]);
  });

  it("tell of a clock whose standing changed for good, not of one that wavers", async () => {
    const { store, life, pass, clock } = await bench();
    await life.started();
    for (let n = 0; n < 20; n++) {
      clock.trustNow = n % 2 === 0 ? "floor" : "held";
      await pass(30 * SECOND, null);
    }
    expect(await kinds(store)).toEqual(["started"]);
    clock.trustNow = "attested";
    await pass(2 * MINUTE, null);
    expect((await store.journal.list({ limit: 9 })).at(-1)).toMatchObject({
      kind: "clock",
      body: { from: "held", to: "attested" },
    });
  });

  it("tell how long schedules waited for a clock, from the start on", async () => {
    const { store, life, pass, clock } = await bench();
    clock.trustNow = "floor";
    await life.started();
    await pass(10 * MINUTE, null);
    clock.step(400 * DAY);
    clock.trustNow = "attested";
    await pass(2 * MINUTE, null);
    expect((await store.journal.list({ limit: 9 })).at(-1)).toMatchObject({
      kind: "clock",
      // It is seen at the first look after ten minutes.
      body: { from: "floor", to: "attested", blindMs: 10 * MINUTE + 10 * SECOND },
    });
    clock.trustNow = "floor";
    await pass(30 * SECOND, null);
    clock.trustNow = "attested";
    await pass(HOUR, null, MINUTE);
    clock.trustNow = "held";
    await pass(2 * MINUTE, null);
    expect((await store.journal.list({ limit: 9 })).at(-1)).toMatchObject({ body: { to: "held", blindMs: null } });
  });

  it("write an outage later where the disk refuses it", async () => {
    const { store, life, pass } = await bench();
    await life.started();
    await pass(5 * MINUTE, false);
    await store.database.run("CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT raise(ABORT, 'full'); END");
    await expect(pass(10 * SECOND, true)).rejects.toThrow("full");
    await store.database.run("DROP TRIGGER full");
    await pass(10 * SECOND, true);
    expect(await kinds(store)).toEqual(["started", "link"]);
  });

  it("write 12 notes an hour, not one a second", async () => {
    const { store, life, pass } = await bench();
    await life.started();
    let writes = 0;
    const notes = store.notes.set.bind(store.notes);
    store.notes.set = (...given) => {
      // It calls itself inside the transaction that it opens.
      if (given[0] === null) writes += 1;
      return notes(...given);
    };
    await pass(HOUR, true, SECOND);
    expect(writes).toBe(12);
  });
});
