import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findHead } from "../support/sound/correlate.ts";
import { decodeFile } from "../support/sound/decode.ts";
import { FULL, spreadOf, TestEngine } from "../support/sound/engine.ts";
import { wallNow } from "../support/sound/real-clock.ts";
import { Recorder } from "../support/sound/recorder.ts";
import { makeSpeech, type TestMedia } from "../support/sound/test-tone.ts";
import { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";

const STARTS = 4;
const WORST_MS = 20;
const TEXT = "Đài truyền thanh xã xin chào bà con";

let folder: string;
let card: VirtualSoundCard;
let recorder: Recorder;
let engine: TestEngine;
let media: TestMedia;
let source: Float32Array;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "loa-start-"));
  card = await VirtualSoundCard.start();
  recorder = await Recorder.start(card);
  media = await makeSpeech(folder, { name: "chime", text: TEXT }, "mp3");
  source = await decodeFile(media.path);
  engine = await TestEngine.open(card);
});
afterAll(async () => {
  await engine?.close();
  await recorder?.stop();
  await card?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a start at an instant", () => {
  it(`is heard within ${WORST_MS} ms of it, every time`, async () => {
    const errors: number[] = [];
    const claimed: number[] = [];
    for (let n = 0; n < STARTS; n++) {
      const cue = await engine.prepare(media);
      // Also odd instants: starts that fall on a block of the card by chance would prove nothing.
      const at = wallNow() + 400 + Math.random() * 100;
      const result = await cue.start({ at }, FULL).ended;
      expect(result.outcome).toBe("completed");
      await recorder.until(at + media.durationMs + 300);
      const found = findHead(recorder.samples(), source, { sample: recorder.sampleAt(at), within: 24_000 });
      expect(found.score).toBeGreaterThan(0.95);
      errors.push(recorder.wallTimeOf(found.sample) - at);
      claimed.push((result.startedAt ?? 0) - at);
    }
    const heard = spreadOf(errors);
    console.info("start error heard (ms)", heard, "claimed by the engine", spreadOf(claimed), engine.output.state());
    expect(Math.max(Math.abs(heard.least), Math.abs(heard.most))).toBeLessThanOrEqual(WORST_MS);
    expect(Math.max(...claimed.map(Math.abs))).toBeLessThanOrEqual(WORST_MS);
  });

  it("starts at once when the instant is past, and says when that was", async () => {
    const cue = await engine.prepare(media);
    const asked = wallNow();
    const result = await cue.start({ at: asked - 5_000 }, FULL).ended;
    const delay = (result.startedAt ?? 0) - asked;
    expect(delay).toBeGreaterThan(0);
    expect(delay).toBeLessThan(250);
    await recorder.until(asked + media.durationMs + 500);
    const found = findHead(recorder.samples(), source, { sample: recorder.sampleAt(asked + delay), within: 24_000 });
    expect(Math.abs(recorder.wallTimeOf(found.sample) - (result.startedAt ?? 0))).toBeLessThanOrEqual(WORST_MS);
  });

  it.each(["mp3", "m4a"] as const)("continues %s from a position to within 20 ms", async (format) => {
    const file = await makeSpeech(folder, { name: "rest", text: TEXT }, format);
    const whole = await decodeFile(file.path);
    const cue = await engine.prepare(file, 1_000);
    const result = await cue.start("now", -6).ended;
    const startedAt = result.startedAt ?? 0;
    await recorder.until(startedAt + media.durationMs);
    const rest = whole.subarray(48_000);
    const found = findHead(recorder.samples(), rest, { sample: recorder.sampleAt(startedAt), within: 24_000 });
    const error = recorder.wallTimeOf(found.sample) - startedAt;
    console.info(`${format} continued with an error of ${error.toFixed(2)} ms, likeness ${found.score.toFixed(3)}`);
    expect(result.positionMs).toBeGreaterThan(file.durationMs - 60);
    expect(found.score).toBeGreaterThan(0.9);
    expect(Math.abs(error)).toBeLessThanOrEqual(WORST_MS);
  });
});
