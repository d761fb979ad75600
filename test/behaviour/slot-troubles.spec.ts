/** What becomes of a slot when something goes wrong around it: its disk, its document, its neighbours, its clock, the moment at which it is stopped. */
import { afterEach, describe, expect, it } from "vitest";
import { SPOKEN } from "../../agent/simulate/virtual-speech.ts";
import type { Announcement } from "../../playback/model/announcement.ts";
import { DEFAULT_POLICY } from "../../playback/model/policy.ts";
import { refusal } from "../../playback/model/refusal.ts";
import { HOUR, MINUTE, type Millis, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { PlayLog } from "../../playback/ports/play-log.ts";
import type { MemoryPlayLog } from "../support/virtual/memory-play-log.ts";
import { alert, item, local, nameOf, ORIGIN, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";

let cluster: VirtualCluster;
/** Adopted before the day's first slot, after the last of the day before. */
const TODAY = { ...ORIGIN, adoptedAt: local("2026-11-20 04:00:00") };

type More = ConstructorParameters<typeof VirtualCluster>[3];

async function at(
  start: string,
  facts: ConstructorParameters<typeof VirtualCluster>[1],
  lengths: Record<string, Millis> = {},
  more: More = {},
) {
  cluster = new VirtualCluster(local(start), facts, lengths, more);
  await cluster.conductor.start();
  return cluster;
}

const standing = (...alerts: ReturnType<typeof alert>[]) => alerts.map((emergency) => ({ emergency, ended: null }));
const asked = (...announcements: Announcement[]) =>
  announcements.map((announcement) => ({ announcement, ended: null }));
const announcement = (id: string, change: Partial<Announcement> = {}): Announcement => ({
  ...{ id, title: id, items: [item(id)], longestMs: 10 * MINUTE, outputs: [], origin: ORIGIN },
  ...change,
});
const what = (c: VirtualCluster) => c.heard().map((line) => line.slice(15));
/** A card that takes two seconds to write a stretch down. */
const slowly = (log: PlayLog, clock: Clock): PlayLog => ({
  begin: (...slot) => log.begin(...slot),
  note: (...slot) => log.note(...slot),
  end: (...slot) => log.end(...slot),
  open: () => log.open(),
  has: (key) => log.has(key),
  addSegment: (...segment) => clock.wait(2 * SECOND).then(() => log.addSegment(...segment)),
});
const sounds = (c: VirtualCluster) => c.sound.heard.map((one) => one.what.replace(SPOKEN, ""));
const outcomes = (c: VirtualCluster) =>
  c.log.records.map(({ header, segments }) => [header.id, ...segments.map((one) => `${one.itemId} ${one.outcome}`)]);

afterEach(() => expect(cluster.faults).toEqual([]));

describe("a disk that does not give a file's bytes", () => {
  it("costs an alert its recording, never its siren and its words", async () => {
    const c = await at("2026-11-20 12:00:00", {});
    c.unreadable.add("ghi-am");
    const text = "Nước sông đang lên.";
    c.change({ emergencies: standing(alert("lu", { items: [item("ghi-am")], text })) });
    await c.clock.advance(MINUTE);
    expect(sounds(c).slice(0, 2)).toEqual(["siren", text]);
    expect(c.records()[0]).toBe("lu partial");
    const [first] = c.log.records[0]?.segments ?? [];
    expect(first).toMatchObject({ itemId: "ghi-am", outcome: "refused", refusal: { reason: "media-unplayable" } });
  });

  it("costs an alert the item, also where its siren has sounded by then", async () => {
    const c = await at("2026-11-20 12:00:00", {});
    c.unreadable.add("b");
    c.change({ emergencies: standing(alert("lu", { items: [item("a"), item("b")], text: "Lên chỗ cao." })) });
    await c.clock.advance(MINUTE);
    expect(what(c)[0]).toBe("a 0–10");
    expect(sounds(c).slice(1, 3)).toEqual(["siren", "Lên chỗ cao."]);
  });

  it("costs an alert its words neither where it is taken up again after a graver one", async () => {
    const c = await at("2026-11-20 12:00:00", {});
    c.unreadable.add("ghi-am");
    const lesser = alert("lu", { items: [item("ghi-am")], text: "Lên chỗ cao.", severity: "minor" });
    c.change({ emergencies: standing(lesser) });
    await c.clock.advance(3_500);
    expect(sounds(c)).toEqual(["siren", "Lên chỗ cao."]);
    c.change({ emergencies: standing(lesser, alert("bao")) });
    await c.clock.advance(MINUTE);
    expect(sounds(c).slice(3, 5)).toEqual(["siren", "Lên chỗ cao."]);
  });

  it("costs a programme the item, whether it is the first or a later one", async () => {
    const c = await at("2026-11-20 04:59:00", {
      programmes: [
        programme("dau", { items: [item("x"), item("a")] }),
        programme("sau", { start: "05:10", items: [item("b"), item("x"), item("c")] }),
      ],
    });
    c.unreadable.add("x");
    await c.clock.advance(15 * MINUTE);
    expect(what(c)).toEqual(["a 0–10", "b 0–10", "c 0–10"]);
    expect(c.records()).toEqual(["dau partial", "sau partial"]);
  });

  it("interrupts what repeats and does not end it: it goes on when the disk gives them again", async () => {
    const c = await at("2026-11-20 04:59:00", { programmes: [programme("nhac", { loop: true, end: "05:30" })] });
    await c.clock.advance(MINUTE + 35 * SECOND);
    c.unreadable.add("nhac");
    await c.clock.advance(10 * MINUTE);
    const before = c.sound.heard.length;
    expect(c.records()).toEqual([]);
    c.unreadable.clear();
    await c.clock.advance(30 * SECOND);
    expect(c.sound.heard.length).toBeGreaterThan(before + 1);
    await c.clock.advance(HOUR);
    expect(c.records()).toEqual(["nhac partial"]);
    const segments = c.log.records[0]?.segments ?? [];
    // Of all attempts the first is told: the record is no list of attempts.
    expect(segments.filter(({ outcome }) => outcome === "refused").length).toBeLessThanOrEqual(2);
    expect(segments.at(-1)?.endedAt).toBeGreaterThanOrEqual(local("2026-11-20 05:30:00"));
  });

  it.each(["drop", "restart"] as const)(
    "interrupts it also where its interruption word is %s",
    async (interruption) => {
      const c = await at("2026-11-20 04:59:00", {
        programmes: [programme("nhac", { loop: true, end: "05:30", interruption })],
      });
      await c.clock.advance(MINUTE + 35 * SECOND);
      c.unreadable.add("nhac");
      await c.clock.advance(5 * MINUTE);
      c.unreadable.clear();
      await c.clock.advance(30 * SECOND);
      expect([c.records(), c.conductor.onAir()?.candidate.header.id]).toEqual([[], "nhac"]);
    },
  );

  it("keeps nobody else from the output meanwhile, and has the amplifier off where nobody wants it", async () => {
    const c = await at("2026-11-20 04:59:00", {
      programmes: [
        programme("nhac", { loop: true, end: "05:30" }),
        programme("tin", { start: "05:10" }),
        programme("uutien", { start: "05:15", class: "priority" }),
      ],
    });
    await c.clock.advance(MINUTE + 35 * SECOND);
    c.unreadable.add("nhac");
    await c.clock.advance(5 * MINUTE);
    expect(c.amplifier.moves.at(-1)?.lines.power).toBe(false);
    await c.clock.advance(10 * MINUTE);
    expect(c.records()).toEqual(["tin played", "uutien played"]);
    c.unreadable.clear();
    await c.clock.advance(30 * SECOND);
    expect(c.conductor.onAir()?.candidate.header.id).toBe("nhac");
  });

  it("is why a programme that repeats and was interrupted is not taken up again", async () => {
    const facts = { programmes: [programme("nhac", { loop: true, end: "05:30" })] };
    const c = await at("2026-11-20 04:59:00", facts);
    await c.clock.advance(MINUTE + 35 * SECOND);
    c.bad.set("nhac", "media-altered");
    c.change({ emergencies: standing(alert("lu")) });
    await c.clock.advance(MINUTE);
    c.change({ emergencies: [] });
    await c.clock.advance(5 * MINUTE);
    expect(c.records()).toEqual(["lu played"]);
    c.bad.clear();
    await c.clock.advance(20 * SECOND);
    expect(c.conductor.onAir()?.candidate.header.id).toBe("nhac");
    c.bad.set("nhac", "media-altered");
    await c.clock.advance(HOUR);
    expect(c.records()).toEqual(["lu played", "nhac interrupted media-altered"]);
  });
});

describe("a programme that begins when the quiet hours end", () => {
  it("is heard, though it was handed to the engine a moment before", async () => {
    const c = await at("2026-11-20 04:25:00", {
      programmes: [programme("sang", { start: "04:30" })],
      policy: { ...DEFAULT_POLICY, quietHours: [{ from: "22:00", to: "04:30" }] },
    });
    await c.clock.advance(10 * MINUTE);
    expect(c.records()).toEqual(["sang played"]);
    expect(c.sound.heard.map(({ startedAt }) => startedAt)).toEqual([local("2026-11-20 04:30:00")]);
  });

  it("does not sound through them where the clock is found to be hours fast while it plays", async () => {
    const c = await at("2026-11-20 05:59:30", {
      programmes: [programme("ca-ngay", { start: "06:00", end: "09:00", loop: true })],
      policy: { ...DEFAULT_POLICY, quietHours: [{ from: "22:00", to: "04:30" }] },
    });
    c.clock.trustNow = "held";
    await c.clock.advance(MINUTE);
    expect(c.conductor.onAir()?.candidate.header.id).toBe("ca-ngay");
    c.clock.step(-2.75 * HOUR);
    c.clock.trustNow = "attested";
    await c.clock.advance(SECOND);
    expect(c.conductor.onAir()).toBeNull();
    expect(c.records()).toEqual(["ca-ngay interrupted quiet-hours"]);
  });
});

describe("a recording that is made ready, and whose approval is withdrawn before its turn", () => {
  it("does not sound", async () => {
    const c = await at("2026-11-20 04:59:00", {
      programmes: [programme("truoc"), programme("sau", { start: "05:00:10" })],
    });
    await c.clock.advance(MINUTE + 5 * SECOND);
    c.bad.set("sau", "digest-not-approved");
    await c.clock.advance(5 * MINUTE);
    expect(c.sound.heard.map((one) => nameOf(one.what))).toEqual(["truoc"]);
    expect(c.records().at(-1)).toMatch(/^sau failed/);
  });
});

describe("a slot that is to leave after its item", () => {
  it("is over where that was its last, and is not heard again", async () => {
    const c = await at("2026-11-20 04:59:59", {
      programmes: [programme("thuong"), programme("uutien", { class: "priority", start: "05:00:05" })],
    });
    await c.clock.advance(2 * MINUTE);
    expect(what(c)).toEqual(["thuong 0–10", "uutien 0–10"]);
    expect(c.records()).toEqual(["thuong played", "uutien played"]);
  });

  it("was played where its window ended in its last item", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("sang", { end: "05:00:05" })] });
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["sang 0–10"]);
    expect(c.records()).toEqual(["sang played"]);
  });
});

