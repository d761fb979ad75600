/** What stands above a schedule: suspensions, caps on sessions, the limits of a signer, the supply; and who comes first among equals. */
import { afterEach, describe, expect, it } from "vitest";
import { orderBy } from "../../playback/agenda/commune-order.ts";
import type { SuspensionPeriod } from "../../playback/model/facts.ts";
import { DEFAULT_POLICY, type Policy } from "../../playback/model/policy.ts";
import type { OriginLimits } from "../../playback/model/schedule.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../playback/model/units.ts";
import { alert, item, local, ORIGIN, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";

let cluster: VirtualCluster | null = null;

async function at(
  start: string,
  ...rest: ConstructorParameters<typeof VirtualCluster> extends [unknown, ...infer Rest] ? Rest : never
) {
  cluster = new VirtualCluster(local(start), ...rest);
  await cluster.conductor.start();
  return cluster;
}

afterEach(() => {
  expect(cluster?.faults ?? []).toEqual([]);
  cluster = null;
});

const policy = (change: Partial<Policy>): Policy => ({ ...DEFAULT_POLICY, quietHours: [], ...change });

const mourning = (change: Partial<SuspensionPeriod> = {}): SuspensionPeriod => ({
  id: "quoc-tang",
  reason: "Quốc tang",
  from: "2026-11-20",
  until: "2026-11-21",
  classes: ["normal"],
  replaceBy: [],
  ...change,
});

describe("a suspension", () => {
  const programmes = [
    programme("thuong", { items: [item("a"), item("b")], repeats: { count: 3, gapMs: 1_000 } }),
    programme("uutien", { class: "priority", start: "06:00" }),
  ];

  it("silences its classes on its dates, both included, and says so", async () => {
    const c = await at("2026-11-19 12:00:00", { programmes, suspensions: [mourning()] }, {}, { beat: MINUTE });
    await c.clock.advance(3 * DAY);
    expect(c.heard().filter((line) => line.includes("uutien"))).toHaveLength(3);
    expect(c.records().filter((line) => line.startsWith("thuong"))).toEqual([
      "thuong refused suspended",
      "thuong refused suspended",
      "thuong played",
    ]);
  });

  it("that replaces plays its own items, once, at the programme's time", async () => {
    const suspensions = [mourning({ replaceBy: [{ ...item("nhac-le"), kind: "media" }] })];
    const c = await at("2026-11-20 04:59:00", { programmes, suspensions }, {}, { beat: MINUTE });
    await c.clock.advance(2 * HOUR);
    expect(c.heard()).toEqual(["11-20 05:00:00 nhac-le 0–10", "11-20 06:00:00 uutien 0–10"]);
    expect(c.records()).toEqual(["thuong played", "uutien played"]);
  });

  it("that silences wins over one that replaces", async () => {
    const suspensions = [mourning({ id: "tet", replaceBy: [{ ...item("nhac"), kind: "media" }] }), mourning()];
    const c = await at("2026-11-20 04:59:00", { programmes, suspensions });
    await c.clock.advance(5 * MINUTE);
    expect(c.heard()).toEqual([]);
    expect(c.records()).toEqual(["thuong refused suspended"]);
  });

  it("ends what it forbids though it sounds already", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("dai")] }, { dai: 60_000 });
    await c.clock.advance(5 * SECOND);
    c.change({ suspensions: [mourning()] });
    await c.clock.advance(MINUTE);
    expect(c.heard()).toEqual(["11-20 05:00:00 dai 0–4"]);
    expect(c.records()).toEqual(["dai interrupted suspended"]);
  });
});

