/** What a commune expects of its schedule, on the real deciding and conducting in virtual time. */
import { afterEach, describe, expect, it } from "vitest";
import { agenda } from "../../playback/agenda/agenda.ts";
import { DEFAULT_POLICY } from "../../playback/model/policy.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../playback/model/units.ts";
import { item, local, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";

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

describe("a programme of every day", () => {
  it("plays its items joined, at its local time, once", async () => {
    const morning = programme("sang", { items: [item("a"), item("b")] });
    const c = await at("2026-11-20 04:59:00", { programmes: [morning] }, { a: 3_000, b: 4_000 });
    await c.clock.advance(2 * MINUTE);
    expect(c.heard()).toEqual(["11-20 05:00:00 a 0–3", "11-20 05:00:03 b 0–4"]);
    expect(c.records()).toEqual(["sang played"]);
    await c.clock.advance(2 * HOUR);
    expect(c.heard()).toHaveLength(2);
  });

  it("warms the amplifier before the hour and leaves it off after the hold", async () => {
    const c = await at("2026-11-20 04:59:50", { programmes: [programme("sang")] });
    await c.clock.advance(MINUTE);
    const moves = c.amplifier.moves.map(({ at: when, lines }) => [Math.round(when), lines.power, lines.muted]);
    const [on, open, mute, off] = moves;
    expect(moves).toHaveLength(4);
    expect(on?.slice(1)).toEqual([true, true]);
    expect(open?.slice(1)).toEqual([true, false]);
    expect(Number(open?.[0]) - Number(on?.[0])).toBeGreaterThanOrEqual(800);
    // Unmuted and settled before 05:00:00, which is 10 s after the start.
    expect(Number(open?.[0])).toBeLessThanOrEqual(10_000 - 120);
    expect(Number(mute?.[0])).toBeGreaterThanOrEqual(20_000 + 150);
    expect(mute?.slice(1)).toEqual([true, true]);
    expect(off?.slice(1)).toEqual([false, true]);
    expect(Number(off?.[0]) - Number(mute?.[0])).toBeGreaterThanOrEqual(20_000);
  });

  it("repeats with its gap", async () => {
    const twice = programme("sang", { repeats: { count: 2, gapMs: 5_000 } });
    const c = await at("2026-11-20 04:59:59", { programmes: [twice] });
    await c.clock.advance(MINUTE);
    expect(c.heard()).toEqual(["11-20 05:00:00 sang 0–10", "11-20 05:00:15 sang 0–10"]);
    expect(c.records()).toEqual(["sang played"]);
  });

  it("goes on without an item that is missing, altered or not approved, and says why", async () => {
    const morning = programme("sang", { items: [item("a"), item("b"), item("c"), item("d")] });
    const c = await at("2026-11-20 04:59:00", { programmes: [morning] });
    c.bad.set("a", "media-altered").set("c", "digest-not-approved");
    await c.clock.advance(2 * MINUTE);
    expect(c.heard()).toEqual(["11-20 05:00:00 b 0–10", "11-20 05:00:10 d 0–10"]);
    expect(c.records()).toEqual(["sang partial"]);
    const refused = c.log.records[0]?.segments.filter(({ outcome }) => outcome === "refused");
    expect(refused?.map(({ itemId, refusal }) => [itemId, refusal?.reason])).toEqual([
      ["a", "media-altered"],
      ["c", "digest-not-approved"],
    ]);
  });

  it("is recorded as failed when nothing of it can play", async () => {
    const c = await at("2026-11-20 04:59:00", { programmes: [programme("sang")] });
    c.bad.set("sang", "media-missing");
    await c.clock.advance(2 * MINUTE);
    expect(c.heard()).toEqual([]);
    expect(c.records()).toEqual(["sang failed"]);
  });
});

describe("the calendar", () => {
  const night = programme("dem", {
    recurrence: { kind: "weekly", weekdays: ["FR"] },
    start: "22:00",
    end: "02:00",
    loop: true,
    overrun: "cut",
  });

  it("has Friday 22:00–02:00 on at Saturday 01:00 and off at Friday 01:00", async () => {
    const saturday = await at("2026-11-21 01:00:00", { programmes: [night] });
    await saturday.clock.advance(5 * SECOND);
    expect(saturday.heard()).toEqual(["11-21 01:00:00 dem 0–…"]);
    await saturday.clock.advance(HOUR);
    expect(saturday.conductor.onAir()).toBeNull();
    const friday = await at("2026-11-20 01:00:00", { programmes: [night] });
    await friday.clock.advance(MINUTE);
    expect(friday.heard()).toEqual([]);
  });

  it("has nothing before a rule's first date nor after its last", async () => {
    const dated = programme("sang", {
      recurrence: { kind: "weekly", weekdays: ["FR", "SA", "SU"], from: "2026-11-21", until: "2026-11-21" },
    });
    const c = await at("2026-11-20 00:00:00", { programmes: [dated] }, {}, { beat: MINUTE });
    await c.clock.advance(3 * DAY);
    expect(c.heard()).toEqual(["11-21 05:00:00 sang 0–10"]);
  });

  it("knows Sunday, in weekday form and as a rule", async () => {
    const sunday = programme("cn", { recurrence: { kind: "weekly", weekdays: ["SU"] } });
    const rule = programme("cn2", {
      recurrence: { kind: "rrule", dtstart: "2026-01-04T17:00:00", rrule: "FREQ=WEEKLY;BYDAY=SU" },
      start: "17:00",
    });
    const c = await at("2026-11-16 00:00:00", { programmes: [sunday, rule] }, {}, { beat: MINUTE });
    await c.clock.advance(7 * DAY);
    expect(c.heard()).toEqual(["11-22 05:00:00 cn 0–10", "11-22 17:00:00 cn2 0–10"]);
  });

  it.each(["00:00", "03:30", "06:59"])(
    "puts %s local on the right day, though it is the day before in UTC",
    async (start) => {
      const monday = programme("som", { recurrence: { kind: "weekly", weekdays: ["MO"] }, start });
      const c = await at("2026-11-22 12:00:00", { programmes: [monday] }, {}, { beat: MINUTE });
      await c.clock.advance(2 * DAY);
      expect(c.heard()).toEqual([`11-23 ${start}:00 som 0–10`]);
    },
  );

  it("starts a slot sixty days ahead, beyond what a 32-bit timer holds", async () => {
    const far = programme("xa", { recurrence: { kind: "once", date: "2027-01-19" } });
    const c = await at("2026-11-20 12:00:00", { programmes: [far] });
    const slots = agenda(c.conductor.facts, c.clock.now(), c.clock.now() + 61 * DAY);
    expect(slots.map(({ start }) => start - c.clock.now())).toEqual([60 * DAY - 7 * HOUR]);
    c.clock.step(60 * DAY - 7 * HOUR - 30 * SECOND);
    await c.clock.advance(MINUTE);
    expect(c.heard()).toEqual(["01-19 05:00:00 xa 0–10"]);
  });
});

describe("lateness and interruption", () => {
  it("lets a priority bulletin go ahead of a normal one that is due with it", async () => {
    const c = await at("2026-11-20 04:59:59", {
      programmes: [programme("thuong"), programme("uutien", { class: "priority", level: "province" })],
    });
    await c.clock.advance(MINUTE);
    expect(c.heard()).toEqual(["11-20 05:00:00 uutien 0–10", "11-20 05:00:10 thuong 0–10"]);
    expect(c.records()).toEqual(["uutien played", "thuong played"]);
  });

  it("lets a priority bulletin in at the end of the running item, and takes the programme up again", async () => {
    const c = await at("2026-11-20 04:59:59", {
      programmes: [
        programme("thuong", { items: [item("a"), item("b")] }),
        programme("uutien", { class: "priority", start: "05:00:05" }),
      ],
    });
    await c.clock.advance(MINUTE);
    expect(c.heard()).toEqual(["11-20 05:00:00 a 0–10", "11-20 05:00:10 uutien 0–10", "11-20 05:00:20 b 0–10"]);
    expect(c.records()).toEqual(["uutien played", "thuong played"]);
  });

  it("cuts in at once where the word says so, and resumes what it cut", async () => {
    const c = await at("2026-11-20 04:59:59", {
      programmes: [programme("thuong"), programme("cat", { start: "05:00:04", lateness: { word: "cut-in" } })],
    });
    await c.clock.advance(MINUTE);
    expect(c.heard()).toEqual(["11-20 05:00:00 thuong 0–4", "11-20 05:00:04 cat 0–10", "11-20 05:00:14 thuong 4–10"]);
    expect(c.records()).toEqual(["cat played", "thuong played"]);
  });

  it("waits no longer than its word allows", async () => {
    const c = await at(
      "2026-11-20 04:59:59",
      {
        programmes: [
          programme("dai"),
          programme("cho", { start: "05:00:02", lateness: { word: "wait", upToMs: 20_000 } }),
        ],
      },
      { dai: 60_000 },
    );
    await c.clock.advance(2 * MINUTE);
    expect(c.heard().slice(0, 2)).toEqual(["11-20 05:00:00 dai 0–22", "11-20 05:00:22 cho 0–10"]);
  });

  it("drops what its word says is not taken up again", async () => {
    const c = await at("2026-11-20 04:59:59", {
      programmes: [
        programme("bo", { interruption: "drop" }),
        programme("cat", { start: "05:00:04", lateness: { word: "cut-in" } }),
      ],
    });
    await c.clock.advance(2 * MINUTE);
    expect(c.heard()).toEqual(["11-20 05:00:00 bo 0–4", "11-20 05:00:04 cat 0–10"]);
    expect(c.records().sort()).toEqual(["bo interrupted policy", "cat played"]);
  });

  it("records a slot that could not start in time as missed, and never plays it later", async () => {
    const c = await at("2026-11-20 05:03:00", { programmes: [programme("sang")] });
    await c.clock.advance(HOUR);
    expect(c.heard()).toEqual([]);
    expect(c.records()).toEqual(["sang missed too-late"]);
  });

  it("does not answer for slots before the schedule was adopted", async () => {
    const young = programme("sang", {
      origin: {
        issuer: "x",
        address: "all",
        adoptedAt: local("2026-11-20 12:00:00"),
        documentSha256: "d".repeat(64) as never,
        keys: [],
      },
    });
    const c = await at("2026-11-20 12:00:01", { programmes: [young] });
    await c.clock.advance(HOUR);
    expect(c.records()).toEqual([]);
  });

  it("cuts, ends with the item, or finishes when its window ends", async () => {
    for (const [overrun, heard] of [
      ["cut", "0–25"],
      ["finish-item", "0–40"],
      ["finish", "0–40"],
    ] as const) {
      const windowed = programme("w", { end: "05:00:25", overrun });
      const c = await at("2026-11-20 04:59:59", { programmes: [windowed] }, { w: 40_000 });
      await c.clock.advance(MINUTE);
      expect([overrun, c.heard()]).toEqual([overrun, [`11-20 05:00:00 w ${heard}`]]);
    }
  });
});

describe("quiet hours and mute", () => {
  const quiet = { ...DEFAULT_POLICY, quietHours: [{ from: "22:00", to: "04:30" }] };

  it("refuse a slot of 03:15, and say so", async () => {
    const c = await at(
      "2026-11-20 03:14:00",
      { programmes: [programme("dem", { start: "03:15" })], policy: quiet },
      {},
      { beat: MINUTE },
    );
    await c.clock.advance(3 * HOUR);
    expect(c.heard()).toEqual([]);
    expect(c.records()).toEqual(["dem refused quiet-hours"]);
  });

  it("end what still plays when they begin", async () => {
    const c = await at(
      "2026-11-20 21:59:50",
      { programmes: [programme("toi", { start: "21:59:55" })], policy: quiet },
      { toi: 30_000 },
    );
    await c.clock.advance(MINUTE);
    expect(c.heard()).toEqual(["11-20 21:59:55 toi 0–5"]);
    expect(c.conductor.onAir()).toBeNull();
  });

  it("mute silences at once, unmute takes up again", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("sang")] });
    await c.clock.advance(4 * SECOND);
    c.change({ muted: true });
    await c.clock.advance(10 * SECOND);
    expect(c.conductor.onAir()).toBeNull();
    c.change({ muted: false });
    await c.clock.advance(20 * SECOND);
    expect(c.heard().map((line) => line.slice(15))).toEqual(["sang 0–3", "sang 3–10"]);
    expect(c.records()).toEqual(["sang played"]);
  });
});

