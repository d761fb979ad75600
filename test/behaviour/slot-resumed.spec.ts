/** A slot that made place or was cut off: what of it is taken up again, and what it is recorded as. */
import { afterEach, describe, expect, it } from "vitest";
import type { Programme } from "../../playback/model/schedule.ts";
import { MINUTE, SECOND } from "../../playback/model/units.ts";
import { alert, item, local, ORIGIN, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";

let cluster: VirtualCluster;
/** Adopted before the day's first slot, after the last of the day before. */
const TODAY = { ...ORIGIN, adoptedAt: local("2026-11-20 04:00:00") };

async function at(
  start: string,
  ...rest: ConstructorParameters<typeof VirtualCluster> extends [unknown, ...infer R] ? R : never
) {
  cluster = new VirtualCluster(local(start), ...rest);
  await cluster.conductor.start();
  return cluster;
}

const what = (c: VirtualCluster) => c.heard().map((line) => line.slice(15));
const standing = (...alerts: ReturnType<typeof alert>[]) => alerts.map((emergency) => ({ emergency, ended: null }));
const sang = (names: readonly string[], change: Partial<Programme> = {}) =>
  programme("sang", { items: names.map(item), origin: TODAY, ...change });

afterEach(() => expect(cluster.faults).toEqual([]));

describe("a slot whose document changes while it waits to be taken up again", () => {
  /** Cut off in its second item. */
  async function displaced() {
    const c = await at("2026-11-20 04:59:59", { programmes: [sang(["a", "b", "c"])] });
    await c.clock.advance(16 * SECOND);
    c.change({ emergencies: standing(alert("bao")) });
    await c.clock.advance(SECOND);
    expect(what(c)).toEqual(["a 0–10", "b 0–5", "bao 0–…"]);
    return c;
  }

  it.each([
    [
      ["x", "y", "z"],
      ["x 0–10", "y 0–10", "z 0–10"],
    ],
    [["x"], ["x 0–10"]],
  ])("to %j begins with what it is made of now", async (names, heard) => {
    const c = await displaced();
    c.change({ programmes: [sang(names)] });
    await c.clock.advance(MINUTE);
    expect(what(c).slice(3)).toEqual(heard);
    expect(c.records()).toEqual(["bao played", "sang played"]);
  });

  it("begins with it also after a power cut", async () => {
    const before = await at("2026-11-20 04:59:59", { programmes: [sang(["a", "b", "c"])] });
    await before.clock.advance(16 * SECOND);
    const programmes = [sang(["x", "y"])];
    const c = new VirtualCluster(before.clock.now() + 20 * SECOND, { programmes }, {}, { log: before.log });
    cluster = c;
    await c.conductor.start();
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["x 0–10", "y 0–10"]);
  });

  it("goes on where it stood where only its document is another one", async () => {
    const c = await displaced();
    const origin = { ...TODAY, documentSha256: "e".repeat(64) as typeof ORIGIN.documentSha256 };
    c.change({ programmes: [sang(["a", "b", "c"], { origin, title: "Sáng", volume: 20 })] });
    await c.clock.advance(MINUTE);
    expect(what(c).slice(3)).toEqual(["b 5–10", "c 0–10"]);
  });
});

describe("a slot that has nothing to sound", () => {
  it("is not recorded as played", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes: [sang([])] });
    await c.clock.advance(MINUTE);
    expect(c.records()).toEqual(["sang failed"]);
  });
});

describe("a slot whose window ends while it makes place with its item", () => {
  const greater = programme("uutien", { class: "priority", start: "05:00:25", origin: TODAY });
  const window = { end: "05:00:25", overrun: "finish-item" } as const;

  it.each([
    ["played where it repeats", { loop: true }, ["a 0–20", "b 0–20", "uutien 0–10"], "sang played"],
    ["partly played where items are left", {}, ["a 0–20", "b 0–20", "uutien 0–10"], "sang partial"],
    [
      "interrupted where its word is to play them all",
      { overrun: "finish" } as const,
      null,
      "sang interrupted too-late",
    ],
  ])("was %s", async (_, change, heard, record) => {
    const programmes = [sang(["a", "b", "c"], { ...window, ...change }), greater];
    const c = await at("2026-11-20 04:59:59", { programmes }, { a: 20_000, b: 20_000, c: 20_000, uutien: 10_000 });
    await c.clock.advance(2 * MINUTE);
    if (heard !== null) expect(what(c)).toEqual(heard);
    expect(c.records()).toContain(record);
  });
});

describe("a slot that an alert interrupts while the clock is put right", () => {
  it("was interrupted for as long as the alert sounded", async () => {
    const c = await at("2026-11-20 05:59:59", { programmes: [sang(["a"], { start: "06:00" })] }, { a: 5 * MINUTE });
    await c.clock.advance(31 * SECOND);
    c.change({ emergencies: standing(alert("bao")) });
    await c.clock.advance(5 * SECOND);
    c.clock.step(20 * MINUTE);
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["a 0–30", "bao 0–10", "a 30–…"]);
  });
});

describe("a bulletin that takes the output when the running item ends", () => {
  const programmes = [
    sang(["dai"]),
    programme("uutien", { class: "priority", start: "05:01", origin: TODAY }),
    programme("sau", { start: "05:02", origin: TODAY }),
  ];

  it("is not too late for it, however short it is itself; an equal one still follows", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes }, { dai: 10 * MINUTE });
    await c.clock.advance(11 * MINUTE);
    expect(what(c)).toEqual(["dai 0–600", "uutien 0–10", "sau 0–10"]);
    expect(c.records()).toEqual(["sang played", "uutien played", "sau played"]);
  });

  it("is too late where it would have to wait longer than half an hour", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes: programmes.slice(0, 2) }, { dai: 40 * MINUTE });
    await c.clock.advance(41 * MINUTE);
    expect(what(c)).toEqual(["dai 0–2400"]);
    expect(c.records()).toEqual(["uutien missed too-late", "sang played"]);
  });
});