describe("the cap on sessions", () => {
  const hours = ["05:00", "06:00", "07:00", "08:00"];
  const programmes = hours.map((start, index) => programme(`p${index}`, { start }));

  it("lets two sound on a day and refuses the rest, on each day anew", async () => {
    const c = await at(
      "2026-11-20 00:00:00",
      { programmes, policy: policy({ sessionsPerDay: 2 }) },
      {},
      { beat: MINUTE },
    );
    await c.clock.advance(2 * DAY - SECOND);
    expect(c.heard().map((line) => line.slice(0, 14))).toEqual([
      "11-20 05:00:00",
      "11-20 06:00:00",
      "11-21 05:00:00",
      "11-21 06:00:00",
    ]);
    expect(c.records().filter((line) => line.includes("session-limit"))).toHaveLength(4);
  });

  it("does not count emergencies, nor slots that did not sound", async () => {
    const c = await at(
      "2026-11-20 04:59:00",
      { programmes, policy: policy({ sessionsPerDay: 1 }) },
      {},
      { beat: MINUTE },
    );
    c.bad.set("p0", "media-missing");
    c.change({ emergencies: [{ emergency: alert("bao"), ended: null }] });
    await c.clock.advance(4 * HOUR);
    expect(c.heard().map((line) => line.slice(15))).toEqual(["bao 0–10", "p1 0–10"]);
    expect(c.records()).toEqual([
      "bao played",
      "p0 failed",
      "p1 played",
      "p2 refused session-limit",
      "p3 refused session-limit",
    ]);
  });

  it("gives the last session to the greater right", async () => {
    const both = [programme("thuong"), programme("uutien", { class: "priority" })];
    const c = await at("2026-11-20 04:59:00", { programmes: both, policy: policy({ sessionsPerDay: 1 }) });
    await c.clock.advance(5 * MINUTE);
    expect(c.records().sort()).toEqual(["thuong refused session-limit", "uutien played"]);
  });

  it("survives a restart of the agent", async () => {
    const sessions = [0, 1].map((index) => ({
      key: `commune:p${index}@x`,
      kind: "programme" as const,
      plannedAt: local(`2026-11-20 ${hours[index]}`),
      soundedMs: 10_000,
    }));
    const c = await at(
      "2026-11-20 06:30:00",
      { programmes: programmes.slice(2), policy: policy({ sessionsPerDay: 2 }) },
      {},
      { beat: MINUTE, sessions },
    );
    await c.clock.advance(DAY);
    expect(c.heard().map((line) => line.slice(0, 14))).toEqual([]);
    expect(c.records()).toEqual(["p2 refused session-limit", "p3 refused session-limit"]);
  });

  it("ends a slot after its longest session, to the second, and counts what sounded before an interruption", async () => {
    const c = await at(
      "2026-11-20 04:59:59",
      { programmes: [programme("dai")], policy: policy({ sessionLengthMs: 30_000 }) },
      { dai: 120_000 },
    );
    await c.clock.advance(11 * SECOND);
    c.change({ emergencies: [{ emergency: alert("bao"), ended: null }] });
    await c.clock.advance(2 * MINUTE);
    expect(c.heard().map((line) => line.slice(15))).toEqual(["dai 0–10", "bao 0–10", "dai 10–30"]);
    expect(c.records()).toEqual(["bao played", "dai interrupted session-limit"]);
  });
});

describe("the limits of a signer", () => {
  const limited = (limits: OriginLimits) => ({ ...ORIGIN, adoptedAt: local("2026-11-20 00:00"), limits });

  it("end a slot after the longest run that its keys may ask for", async () => {
    const programmes = [programme("dai", { origin: limited({ longestMs: 20_000 }) })];
    const c = await at("2026-11-20 04:59:59", { programmes }, { dai: 60_000 });
    await c.clock.advance(2 * MINUTE);
    expect(c.heard()).toEqual(["11-20 05:00:00 dai 0–20"]);
    expect(c.records()).toEqual(["dai interrupted out-of-scope"]);
  });

  it("hold the volume down, also that of an alert", async () => {
    const origin = limited({ loudest: 40 });
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("to", { origin, volume: 100 })] });
    await c.clock.advance(MINUTE);
    c.change({ emergencies: [{ emergency: alert("bao", { origin, volume: 100 }), ended: null }] });
    await c.clock.advance(MINUTE);
    // 40 % is 60 % below full: −18 dB.
    expect(c.sound.heard.map(({ gain }) => gain)).toEqual([-18, -18]);
  });

  it("refuse what lies outside its hours, and end what reaches their end", async () => {
    const origin = limited({ hours: [{ from: "05:00", to: "05:30" }] });
    const programmes = [
      programme("som", { origin, start: "04:30" }),
      programme("dung", { origin, start: "05:10" }),
      programme("cuoi", { origin, start: "05:29:50" }),
    ];
    const c = await at("2026-11-20 04:29:00", { programmes }, { cuoi: 60_000 }, { beat: MINUTE });
    await c.clock.advance(2 * HOUR);
    expect(c.heard()).toEqual(["11-20 05:10:00 dung 0–10", "11-20 05:29:50 cuoi 0–10"]);
    expect(c.records()).toEqual(["som refused out-of-scope", "dung played", "cuoi interrupted out-of-scope"]);
  });
});

