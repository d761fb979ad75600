/** Twenty media as stations get them, through the very measuring and decoding that plays them, faster than they last. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import {
  DEFAULT_LOUDNESS,
  LIMITER_CEILING,
  levellingOf,
  MOST_TRUE_PEAK,
  targetOf,
} from "../../../playback/model/loudness.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import { measureLoudness, parseLoudness } from "../../../playback/sound/loudness.ts";
import { HORN_BAND } from "../../../playback/sound/processing.ts";
import { decodeTreated, loudnessOf } from "../../support/sound/decode.ts";
import { realClock } from "../../support/sound/real-clock.ts";
import { describeMedia, FORMATS, type Format, openTestMedia } from "../../support/sound/test-tone.ts";

const run = promisify(execFile);
const supervisor = new ChildSupervisor();
const never = new AbortController().signal;
const SECONDS = 6;
const SPEECH = [
  "Kính thưa bà con, sau đây là bản tin thời tiết của xã.",
  "Ngày mai trời có mưa rào và dông rải rác, gió cấp năm.",
  "Đề nghị bà con chằng chống nhà cửa trước mười tám giờ.",
];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-loudness-"));
});
afterAll(async () => {
  await supervisor.stopAll();
  await rm(folder, { recursive: true, force: true });
});

const SOURCES = {
  pink: "anoisesrc=c=pink:r=48000:a=0.6:seed=4",
  chord: "aevalsrc=0.2*sin(2*PI*262*t)+0.2*sin(2*PI*330*t)+0.2*sin(2*PI*392*t)*(0.5+0.5*sin(2*PI*2*t)):s=44100",
  beat: "aevalsrc=0.8*sin(2*PI*110*t)*exp(-12*mod(t\\,0.5))+0.5*sin(2*PI*900*t)*exp(-30*mod(t\\,0.25)):s=44100",
  tone: "sine=f=1000:r=48000",
  two: "aevalsrc=0.3*sin(2*PI*500*t)|0.3*sin(2*PI*750*t):s=44100",
} as const;

interface Case {
  readonly name: string;
  readonly from: keyof typeof SOURCES | 0 | 1 | 2;
  readonly format: Format;
  /** Filters that spoil it. */
  readonly as?: string;
  readonly channels?: 1 | 2;
}
const CASES: readonly Case[] = [
  { name: "speech", from: 0, format: "mp3" },
  { name: "quiet speech", from: 1, format: "opus", as: "volume=-18dB" },
  { name: "speech far too quiet", from: 2, format: "m4a", as: "volume=-40dB" },
  { name: "loud speech", from: 0, format: "flac", as: "volume=8dB,alimiter=level=false" },
  { name: "clipped speech", from: 1, format: "wav", as: "volume=24dB" },
  { name: "speech on two channels", from: 2, format: "mp3", channels: 2 },
  { name: "speech on the left only", from: 0, format: "m4a", as: "pan=stereo|c0=c0", channels: 2 },
  { name: "telephone speech", from: 1, format: "wav", as: "highpass=f=300,lowpass=f=3400" },
  { name: "speech with hum", from: 2, format: "opus", as: "aeval=val(0)+0.3*sin(2*PI*50*t)" },
  { name: "pink noise", from: "pink", format: "flac" },
  { name: "clipped noise", from: "pink", format: "wav", as: "volume=20dB" },
  { name: "soft noise", from: "pink", format: "mp3", as: "volume=-24dB" },
  { name: "a chord", from: "chord", format: "m4a" },
  { name: "a chord on two channels, mastered loud", from: "chord", format: "flac", as: "volume=9dB", channels: 2 },
  { name: "a beat with bass", from: "beat", format: "mp3" },
  { name: "a beat, quiet", from: "beat", format: "opus", as: "volume=-20dB", channels: 2 },
  { name: "a beat, clipped", from: "beat", format: "m4a", as: "volume=15dB" },
  { name: "a tone", from: "tone", format: "wav" },
  { name: "a tone at full scale", from: "tone", format: "flac", as: "volume=18dB" },
  { name: "two tones, one a side", from: "two", format: "opus", channels: 2 },
];

async function make({ name, from, format, as = "anull", channels = 1 }: Case) {
  const { ending, args } = FORMATS[format];
  const path = join(folder, `${name.replaceAll(" ", "-")}.${ending}`);
  const wav = join(folder, `speech-${from}.wav`);
  if (typeof from === "number") await run("espeak-ng", ["-v", "vi", "-s", "150", "-w", wav, SPEECH[from] ?? ""]);
  const input = typeof from === "number" ? ["-i", wav] : ["-f", "lavfi", "-t", String(SECONDS), "-i", SOURCES[from]];
  // Clipped where the file is written: whole numbers only.
  const spoil = ["-af", `${as},aformat=sample_fmts=s16`, "-ac", String(channels), "-ar", "48000"];
  await run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...input, ...spoil, ...args, path]);
  return describeMedia(path, format);
}