describe("what cannot sound while something else does", () => {
  it("is written down at once and stands in nobody's way", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("dai")] }, { dai: 5 * MINUTE });
    c.bad.set("a-thieu", "media-missing");
    await c.clock.advance(30 * SECOND);
    c.change({ announcements: asked(announcement("a-thieu"), announcement("co")) });
    await c.clock.advance(30 * SECOND);
    expect(what(c)).toEqual(["dai 0–29", "co 0–10", "dai 29–…"]);
    expect(c.records()).toEqual(["a-thieu failed", "co played"]);
    expect(outcomes(c)[0]).toEqual(["a-thieu", "a-thieu refused"]);
  });
});

describe("two slots that wait no longer than their word allows", () => {
  it("do not take the output from each other again and again", async () => {
    const waiting = (id: string, start: string) =>
      programme(id, { start, lateness: { word: "wait", upToMs: 10_000 }, items: [item(id)] });
    const programmes = [programme("dai"), waiting("mot", "05:00:05"), waiting("hai", "05:00:10")];
    const lengths = { dai: 5 * MINUTE, mot: 20_000, hai: 20_000 };
    const c = await at("2026-11-20 04:59:59", { programmes }, lengths);
    await c.clock.advance(2 * MINUTE);
    expect(what(c)).toEqual(["dai 0–15", "mot 0–5", "hai 0–20", "dai 15–…"]);
  });
});

