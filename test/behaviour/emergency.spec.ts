/** An alert: heard over everything, handed back, ended in every way an alert can end; and what a kill leaves behind. */
import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../playback/model/policy.ts";
import { refusal } from "../../playback/model/refusal.ts";
import { HOUR, MINUTE, SECOND } from "../../playback/model/units.ts";
import { alert, item, local, ORIGIN, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";

let cluster: VirtualCluster;

async function at(start: string, facts: ConstructorParameters<typeof VirtualCluster>[1], log?: VirtualCluster["log"]) {
  cluster = new VirtualCluster(local(start), facts, {}, log === undefined ? {} : { log });
  await cluster.conductor.start();
  return cluster;
}
const standing = (...alerts: ReturnType<typeof alert>[]) => alerts.map((emergency) => ({ emergency, ended: null }));
const what = (c: VirtualCluster) => c.heard().map((line) => line.slice(15));

afterEach(() => expect(cluster.faults).toEqual([]));

describe("an emergency", () => {
  it("cuts into a programme at once and hands back where it cut", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("sang")] });
    await c.clock.advance(4 * SECOND);
    c.change({ emergencies: standing(alert("bao", { items: [item("coi"), item("loi")] })) });
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["sang 0–3", "coi 0–10", "loi 0–10", "sang 3–10"]);
    const [, siren] = c.sound.heard;
    expect((siren?.startedAt ?? 0) - local("2026-11-20 05:00:03")).toBeLessThan(50);
    expect(c.records()).toEqual(["bao played", "sang played"]);
  });

  it("passes mute, quiet hours and an untrusted clock", async () => {
    const policy = { ...DEFAULT_POLICY, quietHours: [{ from: "22:00", to: "04:30" }] };
    const c = await at("2026-11-20 03:00:00", { policy, muted: true });
    c.clock.trustNow = "unknown";
    c.change({ emergencies: standing(alert("bao")) });
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["bao 0–10"]);
  });

  it("and an announcement from the desk are all that an untrusted clock lets sound", async () => {
    const c = await at("2026-11-20 04:59:50", { programmes: [programme("sang")] });
    c.clock.trustNow = "floor";
    const announcement = {
      id: "goi",
      title: "goi",
      items: [item("goi")],
      longestMs: 60_000,
      outputs: [],
      origin: ORIGIN,
    };
    c.change({ announcements: [{ announcement, ended: null }] });
    await c.clock.advance(30 * SECOND);
    c.change({ emergencies: standing(alert("bao")) });
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["goi 0–10", "bao 0–10"]);
  });

  it("sounds at its own level, above the ceiling of programmes", async () => {
    const policy = { ...DEFAULT_POLICY, quietHours: [], volumeCeiling: 50 };
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("sang", { volume: 100 })], policy });
    await c.clock.advance(3 * SECOND);
    c.change({ emergencies: standing(alert("bao")) });
    await c.clock.advance(MINUTE);
    expect(c.sound.heard.map(({ gain }) => gain)).toEqual([-15, 0, -15]);
  });

  it("repeats with its gap until it is ended, and says why it ended", async () => {
    const emergency = alert("bao", { repeat: { rounds: 0, gapMs: 5_000 } });
    const c = await at("2026-11-20 12:00:00", { emergencies: standing(emergency) });
    c.speech.languages = [];
    await c.clock.advance(47 * SECOND);
    c.change({ emergencies: [{ emergency, ended: refusal("expired", "cancelled by huy-bao") }] });
    await c.clock.advance(MINUTE);
    expect(c.sound.heard.length).toBe(4);
    expect(c.sound.heard[3]?.toMs).toBeLessThan(2_500);
    expect(c.records()).toEqual(["bao interrupted expired"]);
    await c.clock.advance(HOUR);
    expect(c.sound.heard.length).toBe(4);
  });

  it("that was stopped on the spot stays silent; a new one sounds", async () => {
    const first = alert("bao-1");
    const c = await at("2026-11-20 12:00:00", { emergencies: standing(first) });
    await c.clock.advance(4 * SECOND);
    const stopped = { emergency: first, ended: refusal("emergency-stopped", "stopped") };
    c.change({ emergencies: [stopped] });
    await c.clock.advance(MINUTE);
    expect(c.records()).toEqual(["bao-1 interrupted emergency-stopped"]);
    c.change({ emergencies: [stopped, ...standing(alert("bao-2"))] });
    await c.clock.advance(MINUTE);
    expect(what(c).at(-1)).toBe("bao-2 0–10");
  });

  it("follows the one that stands before it; both are heard", async () => {
    const c = await at("2026-11-20 12:00:00", {
      emergencies: standing(alert("mot", { sent: 1 }), alert("hai", { sent: 2 })),
    });
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["mot 0–10", "hai 0–10"]);
  });

  it("whose media are not here is a siren all the same, and the programme is handed back", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("sang")] });
    await c.clock.advance(3 * SECOND);
    c.bad.set("bao", "media-missing");
    c.change({ emergencies: standing(alert("bao")) });
    await c.clock.advance(MINUTE);
    expect(c.sound.heard.map(({ what }) => what).slice(0, 2)).toContain("siren");
    expect(c.records()).toEqual(["bao played", "sang played"]);
  });
});

