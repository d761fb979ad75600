/** Neighbouring horns that do not talk over each other: one sounds what is scheduled some seconds later, and nothing of it is lost. */
import { afterEach, describe, expect, it } from "vitest";
import { lookAt } from "../../agent/health/air-watch.ts";
import { agenda } from "../../playback/agenda/agenda.ts";
import { DEFAULT_POLICY } from "../../playback/model/policy.ts";
import { HOUR, MINUTE, SECOND } from "../../playback/model/units.ts";
import { alert, item, local, nameOf, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";

let cluster: VirtualCluster;

/** A late start is a fault of the virtual cluster: what is late on purpose is none. */
afterEach(() => expect(cluster.faults).toEqual([]));

async function at(start: string, facts: ConstructorParameters<typeof VirtualCluster>[1]) {
  cluster = new VirtualCluster(local(start), { staggerMs: 20 * SECOND, ...facts }, { a: 25_000 });
  await cluster.conductor.start();
  return cluster;
}
const heard = (c: VirtualCluster) =>
  c.sound.heard.map(({ what, startedAt, endedAt }) => {
    const clock = (when: number) => new Date(when + 7 * HOUR).toISOString().slice(11, 19);
    return `${clock(startedAt)}–${endedAt === null ? "…" : clock(endedAt)} ${nameOf(what)}`;
  });

const windowed = programme("sang", { end: "05:01", loop: true, overrun: "cut", items: [item("a")] });

describe("an output that is staggered by 20 s", () => {
  it("gives a window its whole length, with the plan and the stagger in the record", async () => {
    const c = await at("2026-11-20 04:59:00", { programmes: [windowed] });
    await c.clock.advance(3 * MINUTE);
    expect(heard(c)).toEqual(["05:00:20–05:00:45 a", "05:00:45–05:01:10 a", "05:01:10–05:01:20 a"]);
    expect(c.records()).toEqual(["sang played"]);
    expect(c.log.records[0]?.header).toMatchObject({ plannedAt: local("2026-11-20 05:00:00"), staggerMs: 20_000 });
  });

  it("lets what cuts in at the end of a programme cut nothing of it", async () => {
    const next = programme("sau", {
      start: "05:01",
      class: "priority",
      lateness: { word: "cut-in" },
      items: [item("b")],
    });
    const c = await at("2026-11-20 04:59:00", { programmes: [windowed, next] });
    await c.clock.advance(4 * MINUTE);
    expect(heard(c).slice(-2)).toEqual(["05:01:10–05:01:20 a", "05:01:20–05:01:30 b"]);
    expect(c.records()).toEqual(["sang played", "sau played"]);
  });

  it("expects nobody to hear anything before", async () => {
    const c = await at("2026-11-20 04:59:50", { programmes: [windowed] });
    await c.clock.advance(25 * SECOND);
    const { conductor, sound } = c;
    expect(lookAt({ name: "horn", gainDb: 0, conductor, sound }).expected).toBeNull();
    await c.clock.advance(10 * SECOND);
    expect(lookAt({ name: "horn", gainDb: 0, conductor, sound }).expected).toMatchObject({ item: "a" });
  });

  it("keeps to the quiet hours of the clock on the wall", async () => {
    const policy = { ...DEFAULT_POLICY, quietHours: [{ from: "05:00:50", to: "06:00" }] };
    const c = await at("2026-11-20 04:59:00", { programmes: [windowed], policy });
    await c.clock.advance(3 * MINUTE);
    expect(heard(c)).toEqual(["05:00:20–05:00:45 a", "05:00:45–05:00:50 a"]);
  });

  it("begins at once what nobody scheduled", async () => {
    const c = await at("2026-11-20 05:00:05", { programmes: [windowed] });
    c.change({ emergencies: [{ emergency: alert("lu"), ended: null }] });
    await c.clock.advance(2 * SECOND);
    expect(heard(c)[0]?.slice(0, 8)).toBe("05:00:05");
  });

  it("knows a slot under the same name, on the day of its plan", async () => {
    const night = programme("dem", { start: "23:59:50", items: [item("a")] });
    const c = await at("2026-11-20 23:59:00", { programmes: [night] });
    const [slot] = agenda(c.conductor.facts, local("2026-11-20 23:59:55"), local("2026-11-21 00:01:00"));
    expect(slot).toMatchObject({ plannedAt: local("2026-11-20 23:59:50"), start: local("2026-11-21 00:00:10") });
    const plain = agenda(
      { ...c.conductor.facts, staggerMs: 0 },
      local("2026-11-20 23:59:00"),
      local("2026-11-21 00:01:00"),
    );
    expect(plain.map(({ key }) => key)).toEqual([slot?.key]);
  });
});