describe("a slot that was made ready from an older document", () => {
  it("plays what the newer one says", async () => {
    const c = await at("2026-11-20 04:59:50", { programmes: [programme("sang", { items: [item("cu")] })] });
    await c.clock.advance(5 * SECOND);
    c.change({ programmes: [programme("sang", { items: [item("moi")], origin: TODAY })] });
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["moi 0–10"]);
    expect(c.records()).toEqual(["sang played"]);
  });

  it("plays what a mourning puts in its place", async () => {
    const programmes = [programme("sang", { items: [item("vui")] })];
    const c = await at("2026-11-20 04:59:50", { programmes });
    await c.clock.advance(5 * SECOND);
    const period = { id: "tang", reason: "Quốc tang", from: "2026-11-20", until: "2026-11-20", classes: ["normal"] };
    c.change({ suspensions: [{ ...period, replaceBy: [item("nhac-le")] }] });
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["nhac-le 0–10"]);
    expect(c.records()).toEqual(["sang played"]);
  });
});

describe("a slot that waits", () => {
  it("takes the output at its limit, though the loop wakes a moment after it", async () => {
    const waiting = programme("cho", { start: "05:00:02", lateness: { word: "wait", upToMs: 20_000 } });
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("dai"), waiting] }, { dai: MINUTE });
    await c.clock.advanceTo(local("2026-11-20 05:00:21") + 990);
    c.clock.step(20);
    await c.clock.advance(2 * MINUTE);
    expect(what(c).slice(0, 2)).toEqual(["dai 0–22", "cho 0–10"]);
  });
});

