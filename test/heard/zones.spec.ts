/**
 * Two zones on the two channels of one card, each with an amplifier and a holder of its own: the real program, heard on both sides.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MediaLibrary } from "../source/library.ts";
import type { MediaFile } from "../source/media.ts";
import { Cluster, localParts, SHORT_TIMES, STATION } from "../support/cluster/cluster.ts";
import { findHead } from "../support/sound/correlate.ts";
import { decodeFile } from "../support/sound/decode.ts";
import { unexplainedSound } from "../support/sound/levels.ts";
import { Recorder } from "../support/sound/recorder.ts";
import { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";

let folder: string;
let card: VirtualSoundCard;
let left: Recorder;
let right: Recorder;
let cluster: Cluster;
let news: MediaFile;
let market: MediaFile;
let alarm: MediaFile;
let at: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-zones-"));
  card = await VirtualSoundCard.start({ channels: 2 });
  [left, right] = await Promise.all([Recorder.start(card, "front-left"), Recorder.start(card, "front-right")]);
  cluster = await Cluster.open({ environment: card.env, folder: join(folder, "cluster") });
  const { amplifierTimes } = SHORT_TIMES;
  const amplifier = { kind: "simulated", socket: cluster.board.socket };
  await cluster.configure({
    output: "thon",
    hardware: {
      ...{ amplifier, amplifierTimes, sound: { band: "off", channel: 1, channels: 2 } },
      furtherOutputs: [
        { name: "cho", amplifier, amplifierTimes, sound: { band: "off", channel: 2, channels: 2, gainDb: -6 } },
      ],
    },
  });
  const library = await MediaLibrary.open(join(folder, "media"));
  const speech = (text: string) =>
    library.get({ recipe: { kind: "speech", text, voice: "north" }, format: "flac", title: text });
  news = await speech("Bản tin của thôn, mời bà con theo dõi tin tức buổi sáng hôm nay.");
  market = await speech("Thông báo của ban quản lý chợ: phiên chợ sáng thứ bảy họp sớm hơn thường lệ.");
  alarm = await speech("Cháy ở chợ, mời bà con sơ tán ngay.");
  const agent = await cluster.startAgent();
  await cluster.approve([news, market], [alarm]);
  await cluster.cached();
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
  at = Math.ceil((Date.now() + 4_000) / 1_000) * 1_000;
  const { date, time } = localParts(at);
  const programme = (id: string, { title, sha256 }: MediaFile, output: string) => ({
    ...{ id, title, class: "normal" as const, recurrence: { kind: "once" as const, date }, start: time },
    ...{ outputs: [output], items: [{ kind: "media" as const, id: "i", title, sha256 }] },
  });
  await cluster.schedule([programme("tin", news, "thon"), programme("phien", market, "cho")]);
}, 60_000);

afterAll(async () => {
  await cluster?.close();
  await Promise.all([left?.stop(), right?.stop()]);
  await card?.close();
  await rm(folder, { recursive: true, force: true });
});

async function found(recorder: Recorder, file: MediaFile, around: number) {
  const source = await decodeFile(file.file);
  const { sample, score } = findHead(recorder.samples(), source, { sample: recorder.sampleAt(around), within: 96_000 });
  return { at: recorder.wallTimeOf(sample), score, interval: { from: sample, to: sample + source.length } };
}

const slots = () =>
  cluster.source
    .records(STATION)
    .map(({ record }) => record as { kind: string; body: { key: string; output: string; outcome: string } })
    .filter(({ kind }) => kind === "slot")
    .map(({ body: { key, output, outcome } }) => `${key.split("@")[0]} (${output}) ${outcome}`);

describe("two zones of one cluster", () => {
  it("play their own programmes at the same instant, each on its side and nothing of the other's", async () => {
    await Promise.all([left.until(at + 7_000), right.until(at + 7_000)]);
    const [own, other] = [await found(left, news, at), await found(right, market, at)];
    expect(Math.min(own.score, other.score)).toBeGreaterThan(0.8);
    expect(Math.abs(own.at - at)).toBeLessThan(20);
    expect(Math.abs(other.at - at)).toBeLessThan(20);
    expect((await found(left, market, at)).score).toBeLessThan(0.5);
    expect((await found(right, news, at)).score).toBeLessThan(0.5);
    expect(unexplainedSound(left.samples(), [own.interval])).toEqual([]);
    expect(unexplainedSound(right.samples(), [other.interval])).toEqual([]);
  });

  it("put one down by its own gain", async () => {
    const rms = async (recorder: Recorder, file: MediaFile) => {
      const { interval } = await found(recorder, file, at);
      const power = (samples: Float32Array) =>
        10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
      return power(recorder.samples(interval.from, interval.to)) - power(await decodeFile(file.file));
    };
    expect((await rms(left, news)) - (await rms(right, market))).toBeCloseTo(6, 0);
  });

  it("let an alert for one pass the other by, and write one record for each that played", async () => {
    const asked = Date.now();
    const expires = new Date(asked + 60_000).toISOString();
    const items = [{ kind: "media" as const, id: "loi", title: alarm.title, sha256: alarm.sha256 }];
    const alert = { identifier: "chay-cho", headline: alarm.title, items, outputs: ["cho"] };
    const meaning = {
      sent: new Date(asked).toISOString(),
      status: "actual" as const,
      msgType: "alert" as const,
      expires,
    };
    await cluster.source.publish("emergency", { ...alert, ...meaning }, { address: "province/01" });
    await right.until(asked + 4_500);
    expect((await found(right, alarm, asked + 500)).score).toBeGreaterThan(0.8);
    expect((await found(left, alarm, asked + 500)).score).toBeLessThan(0.5);
    await cluster.source.waitFor(() => (slots().length >= 3 ? true : null), 10_000);
    expect(slots().sort()).toEqual(
      ["emergency chay-cho on cho (cho) played", "province:tin (thon) played", "province:phien (cho) played"].sort(),
    );
  });

  it("each power an amplifier of their own", async () => {
    const log = (await readFile(cluster.board.logFile, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const powered = log.filter(({ event, power }) => event === "lines" && power === true);
    expect(new Set(powered.map(({ amplifier }) => amplifier))).toEqual(new Set(["amplifier", "cho"]));
  });
});
