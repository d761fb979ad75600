/** An approval that is taken back while what it approved is heard, or is just about to be. */
import { afterEach, describe, expect, it } from "vitest";
import { SPOKEN } from "../../agent/simulate/virtual-speech.ts";
import type { LivePin } from "../../playback/model/live.ts";
import type { Item, TextItem } from "../../playback/model/schedule.ts";
import { HOUR, MINUTE, SECOND } from "../../playback/model/units.ts";
import { textDigest } from "../../playback/sound/text-digest.ts";
import { alert, item, local, ORIGIN, programme, VirtualCluster } from "../support/virtual/virtual-cluster.ts";

let cluster: VirtualCluster;

async function at(
  start: string,
  ...rest: ConstructorParameters<typeof VirtualCluster> extends [unknown, ...infer R] ? R : never
) {
  cluster = new VirtualCluster(local(start), ...rest);
  await cluster.conductor.start();
  return cluster;
}

/** From now on nobody approves it. */
function withdraw(c: VirtualCluster, name: string): void {
  c.withdrawn.add(name);
  c.change({});
}

const what = (c: VirtualCluster) => c.heard().map((line) => line.slice(15));
const stretches = (c: VirtualCluster, id: string) =>
  c.log.records
    .filter(({ header }) => header.id === id)
    .flatMap(({ segments }) => segments)
    .map((one) => `${one.itemId} ${one.outcome}${one.refusal === undefined ? "" : ` ${one.refusal.reason}`}`);

afterEach(() => expect(cluster.faults).toEqual([]));

describe("a recording whose approval is withdrawn", () => {
  it("while it sounds is silent at once, and the programme goes on; its eviction cuts nothing", async () => {
    const programmes = [programme("sang", { items: [item("xau"), item("tot")] })];
    const c = await at("2026-11-20 04:59:59", { programmes }, { xau: HOUR });
    await c.clock.advance(31 * SECOND);
    c.bad.set("xau", "media-missing");
    c.change({});
    await c.clock.advance(30 * SECOND);
    expect(what(c)).toEqual(["xau 0–…"]);
    withdraw(c, "xau");
    await c.clock.advance(MINUTE);
    expect(what(c)).toEqual(["xau 0–60", "tot 0–10"]);
    expect(c.records()).toEqual(["sang partial"]);
    expect(stretches(c, "sang")).toEqual(["xau failed digest-not-approved", "tot completed"]);
  });

  it("while it is joined to what sounds is never heard, and what follows it is joined on instead", async () => {
    const programmes = [programme("sang", { items: [item("a"), item("thieu"), item("xau"), item("b")] })];
    const c = await at("2026-11-20 04:59:59", { programmes });
    c.bad.set("thieu", "media-missing");
    await c.clock.advance(6 * SECOND);
    withdraw(c, "xau");
    await c.clock.advance(MINUTE);
    expect(c.heard()).toEqual(["11-20 05:00:00 a 0–10", "11-20 05:00:10 b 0–10"]);
    expect(stretches(c, "sang")).toEqual([
      "a completed",
      "thieu refused media-missing",
      "xau refused digest-not-approved",
      "b completed",
    ]);
  });

  it("and that is all that a loop has leaves the loop silent until it is approved again", async () => {
    const programmes = [programme("nhac", { loop: true, end: "05:30" })];
    const c = await at("2026-11-20 04:59:59", { programmes });
    await c.clock.advance(15 * SECOND);
    withdraw(c, "nhac");
    await c.clock.advance(5 * MINUTE);
    expect(what(c)).toEqual(["nhac 0–10", "nhac 0–4"]);
    c.withdrawn.clear();
    c.change({});
    await c.clock.advance(30 * SECOND);
    expect(c.conductor.onAir()?.candidate.header.id).toBe("nhac");
  });

  it("while an alert sounds it is followed by what the alert is made of without it", async () => {
    const text = "Nước sông đang lên.";
    const emergency = alert("lu", { items: [item("ghi-am"), item("het")], text });
    const c = await at("2026-11-20 12:00:00", { emergencies: [{ emergency, ended: null }] });
    await c.clock.advance(4 * SECOND);
    withdraw(c, "ghi-am");
    await c.clock.advance(MINUTE);
    const sounds = c.sound.heard.map((one) => one.what.replace(SPOKEN, ""));
    expect(what(c)[0]).toMatch(/^ghi-am 0–3/);
    expect(sounds[1]).toBe("siren");
    expect(what(c)[2]).toBe("het 0–10");
    expect(sounds[3]).toBe(text);
    expect(c.records()[0]).toBe("lu partial");
  });

  it("sounds on neither over a programme nor in place of a live source", async () => {
    const pin: LivePin = { id: "vov1", kind: "icecast", url: "https://live.example.vn/vov1", hosts: [] };
    const fallback = [item("thay")];
    const live = { kind: "live", id: "tiep", title: "tiep", source: "vov1", longestMs: 10 * MINUTE, fallback } as const;
    const announcement = { id: "loi", title: "loi", items: [item("loi")], longestMs: HOUR, duck: true, outputs: [] };
    const c = await at(
      "2026-11-20 04:59:50",
      { programmes: [programme("sang", { items: [live] })], live: new Map([[pin.id, pin]]) },
      { thay: MINUTE, loi: MINUTE },
    );
    c.sound.sources.set("vov1", "dead");
    await c.clock.advance(30 * SECOND);
    c.change({ announcements: [{ announcement: { ...announcement, origin: ORIGIN }, ended: null }] });
    await c.clock.advance(5 * SECOND);
    expect(what(c).sort()).toEqual(["loi 0–…", "thay 0–…"]);
    withdraw(c, "loi");
    withdraw(c, "thay");
    await c.clock.advance(MINUTE);
    const lengths = c.sound.heard.map(({ toMs, endedAt }) => endedAt !== null && toMs < 30_000);
    expect(lengths).toEqual([true, true]);
    expect(stretches(c, "loi")).toEqual(["loi failed digest-not-approved"]);
  });
});

describe("a text whose approval is withdrawn", () => {
  const text: TextItem = { kind: "text", id: "chu", title: "chu", language: "vi", text: "Bà con chú ý. ".repeat(50) };
  const facts = (items: readonly Item[]) => ({ programmes: [programme("sang", { items })] });

  it("while it is spoken is silent at once", async () => {
    const texts = new Set([textDigest(text.text)]);
    const c = await at("2026-11-20 04:59:59", { ...facts([text, item("b")]), texts });
    await c.clock.advance(6 * SECOND);
    expect(c.conductor.onAir()?.now?.item.id).toBe("chu");
    c.change({ texts: new Set() });
    await c.clock.advance(MINUTE);
    expect(stretches(c, "sang")).toEqual(["chu failed digest-not-approved", "b completed"]);
    expect(c.sound.heard[0]?.toMs).toBe(5_000);
  });
});
