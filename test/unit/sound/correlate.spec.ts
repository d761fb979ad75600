import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findHead, findTail, matchLength, matchTail } from "../../support/sound/correlate.ts";
import { decodeFile } from "../../support/sound/decode.ts";
import { makeSpeech } from "../../support/sound/test-tone.ts";

const TEXTS = [
  "Kính thưa bà con, sau đây là bản tin thời tiết hôm nay của đài truyền thanh xã.",
  "Uỷ ban nhân dân xã thông báo lịch tiêm chủng cho trẻ em vào sáng thứ bảy tuần này.",
  "Đề nghị bà con chủ động phòng chống bão số năm và di dời khỏi vùng ngập lụt.",
];
let folder: string;
let sources: Float32Array[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "loa-correlate-"));
  const media = await Promise.all(TEXTS.map((text, n) => makeSpeech(folder, { name: `item-${n}`, text }, "wav")));
  sources = await Promise.all(media.map((item) => decodeFile(item.path)));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A recording with noise at −70 dBFS and the given sounds at the given places and gains. */
function record(seconds: number, parts: { source: Float32Array; at: number; gain: number }[]): Float32Array {
  const recording = new Float32Array(seconds * 48_000);
  let seed = 7;
  for (let i = 0; i < recording.length; i++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    recording[i] = (seed / 1_073_741_824 - 1) * 3e-4;
  }
  for (const { source, at, gain } of parts) {
    for (let i = 0; i < source.length; i++) recording[at + i] = (recording[at + i] ?? 0) + (source[i] ?? 0) * gain;
  }
  return recording;
}

function source(n: number): Float32Array {
  const found = sources[n];
  if (!found) throw new Error(`no source ${n}`);
  return found;
}

describe("finding spoken items in a recording", () => {
  it("places each of three items to the sample, at three volumes", () => {
    const places = [30_011, 350_123, 700_457];
    const parts = places.map((at, n) => ({ source: source(n), at, gain: [1, 0.2, 0.03][n] ?? 1 }));
    const recording = record(24, parts);
    for (const [n, at] of places.entries()) {
      const found = findHead(recording, source(n));
      expect(found.sample).toBe(at);
      expect(found.score).toBeGreaterThan(0.9);
      expect(matchLength(recording, source(n), found.sample)).toBe(source(n).length);
    }
  });

  it("does not take one item for another", () => {
    const recording = record(12, [{ source: source(0), at: 48_000, gain: 1 }]);
    expect(findHead(recording, source(1)).score).toBeLessThan(0.4);
    expect(findHead(recording, source(2)).score).toBeLessThan(0.4);
  });

  it("finds nothing in silence, or in less than the source", () => {
    expect(findHead(record(5, []), source(0)).score).toBeLessThan(0.2);
    expect(findHead(new Float32Array(100), source(0)).score).toBe(0);
  });

  it("looks only around a given place", () => {
    const recording = record(24, [
      { source: source(0), at: 48_000, gain: 1 },
      { source: source(0), at: 600_000, gain: 0.5 },
    ]);
    expect(findHead(recording, source(0), { sample: 590_000, within: 24_000 }).sample).toBe(600_000);
  });

  it("measures how much of a cut item is there, from its head and from its tail", () => {
    const head = source(1).subarray(0, 100_000);
    const tail = source(1).subarray(90_000);
    const recording = record(20, [
      { source: head, at: 20_000, gain: 0.5 },
      { source: tail, at: 400_000, gain: 0.5 },
    ]);
    const start = findHead(recording, source(1));
    expect(start.sample).toBe(20_000);
    expect(Math.abs(matchLength(recording, source(1), start.sample) - head.length)).toBeLessThanOrEqual(4_800);
    const end = findTail(recording, source(1));
    expect(Math.abs(end.sample - (400_000 + tail.length))).toBeLessThanOrEqual(1);
    expect(Math.abs(matchTail(recording, source(1), end.sample) - tail.length)).toBeLessThanOrEqual(4_800);
  });

  it("follows a recording that lost or won a sample on the way", () => {
    const jittery = Float32Array.from([...source(2)].filter((_, at) => at !== 60_000 && at !== 120_000));
    const recording = record(12, [{ source: jittery, at: 48_000, gain: 0.7 }]);
    const found = findHead(recording, source(2));
    expect(Math.abs(found.sample - 48_000)).toBeLessThanOrEqual(1);
    expect(matchLength(recording, source(2), found.sample)).toBeGreaterThan(source(2).length - 9_600);
  });

  it("hears when another item breaks in", () => {
    const recording = record(20, [
      { source: source(0).subarray(0, 72_000), at: 48_000, gain: 1 },
      { source: source(2), at: 120_000, gain: 1 },
    ]);
    const matched = matchLength(recording, source(0), 48_000);
    expect(Math.abs(matched - 72_000)).toBeLessThanOrEqual(4_800);
  });
});

describe("an item that was played a trace faster to stay in step", () => {
  it("from its middle on is found whole all the same", () => {
    const half = source(0).length >> 1;
    const rest = source(0).subarray(half);
    const faster = Float32Array.from({ length: Math.floor(rest.length * 0.999) - 1 }, (_, at) => {
      const place = at / 0.999;
      const [a, b] = [rest[Math.floor(place)] ?? 0, rest[Math.floor(place) + 1] ?? 0];
      return a + (b - a) * (place % 1);
    });
    const played = new Float32Array([...source(0).subarray(0, half), ...faster]);
    const recording = record(10, [{ source: played, at: 48_000, gain: 0.5 }]);
    const head = findHead(recording, source(0));
    expect(matchLength(recording, source(0), head.sample)).toBe(source(0).length);
  });

  it.each([0.999, 0.9995, 1.001])("%f times as long is found where it begins and ends, and whole", (length) => {
    const played = new Float32Array(Math.floor(source(0).length * length) - 1);
    for (let at = 0; at < played.length; at++) {
      const place = at / length;
      const before = Math.floor(place);
      const [a, b] = [source(0)[before] ?? 0, source(0)[before + 1] ?? 0];
      played[at] = a + (b - a) * (place - before);
    }
    const recording = record(10, [{ source: played, at: 48_000, gain: 0.5 }]);
    const head = findHead(recording, source(0));
    const tail = findTail(recording, source(0));
    expect([head.score > 0.95, tail.score > 0.95]).toEqual([true, true]);
    expect(Math.abs(head.sample - 48_000)).toBeLessThanOrEqual(12);
    expect(Math.abs(tail.sample - (48_000 + played.length))).toBeLessThanOrEqual(24);
    expect(matchLength(recording, source(0), head.sample)).toBe(source(0).length);
  });
});
