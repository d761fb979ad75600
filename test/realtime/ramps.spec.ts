import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FULL, TestEngine } from "../support/sound/engine.ts";
import { levelBetween } from "../support/sound/levels.ts";
import { realClock, wallNow } from "../support/sound/real-clock.ts";
import { Recorder } from "../support/sound/recorder.ts";
import { makeTone, type TestMedia } from "../support/sound/test-tone.ts";
import { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";

let folder: string;
let card: VirtualSoundCard;
let recorder: Recorder;
let engine: TestEngine;
let bed: TestMedia;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "loa-ramps-"));
  card = await VirtualSoundCard.start();
  recorder = await Recorder.start(card);
  bed = await makeTone(folder, { name: "bed", hertz: 3_000, seconds: 20, peakDb: -20 }, "mp3");
  engine = await TestEngine.open(card);
});
afterAll(async () => {
  await engine?.close();
  await recorder?.stop();
  await card?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a sound that is cut or turned down", () => {
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