describe("a power cut, after which the clock wakes behind", () => {
  async function cutAndBack(log: MemoryPlayLog, behind: Millis, programmes: ReturnType<typeof programme>[]) {
    const wall = local("2026-11-20 09:00:20");
    cluster = new VirtualCluster(wall - behind, { programmes }, {}, { log });
    cluster.clock.trustNow = "floor";
    await cluster.conductor.start();
    await cluster.clock.advance(20 * SECOND);
    expect(cluster.records()).toEqual([]);
    cluster.clock.step(behind);
    cluster.clock.trustNow = "attested";
    await cluster.clock.advance(30 * SECOND);
    return cluster;
  }

  it.each([HOUR / 2, 60 * 24 * HOUR])("by %i ms: a loop goes on as soon as the clock is trusted", async (behind) => {
    const programmes = [programme("ca-ngay", { loop: true, end: "17:00", origin: TODAY })];
    const before = await at("2026-11-20 08:59:30", { programmes });
    await before.clock.advance(30 * SECOND);
    expect(before.sound.heard.length).toBeGreaterThan(0);
    const c = await cutAndBack(before.log, behind, programmes);
    expect(c.sound.heard.length).toBeGreaterThanOrEqual(2);
    expect(c.records()).toEqual([]);
  });
});

async function turnsIn(c: VirtualCluster, time: Millis): Promise<number> {
  const before = c.conductor.turns;
  await c.clock.advance(time);
  return c.conductor.turns - before;
}

