import { describe, expect, it } from "vitest";
import { parseSha256, type Sha256 } from "../../../playback/model/units.ts";
import { decoderArguments } from "../../../playback/sound/decoder-arguments.ts";
import { LevelMeter, levelIn } from "../../../playback/sound/level-meter.ts";
import { PcmFeed } from "../../../playback/sound/pcm-feed.ts";
import { memorySource, type PcmSource, silenceSource } from "../../../playback/sound/pcm-source.ts";
import { heldAs, PinnedSounds } from "../../../playback/sound/pinned-sounds.ts";

const AS_IT_IS = { band: null, gain: 0, limited: false };
const ramp = Float32Array.from({ length: 60_000 }, (_, at) => at);

function digest(digit: string): Sha256 {
  const sha256 = parseSha256(digit.repeat(64));
  if (!sha256) throw new Error("a digest is 64 digits");
  return sha256;
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("a feed", () => {
  it("reads no further ahead than it is told to", async () => {
    const feed = new PcmFeed(silenceSource(48_000 * 60));
    await feed.ready;
    await settle();
    expect(feed.decoded).toBe(24_000);
    feed.demand(100_000);
    await settle();
    expect(feed.decoded).toBe(120_000);
    expect(feed.end).toBeNull();
    await feed.close();
  });

  it("gives memory from a position on, and its exact length at once", async () => {
    const feed = new PcmFeed(memorySource(ramp, 30_000));
    expect(feed.length).toBe(30_000);
    feed.demand(60_001);
    await settle();
    expect(feed.take()?.samples?.[0]).toBe(30_000);
    expect(feed.take()?.length).toBe(6_000);
    expect(feed.take()).toBeUndefined();
    expect(feed.end).toEqual({ refusal: null });
  });

  it("is ready with nothing when it is closed while its source is slow", async () => {
    const answer = Promise.withResolvers<{ refusal: null }>();
    let closed = false;
    const source: PcmSource = {
      from: 0,
      length: null,
      next: () => answer.promise,
      close: async () => {
        closed = true;
        answer.resolve({ refusal: null });
      },
    };
    const feed = new PcmFeed(source);
    await feed.close();
    await feed.ready;
    expect(closed).toBe(true);
    expect(feed.take()).toBeUndefined();
  });
});

describe("pinned sounds", () => {
  it("keep a sound whole", async () => {
    const pinned = new PinnedSounds();
    expect(await pinned.keep(digest("a"), memorySource(ramp, 0))).toBeNull();
    expect(pinned.get(digest("a"))?.samples).toEqual(ramp);
  });

  it("are replaced by another decoding, and count once", async () => {
    const pinned = new PinnedSounds();
    const minute = 48_000 * 60;
    for (let round = 0; round < 6; round++) {
      expect(await pinned.keep(digest("a"), silenceSource(minute + round))).toBeNull();
    }
    expect(pinned.get(digest("a"))?.samples.length).toBe(minute + 5);
    expect(await pinned.keep(digest("b"), silenceSource(48_000 * 170))).toBeNull();
  });

  it("sound softer where less is wanted, and never louder than they are held", () => {
    const levelling = (gainDb: number) => ({
      ...{ targetLufs: -16, measuredLufs: -20, truePeakDb: -3, gainDb, limitedDb: 2 },
    });
    expect(heldAs(levelling(4), levelling(0))).toEqual({
      softerBy: 10 ** (-4 / 20),
      levelling: { ...levelling(0), limitedDb: 2 },
    });
    expect(heldAs(levelling(4), levelling(9))).toMatchObject({ softerBy: 1, levelling: { gainDb: 4 } });
    expect(heldAs(null, levelling(9))).toMatchObject({ softerBy: 1, levelling: { gainDb: 0, limitedDb: null } });
    expect(heldAs(levelling(4), null)).toEqual({ softerBy: 1, levelling: null });
  });

  it("are no more than four minutes in all", async () => {
    const pinned = new PinnedSounds();
    expect(await pinned.keep(digest("a"), silenceSource(48_000 * 200))).toBeNull();
    expect(await pinned.keep(digest("b"), silenceSource(48_000 * 60))).toMatchObject({ reason: "too-large" });
    expect(pinned.get(digest("b"))).toBeUndefined();
    expect(await pinned.keep(digest("c"), silenceSource(48_000 * 39))).toBeNull();
  });
});

describe("the level meter", () => {
  it("measures a sine and how long it was audible", () => {
    const sine = Float32Array.from({ length: 4_800 }, (_, at) => 0.5 * Math.sin(at * 0.2));
    const meter = new LevelMeter();
    for (let n = 0; n < 5; n++) meter.add(sine, 4_800);
    meter.add(new Float32Array(4_800), 4_800);
    expect(meter.audibleMs()).toBe(500);
    expect(meter.level().peak).toBeCloseTo(-6, 1);
    expect(meter.level().rms).toBeCloseTo(-9.03 - 0.79, 1);
    expect(levelIn(sine).rms).toBeCloseTo(-9.03, 1);
  });
});

describe("the decoder's arguments", () => {
  it("force the demuxer, forbid every protocol but files, and enter a second early", () => {
    const args = decoderArguments("audio/mpeg", 5_500, AS_IT_IS)?.join(" ") ?? "";
    expect(args).toMatch(/-protocol_whitelist file .*-f mp3 .*-ss 4.5 .*-i \/proc\/self\/fd\/3 .*-ss 1 /);
    expect(args).toMatch(/-f f32le .*pipe:1$/);
    expect(args.split(" ")).toEqual(expect.arrayContaining(["-nostdin", "-vn", "-sn", "-dn"]));
  });

  it("take parameters of a media type for what they are", () => {
    expect(decoderArguments("Audio/Ogg; codecs=opus", 0, AS_IT_IS)).toContain("ogg");
  });

  it.each(["audio/x-mpegurl", "text/plain", "", "constructor"])("do not exist for %j", (type) => {
    expect(decoderArguments(type, 0, AS_IT_IS)).toBeNull();
  });
});