describe("twenty media through the chain", () => {
  const aims = [
    { as: "programme", precedence: "normal" },
    { as: "emergency", precedence: "emergency" },
  ] as const;

  it.concurrent.each(CASES)("$name ($format)", { timeout: 60_000 }, async (one) => {
    const media = await make(one);
    const ports = { clock: realClock, supervisor };
    for (const { as, precedence } of aims) {
      const measured = await measureLoudness(await openTestMedia(media), HORN_BAND, ports, never);
      if (isRefusal(measured)) throw new Error(measured.detail);
      const target = targetOf(precedence, DEFAULT_LOUDNESS);
      const levelling = levellingOf(measured, target);
      const { gainDb, limitedDb } = levelling;
      const treatment = { band: HORN_BAND, gain: gainDb, limited: limitedDb !== 0 };
      const { lufs, truePeak } = await loudnessOf(await decodeTreated(await openTestMedia(media), treatment));
      console.info(
        `${one.name} as ${as}: ${measured.lufs} LUFS, gain ${gainDb}, limited ${limitedDb} → ${lufs} LUFS, ${truePeak} dBTP`,
      );
      expect(truePeak).toBeLessThanOrEqual(MOST_TRUE_PEAK);
      const wanted = Math.min(target.lufs, (measured.lufs ?? 0) + target.mostBoostDb);
      // What is off by more than one unit is off because of the limiter, or of the bound of the boost, and the record says so.
      if (limitedDb === 0) expect(Math.abs(lufs - wanted)).toBeLessThanOrEqual(1);
      else expect(wanted - lufs).toBeLessThanOrEqual(1 + (limitedDb ?? 0));
      expect(lufs - wanted).toBeLessThanOrEqual(1);
    }
  });
});

describe("the loudness of a file", () => {
  it("is not known of silence, nor of what is shorter than a window", () => {
    expect(parseLoudness("Summary:\n  I:  -70.0 LUFS\n  True peak:\n    Peak:   -inf dBFS")).toEqual({
      lufs: null,
      truePeak: null,
    });
    expect(parseLoudness("Summary:\n    I:         -23.4 LUFS\n\n    Peak:       -3.1 dBFS\n")).toEqual({
      lufs: -23.4,
      truePeak: -3.1,
    });
    expect(parseLoudness("Invalid data found when processing input")).toBeNull();
  });

  it("is refused of what is no sound, and given up when asked to", async () => {
    const media = await make({ name: "whole", from: "tone", format: "wav" });
    const ports = { clock: realClock, supervisor };
    const asMp4 = { ...(await openTestMedia(media)), type: "audio/mp4" };
    expect(await measureLoudness(asMp4, null, ports, never)).toMatchObject({ reason: "media-unplayable" });
    const aborted = AbortSignal.abort();
    expect(await measureLoudness(await openTestMedia(media), null, ports, aborted)).toMatchObject({
      reason: "media-unplayable",
    });
    expect(supervisor.count()).toBe(0);
  });
});

describe("the gain", () => {
  const target = { lufs: -20, mostBoostDb: 20 };
  it("brings a sound to its target, raises it by no more than allowed, and tells what the limiter will do", () => {
    expect(levellingOf({ lufs: -28.5, truePeak: -12 }, target)).toEqual({
      ...{ targetLufs: -20, measuredLufs: -28.5, truePeakDb: -12, gainDb: 8.5, limitedDb: 0 },
    });
    expect(levellingOf({ lufs: -10, truePeak: 2 }, target)).toMatchObject({ gainDb: -10, limitedDb: 0 });
    expect(levellingOf({ lufs: -60, truePeak: -30 }, target)).toMatchObject({ gainDb: 20, limitedDb: 0 });
    expect(levellingOf({ lufs: -25, truePeak: -2 }, target)).toMatchObject({
      gainDb: 5,
      limitedDb: 3 - LIMITER_CEILING,
    });
  });
  it("is none where nothing was measured, and the record says that", () => {
    const unknown = { targetLufs: -20, measuredLufs: null, truePeakDb: null, gainDb: 0, limitedDb: null };
    expect(levellingOf(null, target)).toEqual(unknown);
    expect(levellingOf({ lufs: null, truePeak: null }, target)).toEqual(unknown);
  });
  it("aims higher for an emergency than for anything else", () => {
    expect(targetOf("emergency", DEFAULT_LOUDNESS).lufs).toBe(-16);
    for (const other of ["live", "priority", "normal", "filler"] as const) {
      expect(targetOf(other, DEFAULT_LOUDNESS).lufs).toBe(-20);
    }
  });
});