describe("on battery", () => {
  const programmes = [
    programme("nen", { filler: true, start: "04:00", end: "09:00", loop: true }),
    programme("thuong", { start: "05:00" }),
    programme("uutien", { class: "priority", start: "05:00:30" }),
    programme("sau", { class: "priority", start: "06:00" }),
  ];

  it("drops filler and normal items, plays priority above the reserve, and only emergencies below it", async () => {
    const c = await at("2026-11-20 04:59:30", { programmes, power: "battery" }, {}, { beat: MINUTE });
    await c.clock.advance(45 * MINUTE);
    expect(c.heard()).toEqual(["11-20 05:00:30 uutien 0–10"]);
    // What waited for the mains is closed when its last chance is over.
    expect(c.records().toSorted()).toEqual(["thuong refused on-battery", "uutien played"]);
    c.change({ power: "reserve", emergencies: [{ emergency: alert("bao"), ended: null }] });
    await c.clock.advance(HOUR);
    expect(
      c
        .heard()
        .slice(1)
        .map((line) => line.slice(15)),
    ).toEqual(["bao 0–10"]);
    expect(c.records().slice(2)).toEqual(["bao played", "sau refused on-battery"]);
  });

  it("ends what sounds when the mains fail, and takes it up again when they are back in time", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("thuong")] }, { thuong: 60_000 });
    await c.clock.advance(11 * SECOND);
    c.change({ power: "battery" });
    await c.clock.advance(MINUTE);
    c.change({ power: "mains" });
    await c.clock.advance(2 * MINUTE);
    expect(c.heard().map((line) => line.slice(15))).toEqual(["thuong 0–10", "thuong 10–60"]);
    expect(c.records()).toEqual(["thuong played"]);
  });
});

describe("programmes of three levels", () => {
  const central = programme("tin", { class: "priority", level: "central", order: 5 });
  const province = programme("tin", { class: "priority", level: "province", order: 1 });
  const commune = programme("tin", { class: "priority", level: "commune", order: 9 });
  const named = (one: typeof central) => ({ ...one, items: [item(one.level)] });
  const programmes = [central, province, commune].map(named);

  it("that bear one name and one hour all play, by their own order", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes });
    await c.clock.advance(2 * MINUTE);
    expect(c.heard().map((line) => line.slice(15))).toEqual(["province 0–10", "central 0–10", "commune 0–10"]);
  });

  it("play in the order of the commune's signed word", async () => {
    const order = [
      { level: "commune", id: "tin" },
      { level: "central", id: "tin" },
      { level: "commune", id: "tin" },
      { level: "central", id: "khong-co" },
    ] as const;
    const c = await at("2026-11-20 04:59:59", { programmes: orderBy(programmes, order) });
    await c.clock.advance(2 * MINUTE);
    expect(c.heard().map((line) => line.slice(15))).toEqual(["commune 0–10", "central 0–10", "province 0–10"]);
  });

  it("never lets the commune's word lift a normal item above a priority one", async () => {
    const normal = programme("thuong");
    const ordered = orderBy([...programmes, normal], [{ level: "commune", id: "thuong" }]);
    const c = await at("2026-11-20 04:59:59", { programmes: ordered });
    await c.clock.advance(2 * MINUTE);
    expect(c.heard().at(-1)).toContain("thuong");
  });
});
