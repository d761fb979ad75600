/** Announcements that sound over a programme, on the real deciding and conducting in virtual time. */
import { afterEach, describe, expect, it } from "vitest";
import type { Announcement } from "../../playback/model/announcement.ts";
import type { HeldAnnouncement } from "../../playback/model/facts.ts";
import { DEFAULT_POLICY } from "../../playback/model/policy.ts";
import { refusal } from "../../playback/model/refusal.ts";
import { decibelsOf, HOUR, MINUTE, SECOND } from "../../playback/model/units.ts";
import { alert, item, local, nameOf, ORIGIN, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";

let cluster: VirtualCluster;

afterEach(async () => {
  expect(cluster.faults).toEqual([]);
  const closed = cluster.conductor.close();
  await cluster.clock.advance(SECOND);
  await closed;
});

async function at(
  start: string,
  ...rest: [...ConstructorParameters<typeof VirtualCluster>] extends [unknown, ...infer R] ? R : never
) {
  cluster = new VirtualCluster(local(start), rest[0], rest[1], rest[2]);
  await cluster.conductor.start();
  return cluster;
}

function over(id: string, change: Partial<Announcement> = {}): HeldAnnouncement {
  const plain = { id, title: id, items: [item(id)], longestMs: HOUR, duck: true, outputs: [], origin: ORIGIN };
  return { announcement: { ...plain, ...change }, ended: null };
}

/** What was heard: from, to, name, its gain at the start and those it was brought to, with the second of the minute at which each was reached. */
const heard = (c: VirtualCluster) =>
  c.sound.heard.map(({ what, startedAt, endedAt, gain, gains }) => {
    const clock = (when: number) => new Date(when + 7 * HOUR).toISOString().slice(14, 21);
    const ramps = gains.map(({ at: when, gain: to }) => ` ${clock(when)}→${to.toFixed(1)}`).join("");
    return `${clock(startedAt)}–${endedAt === null ? "…" : clock(endedAt)} ${nameOf(what)} ${gain.toFixed(1)}${ramps}`;
  });

const LONG = { sang: MINUTE, loi: 10 * SECOND };

describe("an announcement that ducks", () => {
  it("is turned with the volume while it sounds, and the programme underneath with it", async () => {
    const policy = { ...DEFAULT_POLICY, quietHours: [], volume: 50 };
    const c = await at("2026-11-20 04:59:50", { programmes: [programme("sang")], policy }, LONG);
    await c.clock.advance(30 * SECOND);
    c.change({ announcements: [over("loi")] });
    await c.clock.advance(3 * SECOND);
    c.change({ policy: { ...policy, volume: 25 } });
    await c.clock.advance(2 * MINUTE);
    const half = decibelsOf(50);
    const quarter = decibelsOf(25);
    const gains = c.sound.heard.map(({ gain, gains: turned }) => [gain, ...turned.map((one) => one.gain)]);
    expect(gains).toEqual([
      [half, half - 18, quarter - 18, quarter],
      [half, quarter],
    ]);
  });

  it("sounds over the programme, which goes on at −18 dB and comes back, each with a record of its own", async () => {
    const c = await at("2026-11-20 04:59:50", { programmes: [programme("sang")] }, LONG);
    await c.clock.advance(30 * SECOND);
    c.change({ announcements: [over("loi")] });
    await c.clock.advance(2 * MINUTE);
    expect(heard(c)).toEqual(["00:00.0–01:00.0 sang -6.0 00:20.3→-24.0 00:30.6→-6.0", "00:20.3–00:30.3 loi -6.0"]);
    expect(c.records().sort()).toEqual(["loi played", "sang played"]);
  });

  it("holds the output where nothing is on air; what begins underneath begins put down", async () => {
    const c = await at("2026-11-20 04:59:30", { programmes: [programme("sang")] }, { sang: MINUTE, loi: 40 * SECOND });
    c.change({ announcements: [over("loi")] });
    await c.clock.advance(3 * MINUTE);
    expect(heard(c)).toEqual([
      expect.stringMatching(/^59:3\d\.\d–00:1\d\.\d loi -6\.0$/),
      expect.stringMatching(/^00:00\.0–01:00\.0 sang -24\.0 00:1\d\.\d→-6\.0$/),
    ]);
    expect(c.records().sort()).toEqual(["loi played", "sang played"]);
  });

  it("keeps the next item of the programme down, and what takes the programme's place", async () => {
    const two = programme("hai", { items: [item("mot"), item("hai")] });
    const greater = programme("lon", { class: "priority", start: "05:00:35", lateness: { word: "cut-in" } });
    const c = await at(
      "2026-11-20 04:59:50",
      { programmes: [two, greater] },
      { mot: 20_000, hai: 30_000, lon: 30_000, loi: 40_000 },
    );
    await c.clock.advance(20 * SECOND);
    c.change({ announcements: [over("loi")] });
    await c.clock.advance(3 * MINUTE);
    const lines = heard(c);
    expect(lines[0]).toBe("00:00.0–00:20.0 mot -6.0 00:10.3→-24.0");
    expect(lines.find((line) => line.includes(" hai "))).toMatch(/^00:20\.0–00:35\.\d hai -24\.0$/);
    expect(lines.find((line) => line.includes(" lon "))).toMatch(/^00:35\.\d–.* lon -24\.0 00:50\.\d→-6\.0$/);
  });

  it("is ended at once by an alert, which is not put down; the programme comes back as after any alert", async () => {
    const c = await at("2026-11-20 04:59:50", { programmes: [programme("sang")] }, LONG);
    await c.clock.advance(20 * SECOND);
    c.change({ announcements: [over("loi")] });
    await c.clock.advance(5 * SECOND);
    c.change({ emergencies: [{ emergency: alert("bao"), ended: null }] });
    await c.clock.advance(2 * MINUTE);
    const lines = heard(c);
    expect(lines.slice(1, 3)).toEqual([
      expect.stringMatching(/^00:10\.3–00:15\.\d loi -6\.0$/),
      "00:15.0–00:25.0 bao 0.0",
    ]);
    expect(lines.at(-1)).toMatch(/^00:.*–01:.* sang -6\.0$/);
    expect(c.records().sort()).toEqual(["bao played", "loi interrupted policy", "sang played"]);
  });

  it("waits for an alert and for another live sound to end, and keeps a live one waiting", async () => {
    const c = await at("2026-11-20 05:10:00", { announcements: [over("truoc", { duck: false })] }, LONG);
    await c.clock.advance(3 * SECOND);
    c.change({ announcements: [over("truoc", { duck: false }), over("loi")] });
    await c.clock.advance(10 * SECOND);
    const third = { ...over("sau", { duck: false }) };
    c.change({ announcements: [over("loi"), third] });
    await c.clock.advance(MINUTE);
    const names = c.sound.heard.map(({ what }) => nameOf(what));
    expect(names).toEqual(["truoc", "loi", "sau"]);
    const [first, second, last] = c.sound.heard;
    expect(second?.startedAt).toBeGreaterThanOrEqual(first?.endedAt ?? Number.NaN);
    expect(last?.startedAt).toBeGreaterThanOrEqual(second?.endedAt ?? Number.NaN);
  });

  it("ends by its own end, by mute and by its signer's limit, and the programme is lifted", async () => {
    const limited = over("loi", { origin: { ...ORIGIN, limits: { longestMs: 4_000 } } });
    const c = await at("2026-11-20 04:59:50", { programmes: [programme("sang")] }, LONG);
    await c.clock.advance(20 * SECOND);
    c.change({ announcements: [limited] });
    await c.clock.advance(10 * SECOND);
    const ended = { ...over("mot"), ended: refusal("policy", "stopped by command") };
    c.change({ announcements: [over("mot")] });
    await c.clock.advance(3 * SECOND);
    c.change({ announcements: [ended] });
    await c.clock.advance(3 * SECOND);
    c.change({ announcements: [over("hai")] });
    await c.clock.advance(3 * SECOND);
    c.change({ muted: true });
    await c.clock.advance(2 * MINUTE);
    const lengths = c.sound.heard
      .slice(1)
      .map(({ what, fromMs, toMs }) => `${nameOf(what)} ${Math.round((toMs - fromMs) / 100) / 10}`);
    expect(lengths).toEqual(["loi 4", "mot 2.7", "hai 2.7"]);
    expect(c.records().sort()).toEqual([
      "hai interrupted muted",
      "loi interrupted out-of-scope",
      "mot interrupted policy",
    ]);
    expect(c.sound.heard[0]?.gains.map(({ gain }) => gain)).toEqual([-24, -6, -24, -6, -24, -6]);
  });

  const PAGE: Partial<Announcement> = {
    by: "contact mic",
    items: [
      { kind: "tone", id: "chime", title: "chime", tone: "chime", durationMs: 1_200 },
      { kind: "microphone", id: "microphone", title: "page", longestMs: 20_000, endAfterSilenceMs: 5_000 },
    ],
  };

  it("is a chime and a microphone where somebody pages, until he is silent, and says who it was", async () => {
    const c = await at("2026-11-20 04:59:50", { programmes: [programme("sang")] }, LONG);
    c.sound.microphoneMs = 6_000;
    await c.clock.advance(20 * SECOND);
    c.change({ announcements: [over("trang", PAGE)] });
    await c.clock.advance(2 * MINUTE);
    const said = c.sound.heard.map(({ what, fromMs, toMs }) => `${what} ${toMs - fromMs}`);
    expect(said.slice(1)).toEqual(["chime 1200", "microphone 11000"]);
    expect(c.sound.heard[0]?.gains.map(({ gain }) => gain)).toEqual([-24, -6]);
    const record = c.log.records.find(({ header }) => header.id === "trang");
    expect(record).toMatchObject({
      header: { by: "contact mic" },
      outcome: "played",
      segments: [
        { itemId: "chime", outcome: "completed" },
        { itemId: "microphone", outcome: "completed", rms: -20, audibleMs: 11_000 },
      ],
    });
  });

  it("counts as played where its speaker ends it, ends at its limit, and fails plainly without a microphone", async () => {
    const c = await at("2026-11-20 05:10:00", {}, LONG);
    c.sound.microphoneMs = HOUR;
    c.change({ announcements: [over("mot", PAGE)] });
    await c.clock.advance(8 * SECOND);
    c.change({ announcements: [{ ...over("mot", PAGE), ended: refusal("released", "ended by contact mic") }] });
    await c.clock.advance(3 * SECOND);
    c.change({ announcements: [over("hai", PAGE)] });
    await c.clock.advance(40 * SECOND);
    expect(c.sound.heard.filter(({ what }) => what === "microphone").at(-1)?.toMs).toBe(20_000);
    c.sound.microphoneMs = null;
    c.change({ announcements: [over("ba", PAGE)] });
    await c.clock.advance(10 * SECOND);
    expect(c.records()).toEqual(["mot played released", "hai played", "ba partial"]);
    expect(c.log.records.at(-1)?.segments.map(({ itemId, refusal: why }) => `${itemId} ${why?.reason ?? ""}`)).toEqual([
      "chime ",
      "microphone source-lost",
    ]);
  });

  it("never opens a microphone later than its speaker meant: who would have to wait is turned away", async () => {
    const c = await at("2026-11-20 05:10:00", { emergencies: [{ emergency: alert("bao"), ended: null }] }, LONG);
    c.sound.microphoneMs = 5_000;
    await c.clock.advance(3 * SECOND);
    const page = over("trang", PAGE);
    c.change({ announcements: [page] });
    await c.clock.advance(MINUTE);
    expect(c.sound.heard.map(({ what }) => nameOf(what))).toEqual(["bao"]);
    expect(c.records()).toEqual(["trang refused policy", "bao played"]);
  });

  it("is recorded as failed where it cannot sound, and the programme is not touched", async () => {
    const c = await at("2026-11-20 04:59:50", { programmes: [programme("sang")] }, LONG);
    c.bad.set("loi", "media-missing");
    await c.clock.advance(20 * SECOND);
    c.change({ announcements: [over("loi")] });
    await c.clock.advance(2 * MINUTE);
    expect(heard(c)).toEqual(["00:00.0–01:00.0 sang -6.0"]);
    expect(c.records().sort()).toEqual(["loi failed", "sang played"]);
  });
});