describe("the clock", () => {
  it.each([
    ["an hour forward", HOUR],
    ["an hour back", -HOUR],
    ["a day forward", DAY + 10 * MINUTE],
  ])("stepping %s in the middle of an item cuts nothing and replays nothing", async (_name, step) => {
    const programmes = [programme("sang"), programme("sau", { start: "05:30" })];
    const c = await at("2026-11-20 04:59:59", { programmes });
    await c.clock.advance(5 * SECOND);
    c.clock.step(step);
    await c.clock.advance(30 * SECOND);
    expect(c.heard().map((line) => line.slice(15))).toEqual(["sang 0–10"]);
    expect(c.records()).toContain("sang played");
    // What the step jumped over is missed, never replayed; after a step back the played slot stays played.
    await c.clock.advance(15 * MINUTE);
    expect(c.sound.heard).toHaveLength(1);
    if (step > 0) expect(c.records()).toContain("sau missed too-late");
    if (step < 0) {
      await c.clock.advance(2 * HOUR);
      expect(c.heard().map((line) => line.slice(15))).toEqual(["sang 0–10", "sau 0–10"]);
    }
  });

  it.each(["floor", "unknown"] as const)("that is only '%s' plays no schedule", async (trust) => {
    const c = await at("2026-11-20 04:59:00", { programmes: [programme("sang")] });
    c.clock.trustNow = trust;
    await c.clock.advance(5 * MINUTE);
    expect(c.heard()).toEqual([]);
    expect(c.records()).toEqual([]);
    c.clock.trustNow = "held";
    await c.clock.advance(MINUTE);
    expect(c.records()).toEqual(["sang missed too-late"]);
  });

  it("that is 'held' plays everything", async () => {
    const c = await at("2026-11-20 04:59:00", { programmes: [programme("sang")] });
    c.clock.trustNow = "held";
    await c.clock.advance(5 * MINUTE);
    expect(c.records()).toEqual(["sang played"]);
  });
});
