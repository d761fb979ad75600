import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { approvedMedia, approvedText } from "../../../agent/contract/content.ts";
import { sha256Of } from "../../source/envelope.ts";
import {
  accents,
  approveMedia,
  approveText,
  MediaLibrary,
  STANDARD_ORDERS,
  standardMedia,
} from "../../source/library.ts";
import { decode, installedVoices, type MediaFile, measureLoudness } from "../../source/media.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = join(await temporaryFolder(), "media");
const names = Object.keys(STANDARD_ORDERS) as (keyof typeof STANDARD_ORDERS)[];
let media: Record<keyof typeof STANDARD_ORDERS, MediaFile>;
beforeAll(async () => {
  media = await standardMedia(await MediaLibrary.open(folder));
}, 60_000);

/** Milliseconds before the first and after the last sample above −46 dBFS. */
function silenceAtEnds(samples: Int16Array): [number, number] {
  const loud = (sample: number) => Math.abs(sample) > 32_768 * 10 ** (-46 / 20);
  return [samples.findIndex(loud) / 48, (samples.length - 1 - samples.findLastIndex(loud)) / 48];
}

/** Frequency by counting rises through zero between two instants. */
function pitch(samples: Int16Array, fromMs: number, toMs: number): number {
  const part = samples.subarray(fromMs * 48, toMs * 48);
  let rises = 0;
  for (let index = 1; index < part.length; index += 1) {
    if ((part[index - 1] ?? 0) < 0 && (part[index] ?? 0) >= 0) rises += 1;
  }
  return (rises / (toMs - fromMs)) * 1_000;
}

/** Top-level boxes of an MP4 file, in order. */
function boxes(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += bytes.readUInt32BE(at))
    found.push(bytes.toString("latin1", at + 4, at + 8));
  return found;
}

describe("made media", () => {
  it.each(names)("%s is approvable, as long as it says and without silence at its ends", async (name) => {
    const one = media[name];
    const bytes = await readFile(one.file);
    expect([one.sha256, one.sizeBytes]).toEqual([sha256Of(bytes), bytes.length]);
    expect(() => approvedMedia.parse(approveMedia(one, ["http://127.0.0.1:1/x"]))).not.toThrow();
    const samples = await decode(one.file);
    // What fills the last frame of AAC is decoded, and is no sound.
    const filling = samples.length / 48 - one.durationMs;
    expect(filling).toBeGreaterThan(-0.51);
    expect(filling).toBeLessThan(one.type === "audio/mp4" ? 1_024 / 48 : 0.51);
    for (const silence of silenceAtEnds(samples)) expect(silence).toBeLessThan(60);
  });

  it.each(names)("%s is at −20 LUFS, or under its peak", async (name) => {
    const { lufs, peakDb } = await measureLoudness(media[name].file);
    // A lossy codec moves single samples by a few tenths of a decibel.
    expect(peakDb).toBeLessThanOrEqual(-0.5);
    expect(lufs).toBeLessThanOrEqual(-19);
    expect(lufs).toBeGreaterThan(peakDb < -2 ? -21 : -26);
  });

  it("has the index of an MP4 at its end or in front, as asked", async () => {
    const order = async (name: "vaccination" | "water") => {
      const found = boxes(await readFile(media[name].file));
      return Math.sign(found.indexOf("moov") - found.indexOf("mdat"));
    };
    expect([await order("vaccination"), await order("water")]).toEqual([1, -1]);
  });

  it("is what it is called: an even tone, falling notes, a gliding siren", async () => {
    expect(pitch(await decode(media.tone.file), 500, 2_500)).toBeCloseTo(440, -1);
    const chime = await decode(media.chime.file);
    expect(pitch(chime, 50, 350)).toBeGreaterThan(600);
    const siren = await decode(media.siren.file);
    const [first, second] = [pitch(siren, 400, 600), pitch(siren, 1_400, 1_600)];
    expect(Math.abs(first - second)).toBeGreaterThan(500);
  });

  it("comes from the folder the second time, and is the same when it is made anew", async () => {
    const writtenAt = () => Promise.all(names.map(async (name) => (await stat(media[name].file)).mtimeMs));
    const before = await writtenAt();
    const again = await standardMedia(await MediaLibrary.open(folder));
    expect(again).toEqual(media);
    expect(await writtenAt()).toEqual(before);
    const other = await MediaLibrary.open(join(folder, "other"));
    expect((await other.get(STANDARD_ORDERS.market)).sha256).toBe(media.market.sha256);
  });

  it("speaks in every installed accent, each its own", async () => {
    const spoken = await accents(await MediaLibrary.open(folder), "Kính chào bà con.", "mp3");
    expect(spoken).toHaveLength((await installedVoices()).length);
    expect(new Set(spoken.map(({ sha256 }) => sha256)).size).toBe(spoken.length);
  });

  it("approves a text by its composed form", () => {
    expect(approveText("Lũ".normalize("NFD"))).toEqual(approveText("Lũ"));
    expect(approvedText.safeParse(approveText("Lũ")).success).toBe(true);
  });
});
