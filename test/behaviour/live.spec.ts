/** Live sources in programmes and as grants, on the real deciding and conducting in virtual time. */
import { afterEach, describe, expect, it } from "vitest";
import { SPOKEN } from "../../agent/simulate/virtual-speech.ts";
import type { LivePin } from "../../playback/model/live.ts";
import { DEFAULT_POLICY } from "../../playback/model/policy.ts";
import { refusal } from "../../playback/model/refusal.ts";
import type { LiveItem } from "../../playback/model/schedule.ts";
import { decibelsOf, HOUR, MINUTE, SECOND } from "../../playback/model/units.ts";
import { alert, item, local, ORIGIN, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";

const PIN: LivePin = { id: "vov1", kind: "icecast", url: "https://live.example.vn/vov1", hosts: [] };
const PINS = new Map([[PIN.id, PIN]]);

let cluster: VirtualCluster;

afterEach(async () => {
  expect(cluster.faults).toEqual([]);
  const closed = cluster.conductor.close();
  await cluster.clock.advance(SECOND);
  await closed;
  expect(cluster.sound.listening, "sources still received").toBe(0);
});

function relay(change: Partial<LiveItem> = {}): LiveItem {
  return {
    kind: "live",
    id: "tiep",
    title: "Tiếp sóng",
    source: "vov1",
    longestMs: 10 * MINUTE,
    fallback: [],
    ...change,
  };
}

async function at(
  start: string,
  ...rest: ConstructorParameters<typeof VirtualCluster> extends [unknown, ...infer R] ? R : never
) {
  cluster = new VirtualCluster(local(start), { live: PINS, ...rest[0] }, rest[1], rest[2]);
  await cluster.conductor.start();
  return cluster;
}

/** The stretches of the only record: what, from where to where in seconds, how it ended, and why. */
function stretches(c: VirtualCluster): string[] {
  return (c.log.records[0]?.segments ?? []).map(({ itemId, fromMs, toMs, outcome, live, refusal: why }) => {
    const seconds = (ms: number) => Math.round(ms / 1_000);
    return `${itemId} ${seconds(fromMs)}–${seconds(toMs)} ${outcome} ${live?.state ?? ""}${why ? ` ${why.reason}` : ""}`;
  });
}

const heard = (c: VirtualCluster) =>
  c.sound.heard.map(({ what, startedAt, endedAt }) => {
    const clock = (when: number) => new Date(when + 7 * HOUR).toISOString().slice(11, 19);
    return `${clock(startedAt)}–${endedAt === null ? "…" : clock(endedAt)} ${what.startsWith("live") ? what : Buffer.from(what, "hex").toString().replaceAll("\0", "")}`;
  });

describe("a live source in a programme", () => {
  it("sounds from its instant to its longest run, between other items", async () => {
    const morning = programme("sang", { items: [item("a"), relay({ longestMs: MINUTE }), item("b")] });
    const c = await at("2026-11-20 04:59:00", { programmes: [morning] });
    await c.clock.advance(5 * MINUTE);
    expect(heard(c)).toEqual(["05:00:00–05:00:10 a", "05:00:10–05:01:10 live vov1", "05:01:10–05:01:20 b"]);
    expect(c.records()).toEqual(["sang played"]);
    expect(stretches(c)).toEqual(["a 0–10 completed ", "tiep 0–60 completed playing", "b 0–10 completed "]);
  });

  it("is turned with the volume while it sounds, its fallback too, and returns at the volume that holds then", async () => {
    const policy = { ...DEFAULT_POLICY, quietHours: [], volume: 80 };
    const fallback = [item("nhac")] as LiveItem["fallback"];
    const morning = programme("sang", { items: [relay({ longestMs: 5 * MINUTE, fallback })] });
    const c = await at("2026-11-20 04:59:50", { programmes: [morning], policy }, { nhac: 3 * MINUTE });
    await c.clock.advance(30 * SECOND);
    c.change({ policy: { ...policy, volume: 40 } });
    await c.clock.advance(5 * SECOND);
    c.sound.sources.set("vov1", "dead");
    await c.clock.advance(10 * SECOND);
    c.change({ policy: { ...policy, volume: 60 } });
    await c.clock.advance(5 * SECOND);
    c.sound.sources.delete("vov1");
    await c.clock.advance(90 * SECOND);
    const gains = c.sound.heard.map(({ gain, gains: turned }) => [gain, ...turned.map((one) => one.gain)]);
    const [loud, soft, middle] = [80, 40, 60].map(decibelsOf);
    expect(gains).toEqual([[loud, soft], [soft, middle], [middle]]);
    expect(c.sound.heard.map(({ what }) => what.startsWith("live"))).toEqual([true, false, true]);
    await c.clock.advance(5 * MINUTE);
  });

  it("is connected ahead, and closed after", async () => {
    const c = await at("2026-11-20 04:59:00", {
      programmes: [programme("sang", { items: [relay({ longestMs: MINUTE })] })],
    });
    await c.clock.advance(40 * SECOND);
    expect(c.sound.listening).toBe(0);
    await c.clock.advance(10 * SECOND);
    expect(c.sound.listening).toBe(1);
    await c.clock.advance(2 * MINUTE);
    expect(c.sound.listening).toBe(0);
    expect(heard(c)).toEqual(["05:00:00–05:01:00 live vov1"]);
  });

  it.each(["cut", "finish-item"] as const)("ends with the window, and that is its proper end (%s)", async (overrun) => {
    const window = programme("sang", { items: [relay()], end: "05:02", overrun });
    const c = await at("2026-11-20 04:59:50", { programmes: [window] });
    await c.clock.advance(5 * MINUTE);
    expect(heard(c)).toEqual(["05:00:00–05:02:00 live vov1"]);
    expect(c.records()).toEqual(["sang played"]);
  });

  it("makes place for its fallback within 5 s of its loss, and comes back after a minute of good sound", async () => {
    const morning = programme("sang", { items: [relay({ fallback: [item("nhac")] })], end: "05:10" });
    const c = await at("2026-11-20 04:59:50", { programmes: [morning] }, { nhac: 30_000 });
    await c.clock.advance(70 * SECOND);
    c.sound.sources.set("vov1", "dead");
    await c.clock.advance(60 * SECOND);
    expect(c.conductor.onAir()?.now?.live).toEqual({
      ...{ source: "vov1", state: "fallback", heldMs: 1_000, instead: "nhac" },
      problem: "no sound for 3.5 s: it does not answer",
    });
    c.sound.sources.set("vov1", "sounding");
    await c.clock.advance(2 * MINUTE);
    expect(c.conductor.onAir()?.now?.live).toMatchObject({ state: "playing", instead: null, problem: null });
    await c.clock.advance(10 * MINUTE);
    const found = heard(c);
    expect(found[0]).toBe("05:00:00–05:01:03 live vov1");
    expect(found.slice(1, 5)).toEqual([
      ...["05:01:03–05:01:33 nhac", "05:01:33–05:02:03 nhac", "05:02:03–05:02:33 nhac", "05:02:33–05:03:00 nhac"],
    ]);
    expect(found[5]).toBe("05:03:00–05:10:00 live vov1");
    expect(stretches(c)).toEqual([
      "tiep 0–64 failed stalled source-lost",
      ...["nhac 0–30 completed fallback", "nhac 0–30 completed fallback", "nhac 0–30 completed fallback"],
      "nhac 0–27 stopped fallback",
      "tiep 180–600 completed playing",
    ]);
    // Not all of it was what was promised.
    expect(c.records()).toEqual(["sang partial"]);
  });

  it("makes place when it is silent for 20 s, and not for a pause of 15", async () => {
    const morning = programme("sang", { items: [relay({ fallback: [item("nhac")] })], end: "05:10" });
    const c = await at("2026-11-20 04:59:50", { programmes: [morning] }, { nhac: 30_000 });
    await c.clock.advance(70 * SECOND);
    c.sound.sources.set("vov1", "quiet");
    await c.clock.advance(15 * SECOND);
    expect(c.conductor.onAir()?.now?.live?.state).toBe("silent");
    c.sound.sources.set("vov1", "sounding");
    await c.clock.advance(45 * SECOND);
    c.sound.sources.set("vov1", "quiet");
    await c.clock.advance(30 * SECOND);
    expect(heard(c)[0]).toBe("05:00:00–05:02:20 live vov1");
    expect(c.conductor.onAir()?.now?.live).toMatchObject({ state: "fallback", problem: "below -40 dBFS for 20 s" });
  });

  it("begins with its fallback where it does not answer, and may be silent before its hour", async () => {
    const morning = programme("sang", { items: [relay({ fallback: [item("nhac")], longestMs: MINUTE })] });
    const c = await at("2026-11-20 04:59:00", { programmes: [morning] }, { nhac: 40_000 });
    c.sound.sources.set("vov1", "dead");
    await c.clock.advance(90 * SECOND);
    expect(heard(c)).toEqual(["05:00:00–… nhac"]);
    c.sound.sources.set("vov1", "sounding");
    await c.clock.advance(60 * SECOND);
    // It had never worked: there is nothing to hold off.
    expect(heard(c)).toEqual(["05:00:00–05:00:31 nhac", "05:00:31–05:01:00 live vov1"]);
    expect(c.records()).toEqual(["sang partial"]);
  });

  it("has its fallback as soon as that can be read, where it could not be at first or for a moment", async () => {
    const morning = programme("sang", { items: [relay({ fallback: [item("nhac")], longestMs: 5 * MINUTE })] });
    const c = await at("2026-11-20 04:59:00", { programmes: [morning] }, { nhac: 30_000 });
    c.sound.sources.set("vov1", "dead");
    c.unreadable.add("nhac");
    await c.clock.advance(2 * MINUTE);
    expect(heard(c)).toEqual([]);
    c.unreadable.clear();
    await c.clock.advance(15 * SECOND);
    expect(heard(c)).toEqual([expect.stringMatching(/^05:01:0\d–… nhac$/)]);
    c.unreadable.add("nhac");
    await c.clock.advance(MINUTE);
    const before = heard(c).length;
    c.unreadable.clear();
    await c.clock.advance(15 * SECOND);
    expect(heard(c).length).toBeGreaterThan(before);
    await c.clock.advance(5 * MINUTE);
    expect(c.records()).toEqual(["sang partial"]);
    expect(stretches(c).filter((line) => line.startsWith("tiep"))).toHaveLength(2);
    expect(c.faults.splice(0)).toEqual([expect.stringMatching(/^late start: .* 69700 ms$/)]);
  });

  it("keeps neither an alert nor the loop waiting while its fallback is being opened", async () => {
    const morning = programme("sang", { items: [relay({ fallback: [item("nhac")] })] });
    const c = await at("2026-11-20 04:59:00", { programmes: [morning] });
    await c.clock.advance(90 * SECOND);
    c.slow.set("nhac", 40 * SECOND);
    c.sound.sources.set("vov1", "dead");
    await c.clock.advance(20 * SECOND);
    c.change({ emergencies: [{ emergency: alert("lu"), ended: null }] });
    const turns = c.conductor.turns;
    await c.clock.advance(5 * SECOND);
    expect(heard(c).at(-1)).toMatch(/lu$/);
    expect(c.conductor.turns - turns).toBeGreaterThan(10);
    c.slow.clear();
    await c.clock.advance(MINUTE);
  });

  it("is silence, and told as such, where it gives nothing and has no fallback", async () => {
    const morning = programme("sang", { items: [relay({ longestMs: MINUTE }), item("b")] });
    const c = await at("2026-11-20 04:59:00", { programmes: [morning] });
    c.sound.sources.set("vov1", "dead");
    await c.clock.advance(4 * MINUTE);
    expect(heard(c)).toEqual(["05:01:00–05:01:10 b"]);
    expect(stretches(c)).toEqual(["tiep 0–60 failed fallback source-lost", "b 0–10 completed "]);
    expect(c.log.records[0]?.segments[0]).toMatchObject({ startedAt: null, audibleMs: 0 });
    expect(c.records()).toEqual(["sang partial"]);
  });

  it("does not sound without a pin, and the rest of the programme does", async () => {
    const morning = programme("sang", { items: [relay({ source: "la" }), item("b")] });
    const c = await at("2026-11-20 04:59:00", { programmes: [morning] });
    await c.clock.advance(4 * MINUTE);
    expect(heard(c)).toEqual(["05:00:00–05:00:10 b"]);
    expect(stretches(c)).toEqual(["tiep 0–0 refused  source-not-approved", "b 0–10 completed "]);
  });

  it("ends at once when its pin is withdrawn, also while its fallback plays", async () => {
    const morning = programme("sang", { items: [relay({ fallback: [item("nhac")] }), item("b")] });
    const c = await at("2026-11-20 04:59:00", { programmes: [morning] });
    await c.clock.advance(90 * SECOND);
    c.change({ live: new Map() });
    await c.clock.advance(30 * SECOND);
    expect(heard(c)).toEqual(["05:00:00–05:00:30 live vov1", "05:00:30–05:00:40 b"]);
    expect(stretches(c)[0]).toBe("tiep 0–30 failed playing source-not-approved");
  });

  it("goes on under a new document that names the same pin, and is received anew under another address", async () => {
    const c = await at("2026-11-20 04:59:00", { programmes: [programme("sang", { items: [relay()] })] });
    await c.clock.advance(90 * SECOND);
    c.change({ live: new Map([[PIN.id, { ...PIN }]]) });
    await c.clock.advance(30 * SECOND);
    c.change({ live: new Map([[PIN.id, { ...PIN, url: "https://other.example.vn/" }]]) });
    await c.clock.advance(30 * SECOND);
    // What is received anew is a stretch of its own: the old one gives nothing any more.
    const [before, after, ...others] = heard(c);
    expect(before).toMatch(/^05:00:00–05:01:0\d live vov1$/);
    expect(after).toBe("05:01:00–… live vov1");
    expect([others, c.sound.listening]).toEqual([[], 1]);
  });

  it("comes back after an emergency with what is left of its run", async () => {
    const morning = programme("sang", { items: [relay({ longestMs: 2 * MINUTE })] });
    const c = await at("2026-11-20 04:59:00", { programmes: [morning] }, { lu: 10_000 });
    await c.clock.advance(90 * SECOND);
    c.change({ emergencies: [{ emergency: alert("lu-1", { items: [item("lu")] }), ended: null }] });
    await c.clock.advance(4 * MINUTE);
    const found = heard(c);
    expect(found[0]).toMatch(/^05:00:00–05:00:3\d live vov1$/);
    expect(found[1]).toMatch(/ lu$/);
    expect(found[2]).toMatch(/^05:00:4\d–05:02:1\d live vov1$/);
    expect(c.log.records.find(({ header }) => header.id === "sang")?.outcome).toBe("played");
  });
});

describe("a live grant", () => {
  function grant(c: VirtualCluster, longestMs = 10 * MINUTE) {
    const origin = { ...ORIGIN, adoptedAt: c.clock.now() };
    const announcement = {
      id: "g1",
      title: "Chủ tịch xã",
      items: [relay({ longestMs })],
      longestMs: longestMs + 10_000,
      outputs: [],
      origin,
    };
    c.change({ announcements: [{ announcement, ended: null }] });
    return () => c.change({ announcements: [{ announcement, ended: refusal("policy", "stopped by command") }] });
  }

  it("takes the output from a programme and gives it back; stopped within 2 s", async () => {
    const morning = programme("sang", { items: [item("a")] });
    const c = await at("2026-11-20 04:59:00", { programmes: [morning] }, { a: 120_000 });
    await c.clock.advance(90 * SECOND);
    const stop = grant(c);
    await c.clock.advance(60 * SECOND);
    expect(c.conductor.onAir()?.candidate.header).toMatchObject({ precedence: "live", id: "g1" });
    stop();
    await c.clock.advance(2 * SECOND);
    expect(heard(c)).toHaveLength(3);
    expect(heard(c)[1]).toMatch(/^05:00:30–05:01:30 live vov1$/);
    await c.clock.advance(3 * MINUTE);
    expect(c.records()).toEqual(["g1 interrupted policy", "sang played"]);
  });

  it("is over after its longest run, whatever comes", async () => {
    const c = await at("2026-11-20 09:00:00", {});
    grant(c, MINUTE);
    await c.clock.advance(5 * MINUTE);
    expect(c.sound.heard.map(({ fromMs, toMs }) => Math.round((toMs - fromMs) / 1_000))).toEqual([60]);
    expect(c.records()).toEqual(["g1 played"]);
  });

  it("cuts no programme off before its source is heard", async () => {
    const c = await at(
      "2026-11-20 04:59:00",
      { programmes: [programme("sang", { items: [item("a")] })] },
      { a: 120_000 },
    );
    c.sound.sources.set("vov1", "dead");
    await c.clock.advance(90 * SECOND);
    const stop = grant(c);
    await c.clock.advance(20 * SECOND);
    expect(heard(c)).toEqual(["05:00:00–… a"]);
    c.sound.sources.set("vov1", "sounding");
    await c.clock.advance(5 * SECOND);
    expect(heard(c).at(-1)).toMatch(/^05:00:5\d–… live vov1$/);
    stop();
    await c.clock.advance(SECOND);
  });

  it("that is stopped before its source answers leaves nothing open", async () => {
    const c = await at("2026-11-20 09:00:00", {});
    c.sound.sources.set("vov1", "dead");
    const stop = grant(c);
    await c.clock.advance(20 * SECOND);
    expect(c.sound.listening).toBe(1);
    stop();
    await c.clock.advance(2 * SECOND);
    expect(c.sound.listening).toBe(0);
    expect(c.records()).toEqual(["g1 refused policy"]);
  });

  it("whose source does not answer within 30 s is over, and programmes go on", async () => {
    const c = await at("2026-11-20 04:59:55", { programmes: [programme("sang", { items: [item("a")] })] });
    c.sound.sources.set("vov1", "dead");
    grant(c);
    await c.clock.advance(MINUTE);
    expect(c.records()).toEqual(["g1 failed", "sang played"]);
    expect(stretches(c)).toEqual(["tiep 0–0 refused  source-lost"]);
    expect(c.sound.listening).toBe(0);
  });

  it("gives the output back two minutes after who spoke went away without a word", async () => {
    const c = await at("2026-11-20 09:00:00", {});
    grant(c);
    await c.clock.advance(MINUTE);
    c.sound.sources.set("vov1", "dead");
    await c.clock.advance(3 * MINUTE);
    expect(c.records()).toEqual(["g1 partial"]);
    expect(stretches(c)).toEqual(["tiep 0–63 failed stalled source-lost", "tiep 63–183 failed fallback source-lost"]);
    expect(c.sound.listening).toBe(0);
  });

  it("goes on with who spoke as soon as he speaks again, and waits for him anew whenever he is gone", async () => {
    const c = await at("2026-11-20 09:00:00", {});
    grant(c);
    const turns = [MINUTE, 70 * SECOND, MINUTE, 100 * SECOND, MINUTE];
    for (const [n, ms] of turns.entries()) {
      if (n % 2 === 0) c.sound.sources.delete("vov1");
      else c.sound.sources.set("vov1", "dead");
      await c.clock.advance(ms);
    }
    const spoken = heard(c).map((one) => one.slice(0, 8));
    expect(spoken).toEqual([
      "09:00:00",
      expect.stringMatching(/^09:02:1[0-3]$/),
      expect.stringMatching(/^09:04:5[0-3]$/),
    ]);
    c.sound.sources.set("vov1", "dead");
    await c.clock.advance(3 * MINUTE);
    expect(c.records()).toEqual(["g1 partial"]);
  });

  it("is not given again by a restart, and the record says that it was interrupted", async () => {
    const killed = await at("2026-11-20 09:00:00", {});
    grant(killed);
    await killed.clock.advance(MINUTE);
    cluster = new VirtualCluster(local("2026-11-20 09:01:05"), { live: PINS }, {}, { log: killed.log });
    await cluster.conductor.start();
    await cluster.clock.advance(10 * SECOND);
    expect(cluster.records()).toEqual(["g1 interrupted policy"]);
    expect(stretches(cluster)).toEqual([expect.stringMatching(/^tiep 0–5\d killed playing$/)]);
    expect(heard(cluster)).toEqual([]);
  });
});

describe("a live source in an alert", () => {
  const flood = (change: object = {}) => ({
    emergency: alert("lu", { items: [relay()], text: "Lũ đang lên.", repeat: { rounds: 3, gapMs: 60_000 }, ...change }),
    ended: null,
  });
  const sounds = (c: VirtualCluster) => c.sound.heard.map(({ what }) => what.replace(SPOKEN, ""));

  it("that gives nothing makes place at once for siren and text, and is heard in a later round", async () => {
    cluster = new VirtualCluster(local("2026-11-20 09:00:00"), { live: PINS, emergencies: [flood()] });
    cluster.sound.sources.set("vov1", "dead");
    await cluster.conductor.start();
    await cluster.clock.advance(10 * SECOND);
    expect(sounds(cluster)).toEqual(["siren", "Lũ đang lên."]);
    cluster.sound.sources.delete("vov1");
    await cluster.clock.advance(3 * MINUTE);
    expect(sounds(cluster).slice(2)).toContain("live vov1");
  });

  it("that is lost in the middle is no silence for the rest of its time", async () => {
    const c = await at("2026-11-20 09:00:00", { emergencies: [flood()] });
    await c.clock.advance(MINUTE);
    expect(sounds(c)).toEqual(["live vov1"]);
    c.sound.sources.set("vov1", "dead");
    await c.clock.advance(2 * MINUTE);
    expect(sounds(c)).toContain("Lũ đang lên.");
  });
});
