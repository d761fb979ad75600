import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Playing } from "../../playback/ports/sound.ts";
import { findHead, matchLength } from "../support/sound/correlate.ts";
import { decodeFile } from "../support/sound/decode.ts";
import { FULL, TestEngine } from "../support/sound/engine.ts";
import { gapsIn } from "../support/sound/levels.ts";
import { wallNow } from "../support/sound/real-clock.ts";
import { Recorder } from "../support/sound/recorder.ts";
import { encodeMedia, type Format, type TestMedia } from "../support/sound/test-tone.ts";
import { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";
import { encodeWav } from "../support/sound/wav.ts";

const RATE = 48_000;
const GAP = (5 * RATE) / 1_000;
const ITEMS = 4;
/** Odd lengths: no joint falls on a block of the decoder, the graph or the card. */
const LENGTHS = [60_007, 55_121, 70_393, 48_611];

let folder: string;
let card: VirtualSoundCard;
let recorder: Recorder;
let engine: TestEngine;
/** One tone that rises all the time, so that no stretch of it is like another. */
const whole = sweep(LENGTHS.reduce((sum, length) => sum + length, 0));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "loa-joints-"));
  card = await VirtualSoundCard.start();
  recorder = await Recorder.start(card);
  // Judged to the sample: what draws a sound in by some milliseconds changes samples on purpose, and is judged elsewhere.
  engine = await TestEngine.open(card, { settleMs: 1_500, follow: false });
});
afterAll(async () => {
  await engine?.close();
  await recorder?.stop();
  await card?.close();
  rmSync(folder, { recursive: true, force: true });
});

// A machine that is busy with something else can starve the sound server for a moment; a joint that is wrong is wrong every time.
describe("items played one after the other", () => {
  it.each<{ name: string; formats: readonly Format[] }>([
    { name: "flac, which pads nothing", formats: ["flac", "flac", "flac", "flac"] },
    { name: "mp3, m4a, opus and flac of one programme", formats: ["mp3", "m4a", "opus", "flac"] },
  ])("join to the sample in $name", async ({ name, formats }) => {
    const items = await cut(formats);
    const decoded = await Promise.all(items.map((item) => decodeFile(item.path)));
    const expected = concatenate(decoded);
    const { recording, results } = await playChain(items);
    expect(results.map((result) => result.outcome)).toEqual(items.map(() => "completed"));
    const found = findHead(recording, expected);
    expect(found.score).toBeGreaterThan(0.98);
    // Everything that the decoder gives is there, in one piece: no sample more or less at any joint.
    expect(matchLength(recording, expected, found.sample)).toBe(expected.length);
    const heard = recording.subarray(found.sample, found.sample + expected.length);
    const worst = worstDifference(heard, expected);
    const own = gapsIn(expected, 0.01, GAP).length;
    const gaps = gapsIn(heard, 0.01, GAP);
    const padding = expected.length - whole.length;
    console.info(`${name}: padding of the codec ${padding} samples in ${ITEMS} items, worst difference ${worst}`);
    expect(gaps.length).toBe(own);
    expect(worst).toBeLessThan(0.002);
    if (formats.every((format) => format === "flac")) {
      expect(padding).toBe(0);
      expect(worstDifference(heard, whole)).toBeLessThan(0.002);
    }
  });

  it("joins a pinned item and a pause the same way", async () => {
    const [first, second] = await cut(["flac", "flac"]);
    if (!first || !second) throw new Error("there are four items");
    await engine.pin(second);
    const pause = await engine.output.prepare({ kind: "silence", durationMs: 250 });
    if ("reason" in pause) throw new Error(pause.detail);
    const from = wallNow();
    const one = (await engine.prepare(first)).start("now", FULL);
    const two = pause.start({ after: one }, FULL);
    const three = (await engine.prepare(second)).start({ after: two }, FULL);
    const results = await Promise.all([one.ended, two.ended, three.ended]);
    expect(results.map((result) => result.outcome)).toEqual(["completed", "completed", "completed"]);
    await recorder.until(wallNow() + 200);
    const recording = recorder.samples(recorder.sampleAt(from));
    const [start, next] = [await decodeFile(first.path), await decodeFile(second.path)].map((part) =>
      findHead(recording, part),
    );
    expect((next?.sample ?? 0) - (start?.sample ?? 0)).toBe((LENGTHS[0] ?? 0) + RATE / 4);
  });
});

async function playChain(items: readonly TestMedia[]) {
  const from = wallNow();
  const playing: Playing[] = [];
  for (const item of items) {
    const cue = await engine.prepare(item);
    const previous = playing.at(-1);
    playing.push(cue.start(previous ? { after: previous } : "now", FULL));
  }
  const results = await Promise.all(playing.map((sound) => sound.ended));
  await recorder.until(wallNow() + 200);
  return { recording: recorder.samples(recorder.sampleAt(from)), results };
}

async function cut(formats: readonly Format[]): Promise<TestMedia[]> {
  let at = 0;
  const items: TestMedia[] = [];
  for (const [n, format] of formats.entries()) {
    const length = LENGTHS[n] ?? 0;
    const wav = join(folder, `part-${n}.wav`);
    writeFileSync(wav, encodeWav(whole.subarray(at, at + length), RATE));
    items.push(await encodeMedia(folder, `part-${n}`, wav, format));
    at += length;
  }
  return items;
}

function sweep(length: number): Float32Array {
  let phase = 0;
  return Float32Array.from({ length }, (_, at) => {
    phase += (2 * Math.PI * (300 + (600 * at) / length)) / RATE;
    return 0.3 * Math.sin(phase);
  });
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

function worstDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, at) => Math.max(worst, Math.abs(value - (b[at] ?? 0))), 0);
}
