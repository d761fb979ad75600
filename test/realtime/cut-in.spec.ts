import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeFile } from "../support/sound/decode.ts";
import { FULL, spreadOf, TestEngine } from "../support/sound/engine.ts";
import { levelBetween } from "../support/sound/levels.ts";
import { heardAfter, measureMpvCutIn } from "../support/sound/mpv-peer.ts";
import { realClock, wallNow } from "../support/sound/real-clock.ts";
import { Recorder } from "../support/sound/recorder.ts";
import { makeSpeech, makeTone, type TestMedia } from "../support/sound/test-tone.ts";
import { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";

const TRIALS = 12;

let folder: string;
let card: VirtualSoundCard;
let recorder: Recorder;
let engine: TestEngine;
let bed: TestMedia;
let alert: TestMedia;
let source: Float32Array;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "loa-cut-in-"));
  card = await VirtualSoundCard.start();
  recorder = await Recorder.start(card);
  bed = await makeTone(folder, { name: "bed", hertz: 3_000, seconds: 20, peakDb: -20 }, "mp3");
  alert = await makeSpeech(folder, { name: "alert", text: "Báo động, báo động", wordsPerMinute: 200 }, "flac");
  source = await decodeFile(alert.path);
  engine = await TestEngine.open(card);
  await engine.pin(alert);
});
afterAll(async () => {
  await engine?.close();
  await recorder?.stop();
  await card?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a pinned alert that cuts in", () => {
  it("is heard nearly as soon as the quickest player's, and nothing of the sound before is left", async () => {
    const delays: number[] = [];
    for (let n = 0; n < TRIALS; n++) {
      const playing = (await engine.prepare(bed)).start("now", FULL);
      await realClock.wait(1_200 + Math.random() * 200);
      const asked = wallNow();
      const stopped = playing.stop(10);
      const sounding = (await engine.prepare(alert)).start("now", FULL);
      delays.push(await heardAfter(recorder, source, asked));
      expect((await stopped).outcome).toBe("stopped");
      expect((await sounding.ended).outcome).toBe("completed");
      const after = recorder.sampleAt(wallNow() - 100);
      expect(levelBetween(recorder.samples(), after, after + 2_400).peak).toBeLessThan(-80);
    }
    const peer = await measureMpvCutIn(card, recorder, { bed: bed.path, alert: alert.path, source, trials: TRIALS });
    console.info("heard after (ms): engine", spreadOf(delays), "mpv", spreadOf(peer));
    expect(spreadOf(delays).median).toBeLessThanOrEqual(2 * spreadOf(peer).median + 50);
  });

  it("fades the old sound out within the fade, without a click", async () => {
    const playing = (await engine.prepare(bed)).start("now", FULL);
    await realClock.wait(1_000);
    const asked = wallNow();
    const result = await playing.stop(10);
    expect(result.outcome).toBe("stopped");
    expect(result.positionMs).toBeGreaterThan(900);
    expect(result.positionMs).toBeLessThan(1_200);
    expect(result.audibleMs).toBeGreaterThan(800);
    const endedAt = result.endedAt ?? 0;
    expect(endedAt - asked).toBeLessThan(150);
    await recorder.until(endedAt + 200);
    const recording = recorder.samples();
    const end = recorder.sampleAt(endedAt);
    expect(levelBetween(recording, end - 4_800, end - 1_440).peak).toBeCloseTo(-20, 0);
    expect(levelBetween(recording, end + 960, end + 4_800).peak).toBeLessThan(-80);
    // A click would be a step larger than the tone itself ever makes.
    let step = 0;
    for (let at = end - 2_400; at < end + 2_400; at++)
      step = Math.max(step, Math.abs((recording[at] ?? 0) - (recording[at - 1] ?? 0)));
    expect(step).toBeLessThan(0.1 * 2 * Math.PI * (3_000 / 48_000) * 1.1);
  });

  it("changes the gain of a sound while it plays", async () => {
    const playing = (await engine.prepare(bed)).start("now", FULL);
    await realClock.wait(600);
    playing.setGain(-20, 50);
    await realClock.wait(500);
    const now = recorder.sampleAt(wallNow());
    await recorder.until(wallNow() + 50);
    expect(levelBetween(recorder.samples(), now - 9_600, now).peak).toBeCloseTo(-40, 0);
    expect(engine.output.level().peak).toBeCloseTo(-40, 0);
    await playing.stop(10);
    expect(engine.supervisor.count()).toBe(0);
  });
});
