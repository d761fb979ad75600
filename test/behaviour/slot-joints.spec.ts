/** What becomes of a slot where one of its sounds goes over into the next: on a slow card, in the pause of an alert. */
import { afterEach, describe, expect, it } from "vitest";
import type { HeldAnnouncement } from "../../playback/model/facts.ts";
import { DEFAULT_POLICY } from "../../playback/model/policy.ts";
import { decibelsOf, HOUR, MINUTE, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { PlayLog } from "../../playback/ports/play-log.ts";
import { alert, item, local, nameOf, ORIGIN, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";

let cluster: VirtualCluster;

async function at(
  start: string,
  ...rest: ConstructorParameters<typeof VirtualCluster> extends [unknown, ...infer R] ? R : never
) {
  cluster = new VirtualCluster(local(start), ...rest);
  await cluster.conductor.start();
  return cluster;
}

const POLICY = { ...DEFAULT_POLICY, quietHours: [], volume: 50 };
const what = (c: VirtualCluster) => c.heard().map((line) => line.slice(15));
const gainsOf = (c: VirtualCluster, name: string) => {
  const heard = c.sound.heard.filter((one) => nameOf(one.what) === name);
  return heard.flatMap(({ gain, gains }) => [gain, ...gains.map((turned) => turned.gain)]);
};
const partsOf = (c: VirtualCluster, id: string) =>
  c.log.records
    .filter(({ header }) => header.id === id)
    .flatMap(({ segments }) => segments.map((one) => `${one.itemId} ${one.fromMs}–${one.toMs} ${one.outcome}`));
const over = (id: string): HeldAnnouncement => ({
  announcement: { id, title: id, items: [item(id)], longestMs: HOUR, duck: true, outputs: [], origin: ORIGIN },
  ended: null,
});

/** A card that takes two seconds to write a stretch down. */
const slowly = (log: PlayLog, clock: Clock): PlayLog => ({
  begin: (...slot) => log.begin(...slot),
  note: (...slot) => log.note(...slot),
  end: (...slot) => log.end(...slot),
  open: () => log.open(),
  has: (key) => log.has(key),
  addSegment: (...segment) => clock.wait(2 * SECOND).then(() => log.addSegment(...segment)),
});

afterEach(() => expect(cluster.faults).toEqual([]));

describe("an item that sounds while the one before it is still being written down", () => {
  const two = programme("sang", { items: [item("a"), item("b")] });
  /** Half a second into the second item, which is 50 s long; its first is being written for another second and a half. */
  async function atTheJoint() {
    const lengths = { a: 10_000, b: 50_000, loi: 20_000, uutien: MINUTE };
    const c = await at("2026-11-20 04:59:59", { programmes: [two], policy: POLICY }, lengths, { wrap: slowly });
    await c.clock.advance(11_500);
    expect(what(c)).toEqual(["a 0–10", "b 0–…"]);
    return c;
  }

  it("is put down for a page that is pressed then, and lifted after it", async () => {
    const c = await atTheJoint();
    c.change({ announcements: [over("loi")] });
    await c.clock.advance(2 * MINUTE);
    expect(gainsOf(c, "b")).toEqual([-15, -33, -15]);
    expect(c.records().sort()).toEqual(["loi played", "sang played"]);
  });

  it("is turned with the volume", async () => {
    const c = await atTheJoint();
    c.change({ policy: { ...POLICY, volume: 25 } });
    await c.clock.advance(MINUTE);
    expect(gainsOf(c, "b")).toEqual([decibelsOf(50), decibelsOf(25)]);
  });

  it("is what is on air, and goes on where it was stopped then", async () => {
    const c = await atTheJoint();
    expect(c.conductor.onAir()?.now).toMatchObject({ item: { id: "b" }, sounding: true });
    c.change({ emergencies: [{ emergency: alert("bao"), ended: null }] });
    await c.clock.advance(2 * MINUTE);
    expect(what(c)).toEqual(["a 0–10", "b 0–0.5", "bao 0–10", "b 0.5–50"]);
    expect(partsOf(c, "sang")).toEqual(["a 0–10000 completed", "b 0–500 stopped", "b 500–50000 completed"]);
  });

  it("is heard to its end where the slot is to leave with its item", async () => {
    const c = await atTheJoint();
    const origin = { ...ORIGIN, adoptedAt: c.clock.now() };
    const urgent = programme("uutien", { class: "priority", start: "05:00:11", origin });
    c.change({ programmes: [...c.conductor.facts.programmes, urgent] });
    await c.clock.advance(3 * MINUTE);
    expect(what(c)).toEqual(["a 0–10", "b 0–50", "uutien 0–60"]);
    expect(c.records()).toEqual(["sang played", "uutien played"]);
  });
});

describe("an alert that arrives in the pause of another", () => {
  const hourly = (id: string) => alert(id, { repeat: { rounds: 0, gapMs: HOUR } });
  const standing = (...alerts: ReturnType<typeof alert>[]) => alerts.map((emergency) => ({ emergency, ended: null }));

  it.each([
    ["in its middle", 20 * MINUTE],
    ["when the next round is joined on already", HOUR + 2 * SECOND],
  ])("%s sounds in its place, and both are heard in turns", async (_, after) => {
    const c = await at("2026-11-20 12:00:00", { emergencies: standing(hourly("bao")) });
    c.speech.languages = [];
    await c.clock.advance(after);
    c.change({ emergencies: standing(hourly("bao"), hourly("lu")) });
    const since = c.clock.now();
    await c.clock.advance(MINUTE);
    const heard = c.sound.heard.map(({ what, fromMs, toMs }) => `${nameOf(what)} ${fromMs}–${toMs}`);
    expect(heard.slice(0, 5)).toEqual(["bao", "lu", "bao", "lu", "bao"].map((name) => `${name} 0–10000`));
    expect((c.sound.heard[1]?.startedAt ?? 0) - since).toBeLessThan(500);
  });
});