describe("a kill in the middle of an item", () => {
  /** A second life on the same log: the first conductor is abandoned as SIGKILL abandons it. */
  async function killedFor(down: number, first: ReturnType<typeof programme>) {
    const before = await at("2026-11-20 04:59:59", { programmes: [first] });
    await before.clock.advance(5_500);
    const note = (await before.log.open())[0];
    expect(note?.progress.positionMs).toBeGreaterThanOrEqual(3_000);
    const again = new Date(before.clock.now() + down + 7 * HOUR).toISOString().slice(0, 19).replace("T", " ");
    return at(again, { programmes: [first] }, before.log);
  }

  it("is taken up from its last noted position within 60 s", async () => {
    const c = await killedFor(20 * SECOND, programme("sang"));
    await c.clock.advance(MINUTE);
    expect(c.sound.heard).toHaveLength(1);
    expect(c.sound.heard[0]?.fromMs).toBeGreaterThanOrEqual(3_000);
    expect(c.sound.heard[0]?.toMs).toBe(10_000);
    expect(c.records()).toEqual(["sang played"]);
  });

  it("is over after more than 60 s, with one record", async () => {
    const c = await killedFor(70 * SECOND, programme("sang"));
    await c.clock.advance(MINUTE);
    expect(c.sound.heard).toEqual([]);
    expect(c.records()).toEqual(["sang interrupted too-late"]);
  });

  it("is taken up after hours where it loops until its window ends, and not after that end", async () => {
    const allDay = programme("sang", { loop: true, end: "11:00" });
    const c = await killedFor(3 * HOUR, allDay);
    await c.clock.advance(30 * SECOND);
    expect(c.sound.heard.length).toBeGreaterThanOrEqual(3);
    expect(c.records()).toEqual([]);
    await c.clock.advance(3 * HOUR);
    expect(c.records()).toEqual(["sang played"]);
    const late = await killedFor(7 * HOUR, allDay);
    await late.clock.advance(MINUTE);
    expect(late.sound.heard).toEqual([]);
    expect(late.records()).toEqual(["sang interrupted too-late"]);
  });

  it("leaves in the record what was heard before it, taken up again or not", async () => {
    for (const [down, parts] of [
      [20 * SECOND, ["killed", "completed"]],
      [70 * SECOND, ["killed"]],
    ] as const) {
      const c = await killedFor(down, programme("sang"));
      await c.clock.advance(MINUTE);
      const [record] = c.log.records;
      expect(record?.segments.map(({ outcome }) => outcome)).toEqual(parts);
      const [first, second] = record?.segments ?? [];
      expect(first).toMatchObject({ itemId: "sang", fromMs: 0, endedAt: expect.any(Number) });
      expect(new Date(first?.startedAt ?? 0).toISOString().slice(11, 19)).toBe("22:00:00");
      expect(first?.toMs).toBeGreaterThanOrEqual(3_000);
      if (second !== undefined) expect(second.fromMs).toBe(first?.toMs);
    }
  });

  it("begins anew where the word is restart, and not at all where it is drop", async () => {
    const restarted = await killedFor(20 * SECOND, programme("sang", { interruption: "restart" }));
    await restarted.clock.advance(MINUTE);
    expect(what(restarted)).toEqual(["sang 0–10"]);
    const dropped = await killedFor(20 * SECOND, programme("sang", { interruption: "drop" }));
    await dropped.clock.advance(MINUTE);
    expect(dropped.sound.heard).toEqual([]);
    expect(dropped.records()).toEqual(["sang interrupted policy"]);
  });
});

describe("a sound card that is lost", () => {
  it("suspends the slot and goes on where it was when the card is back", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("sang")] });
    await c.clock.advance(4 * SECOND);
    c.sound.unplug();
    await c.clock.advance(20 * SECOND);
    expect(c.conductor.onAir()).toBeNull();
    c.sound.plug();
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["sang 0–3", "sang 3–10"]);
    expect(c.log.records[0]?.segments.map(({ outcome }) => outcome)).toEqual(["failed", "completed"]);
  });

  it("that never comes back is said in the record of each slot", async () => {
    const c = await at("2026-11-20 04:59:00", { programmes: [programme("sang")] });
    c.sound.unplug();
    await c.clock.advance(10 * MINUTE);
    expect(c.records()).toEqual(["sang missed no-output"]);
  });

  it("that never comes back while an alert stands is said in the alert's record", async () => {
    const emergency = alert("bao");
    const c = await at("2026-11-20 04:59:00", {});
    c.sound.unplug();
    c.change({ emergencies: [{ emergency, ended: null }] });
    await c.clock.advance(MINUTE);
    c.change({ emergencies: [{ emergency, ended: refusal("expired", "until 05:00") }] });
    await c.clock.advance(MINUTE);
    expect(c.records()).toEqual(["bao refused no-output"]);
  });
});

describe("an amplifier that does not answer", () => {
  it("is a fault that is retried; the programme is recorded with it", async () => {
    const c = await at("2026-11-20 04:59:50", { programmes: [programme("sang")] });
    c.amplifier.broken = true;
    await c.clock.advance(MINUTE);
    expect(c.faults.some((fault) => fault.startsWith("amplifier:"))).toBe(true);
    c.faults.length = 0;
    expect(c.log.records[0]?.segments.map(({ amplifier }) => amplifier)).toEqual(["fault"]);
  });
});
