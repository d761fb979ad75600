/** What an alert is made of on a station that has not everything, and alerts that stand at the same time. */
import { afterEach, describe, expect, it } from "vitest";
import { SPOKEN } from "../../agent/simulate/virtual-speech.ts";
import type { Emergency } from "../../playback/model/emergency.ts";
import { DEFAULT_POLICY } from "../../playback/model/policy.ts";
import { refusal } from "../../playback/model/refusal.ts";
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import { MINUTE, SECOND, type Sha256 } from "../../playback/model/units.ts";
import { alert, digest, item, local, nameOf, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";

let cluster: VirtualCluster;
const NOON = local("2026-11-20 12:00:00");
const SENT = local("2026-11-20 11:45:00");
const ISSUED = "Bản tin phát đi lúc 11 giờ 45.";

const standing = (...alerts: Emergency[]) => alerts.map((emergency) => ({ emergency, ended: null }));

const name = (what: string) => (/^[0-9a-f]{64}$/.test(what) ? nameOf(what) : what);
function sounds(): string[] {
  return cluster.sound.heard.map(({ what }) => name(what.replace(SPOKEN, "")));
}

const order = sounds;

async function start(facts: ConstructorParameters<typeof VirtualCluster>[1], lacking: readonly string[] = []) {
  cluster = new VirtualCluster(NOON, facts);
  for (const one of lacking) cluster.bad.set(one, "media-missing");
  await cluster.conductor.start();
  return cluster;
}

function approved(...media: Partial<ApprovedMedia>[]): ReadonlyMap<Sha256, ApprovedMedia> {
  return new Map(
    media.map((one) => {
      const sha256 = digest(one.title ?? "");
      return [
        sha256,
        { sha256, sizeBytes: 1, type: "audio/flac", durationMs: 10_000, title: "", urls: [], pinned: true, ...one },
      ];
    }),
  );
}

const textOnly = (change: Partial<Emergency> = {}) =>
  alert("lu", { items: [], text: "Nước sông đang lên, bà con lên chỗ cao.", sent: SENT, ...change });

afterEach(() => expect(cluster.faults).toEqual([]));

describe("an alert of which nothing is recorded", () => {
  it("is a siren and its text spoken; on repeats the hour at which it was issued comes before", async () => {
    const c = await start({ emergencies: standing(textOnly({ repeat: { rounds: 2, gapMs: 1_000 } })) });
    await c.clock.advance(MINUTE);
    const text = "Nước sông đang lên, bà con lên chỗ cao.";
    expect(order()).toEqual(["siren", text, "siren", ISSUED, text]);
    expect(c.records()).toEqual(["lu played"]);
  });

  it("is a siren and a recorded phrase where no voice speaks its language", async () => {
    const c = await start({
      emergencies: standing(textOnly({ language: "hmn" })),
      approved: approved(
        { title: "loi-hmong", use: "warning", language: "hmn" },
        { title: "loi", use: "warning", language: "vi" },
      ),
    });
    await c.clock.advance(MINUTE);
    expect(order()).toEqual(["siren", "loi-hmong"]);
  });

  it("is at least a siren where there is neither", async () => {
    const c = await start({ emergencies: standing(textOnly({ language: "km" })) });
    await c.clock.advance(MINUTE);
    expect(order()).toEqual(["siren"]);
  });

  it("sounds the province's own siren where one is here", async () => {
    const c = await start({
      emergencies: standing(textOnly()),
      approved: approved({ title: "coi-tinh", use: "siren" }),
    });
    await c.clock.advance(MINUTE);
    expect(order()[0]).toBe("coi-tinh");
  });
});

describe("an alert whose recording has not arrived", () => {
  it("sounds siren and text at once, and the recording from the next repeat on", async () => {
    const emergency = textOnly({ items: [item("ghi-am")], repeat: { rounds: 3, gapMs: 20_000 } });
    const c = await start({ emergencies: standing(emergency) }, ["ghi-am"]);
    await c.clock.advance(10 * SECOND);
    expect(order()).toEqual(["siren", "Nước sông đang lên, bà con lên chỗ cao."]);
    c.bad.clear();
    await c.clock.advance(2 * MINUTE);
    expect(order().slice(2)).toEqual([ISSUED, "ghi-am", ISSUED, "ghi-am"]);
    expect(c.records()).toEqual(["lu played"]);
  });

  it("sounds one more round, whole, where the recording arrives after the last one, and never again", async () => {
    const emergency = textOnly({ items: [item("coi"), item("ghi-am")], repeat: { rounds: 2, gapMs: 1_000 } });
    const facts = { emergencies: standing(emergency), approved: approved({ title: "coi", use: "siren" }) };
    const c = await start(facts, ["ghi-am"]);
    await c.clock.advance(3 * MINUTE);
    const text = "Nước sông đang lên, bà con lên chỗ cao.";
    expect(order()).toEqual(["coi", text, "coi", ISSUED, text]);
    c.bad.clear();
    await c.clock.advance(5 * MINUTE);
    expect(order().slice(5)).toEqual(["coi", ISSUED, "ghi-am"]);
    expect(c.records()).toEqual(["lu played", "lu played"]);
    await c.clock.advance(5 * MINUTE);
    expect(order()).toHaveLength(8);
  });

  it("that arrives while the last round sounds is heard right behind it", async () => {
    const c = await start({ emergencies: standing(textOnly({ items: [item("ghi-am")] })) }, ["ghi-am"]);
    await c.clock.advance(3 * SECOND);
    c.bad.clear();
    await c.clock.advance(MINUTE);
    expect(order().slice(2)).toEqual([ISSUED, "ghi-am"]);
  });

  it("is still owed its round after a power cut, once", async () => {
    const emergencies = standing(textOnly({ items: [item("ghi-am")] }));
    const before = await start({ emergencies }, ["ghi-am"]);
    await before.clock.advance(MINUTE);
    const heard = { key: "emergency lu", kind: "emergency", plannedAt: SENT, soundedMs: 5_000, whole: [] } as const;
    const c = new VirtualCluster(before.clock.now(), { emergencies }, {}, { log: before.log, sessions: [heard] });
    cluster = c;
    c.bad.set("ghi-am", "media-missing");
    await c.conductor.start();
    await c.clock.advance(MINUTE);
    expect(order()).toEqual([]);
    c.bad.clear();
    await c.clock.advance(MINUTE);
    expect(order()).toEqual([ISSUED, "ghi-am"]);
  });

  it("owes nothing where the recording was heard, or the alert is over when it comes", async () => {
    const heard = await start({ emergencies: standing(textOnly({ items: [item("ghi-am")] })) });
    await heard.clock.advance(2 * MINUTE);
    expect(order()).toEqual(["ghi-am"]);
    const c = await start({ emergencies: standing(textOnly({ items: [item("ghi-am")] })) }, ["ghi-am"]);
    await c.clock.advance(MINUTE);
    const cancelled = { emergency: textOnly({ items: [item("ghi-am")] }), ended: refusal("released", "cancelled") };
    c.change({ emergencies: [cancelled] });
    c.bad.clear();
    await c.clock.advance(5 * MINUTE);
    expect(order()).toHaveLength(2);
    expect(c.records()).toEqual(["lu played"]);
  });

  it("is stopped in its late round like in any other, and gives way to a graver one", async () => {
    const emergency = textOnly({ items: [item("ghi-am")], severity: "minor" });
    const c = await start({ emergencies: standing(emergency) }, ["ghi-am"]);
    await c.clock.advance(MINUTE);
    c.bad.clear();
    await c.clock.advance(3 * SECOND);
    c.change({ emergencies: standing(emergency, alert("that")) });
    await c.clock.advance(2 * MINUTE);
    expect(order().slice(2)).toEqual([ISSUED, "that", ISSUED, "ghi-am"]);
    expect(c.records().sort()).toEqual(["lu played", "lu played", "that played"]);
  });

  it("plays what of it is here, with the text in place of the rest", async () => {
    const emergency = textOnly({ items: [item("coi"), item("ghi-am")] });
    await start({ emergencies: standing(emergency), approved: approved({ title: "coi", use: "siren" }) }, ["ghi-am"]);
    await cluster.clock.advance(MINUTE);
    expect(order()).toEqual(["coi", "Nước sông đang lên, bà con lên chỗ cao."]);
  });
});

describe("an exercise", () => {
  const exercise = (change: Partial<Emergency> = {}) =>
    textOnly({ status: "exercise", items: [item("dien-tap")], ...change });

  it("says so first, under the ceiling of programmes", async () => {
    const policy = { ...DEFAULT_POLICY, quietHours: [], volume: 60, volumeCeiling: 50 };
    const c = await start({ emergencies: standing(exercise()), policy });
    await c.clock.advance(MINUTE);
    expect(order()).toEqual(["exercise", "Đây là diễn tập. Đây là diễn tập.", "dien-tap"]);
    expect(new Set(c.sound.heard.map(({ gain }) => gain))).toEqual(new Set([-15]));
  });

  it.each([
    ["mute", { muted: true }, "muted"],
    ["quiet hours", { policy: { ...DEFAULT_POLICY, quietHours: [{ from: "11:00", to: "13:00" }] } }, "quiet-hours"],
  ] as const)("never passes %s", async (_, facts, reason) => {
    const c = await start({ ...facts, emergencies: standing(exercise()) });
    await c.clock.advance(MINUTE);
    expect(order()).toEqual([]);
    expect(c.records()).toEqual([`lu refused ${reason}`]);
  });

  it("gives way to a real one at once", async () => {
    const c = await start({ emergencies: standing(exercise()) });
    await c.clock.advance(6 * SECOND);
    c.change({ emergencies: standing(exercise(), alert("that")) });
    await c.clock.advance(SECOND);
    expect(order().at(-1)).toBe("that");
  });

  it.each([0, 1])("says so again where it is taken up again in its round %i", async (round) => {
    const repeat = { rounds: 2, gapMs: 5_000 };
    const c = await start({ emergencies: standing(exercise({ repeat })) });
    await c.clock.advance(SECOND);
    while (order().filter((one) => one === "dien-tap").length <= round) await c.clock.advance(SECOND);
    c.change({ emergencies: standing(exercise({ repeat }), alert("that")) });
    await c.clock.advance(SECOND);
    expect(order().at(-1)).toBe("that");
    const before = order().length;
    await c.clock.advance(20 * SECOND);
    expect(order().slice(before, before + 2)).toEqual(["exercise", "Đây là diễn tập. Đây là diễn tập."]);
  });
});

describe("two alerts at once", () => {
  /** Without the hour of issue, which comes before every repeat. */
  const order = () => sounds().filter((one) => !one.startsWith("Bản tin phát đi lúc"));
  const endless = (id: string, change: Partial<Emergency> = {}) =>
    alert(id, { repeat: { rounds: 0, gapMs: 2_000 }, ...change });

  it("are both heard, round by round, whole", async () => {
    const c = await start({ emergencies: standing(endless("bao")) });
    await c.clock.advance(3 * SECOND);
    c.change({ emergencies: standing(endless("bao"), endless("lu")) });
    await c.clock.advance(58 * SECOND);
    expect(order().slice(0, 6)).toEqual(["bao", "lu", "bao", "lu", "bao", "lu"]);
    const bodies = c.sound.heard.filter(({ what }) => !what.startsWith(SPOKEN)).slice(0, 5);
    for (const { fromMs, toMs } of bodies) expect([fromMs, toMs]).toEqual([0, 10_000]);
  });

  it("of which the later is graver: that one cuts in, then they take turns", async () => {
    const c = await start({ emergencies: standing(endless("bao", { severity: "moderate" })) });
    await c.clock.advance(3 * SECOND);
    const both = standing(endless("bao", { severity: "moderate" }), endless("lu"));
    c.change({ emergencies: both });
    await c.clock.advance(SECOND);
    expect(order()).toEqual(["bao", "lu"]);
    await c.clock.advance(40 * SECOND);
    expect(order().slice(0, 5)).toEqual(["bao", "lu", "bao", "lu", "bao"]);
  });

  it("leave the rest of the time to the one that goes on when the other ends", async () => {
    const c = await start({ emergencies: standing(endless("bao"), endless("lu")) });
    await c.clock.advance(35 * SECOND);
    c.change({
      emergencies: [
        ...standing(endless("bao")),
        { emergency: endless("lu"), ended: refusal("expired", "cancelled by huy") },
      ],
    });
    const before = order().length;
    await c.clock.advance(MINUTE);
    expect(new Set(order().slice(before))).toEqual(new Set(["bao"]));
    expect(c.records()).toEqual(["lu interrupted expired"]);
  });
});

describe("what was asked to end with its item and may stay after all", () => {
  it("plays the rest of its items", async () => {
    const c = await start({
      programmes: [programme("dai", { start: "12:00", items: [item("a"), item("b"), item("c")] })],
    });
    await c.clock.advance(2 * SECOND);
    const extra = programme("gap", { start: "12:00:03", class: "priority", level: "province" });
    const { programmes } = c.conductor.facts;
    c.change({ programmes: [...programmes, extra] });
    await c.clock.advance(3 * SECOND);
    c.change({ programmes });
    await c.clock.advance(MINUTE);
    expect(order()).toEqual(["a", "b", "c"]);
    expect(c.records().filter((line) => line.startsWith("dai"))).toEqual(["dai played"]);
  });
});