describe("a slot that is stopped while its next item is being opened", () => {
  it("keeps neither the alert nor the loop waiting", async () => {
    const programmes = [programme("sang", { items: [item("a"), item("b")] })];
    const c = await at("2026-11-20 04:59:59", { programmes }, { a: 20_000 });
    c.slow.set("b", 30 * SECOND);
    await c.clock.advance(11 * SECOND);
    c.change({ emergencies: standing(alert("bao", { repeat: { rounds: 5, gapMs: 0 } })) });
    await c.clock.advance(2 * SECOND);
    expect(await turnsIn(c, 3 * SECOND)).toBeGreaterThanOrEqual(10);
    const ended = refusal("emergency-stopped", "stopped on the spot");
    c.change({ emergencies: [{ emergency: alert("bao", { repeat: { rounds: 5, gapMs: 0 } }), ended }] });
    await c.clock.advance(SECOND);
    expect(what(c).slice(0, 2)).toEqual(["a 0–10", "bao 0–5"]);
    await c.clock.advance(2 * MINUTE);
    expect(what(c).slice(2)).toEqual(["a 10–20", "b 0–10"]);
    expect(c.records()).toEqual(["bao interrupted emergency-stopped", "sang played"]);
  });

  it("keeps the loop waiting neither where the item before it is over by then", async () => {
    const programmes = [programme("sang", { items: [item("a"), item("b")] })];
    const c = await at("2026-11-20 04:59:59", { programmes }, { a: 3_000 });
    c.slow.set("b", 30 * SECOND);
    await c.clock.advance(6 * SECOND);
    c.change({ emergencies: standing(alert("bao", { repeat: { rounds: 5, gapMs: 0 } })) });
    await c.clock.advance(2 * SECOND);
    expect(await turnsIn(c, 3 * SECOND)).toBeGreaterThanOrEqual(10);
    await c.clock.advance(3 * MINUTE);
    // Between its rounds it says when it was issued.
    expect(what(c).filter((line) => /^[a-z]/.test(line))).toEqual(["a 0–3", ...Array(5).fill("bao 0–10"), "b 0–10"]);
    expect(c.records()).toEqual(["bao played", "sang played"]);
  });

  it("is not heard again where its last item was over when it was stopped", async () => {
    const c = await at("2026-11-20 04:59:59", { programmes: [programme("sang")] }, {}, { wrap: slowly });
    await c.clock.advance(12 * SECOND);
    c.change({ emergencies: standing(alert("bao")) });
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["sang 0–10", "bao 0–10"]);
    expect(c.records()).toEqual(["sang played", "bao played"]);
  });

  it("begins in time though what was missing before it is still being written", async () => {
    const programmes = [programme("sang", { items: [item("x"), item("a")] })];
    const c = await at("2026-11-20 04:59:30", { programmes }, {}, { wrap: slowly });
    c.bad.set("x", "media-missing");
    await c.clock.advance(30_500);
    c.change({ emergencies: standing(alert("bao")) });
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["a 0–0.5", "bao 0–10", "a 0.5–10"]);
    expect(c.records()).toEqual(["bao played", "sang partial"]);
  });
});

describe("the outcome of a slot that was interrupted", () => {
  it("does not forget what was missing before", async () => {
    const programmes = [programme("sang", { items: [item("thieu"), item("b")] })];
    const c = await at("2026-11-20 04:59:30", { programmes });
    c.bad.set("thieu", "media-missing");
    await c.clock.advance(34 * SECOND);
    c.change({ emergencies: standing(alert("bao")) });
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["b 0–4", "bao 0–10", "b 4–10"]);
    expect(c.records()).toEqual(["bao played", "sang partial"]);
  });

  it("does not forget what was heard before", async () => {
    const programmes = [programme("sang", { items: [item("a"), item("b")] })];
    const c = await at("2026-11-20 04:59:59", { programmes });
    await c.clock.advance(5 * SECOND);
    c.bad.set("a", "media-altered");
    c.bad.set("b", "media-altered");
    c.change({ emergencies: standing(alert("bao")) });
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["a 0–4", "bao 0–10"]);
    expect(c.records()).toEqual(["bao played", "sang partial"]);
  });

  it("does not count against it what was missing ahead and came in time", async () => {
    const programmes = [programme("sang", { items: [item("a"), item("b")] })];
    const c = await at("2026-11-20 04:59:59", { programmes });
    c.bad.set("b", "media-missing");
    await c.clock.advance(5 * SECOND);
    c.change({ emergencies: standing(alert("bao")) });
    await c.clock.advance(2 * SECOND);
    c.bad.clear();
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["a 0–4", "bao 0–10", "a 4–10", "b 0–10"]);
    expect(outcomes(c)[1]).toEqual(["sang", "a stopped", "a completed", "b completed"]);
    expect(c.records()).toEqual(["bao played", "sang played"]);
  });
});
