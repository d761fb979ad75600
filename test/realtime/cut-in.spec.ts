/** What cuts in is heard before what the card has queued, and goes on without a seam where the queue takes over. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openAlsaCutIn } from "../../drivers/sound/alsa-cut-in.ts";
import type { Playing } from "../../playback/ports/sound.ts";
import { findHead } from "../support/sound/correlate.ts";
import { FULL, TestEngine } from "../support/sound/engine.ts";
import { realClock, wallNow } from "../support/sound/real-clock.ts";
import { Recorder } from "../support/sound/recorder.ts";
import { encodeMedia, makeTone, type TestMedia } from "../support/sound/test-tone.ts";
import { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";
import { encodeWav } from "../support/sound/wav.ts";

const MS = 48;
const SECONDS = 2;
/** No part of it is like another. */
const noise = Float32Array.from({ length: SECONDS * 48_000 }, () => (Math.random() - 0.5) * 0.6);

let folder: string;
let card: VirtualSoundCard;
let recorder: Recorder;
let engine: TestEngine;
let bed: TestMedia;
let alarm: TestMedia;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "loa-cut-in-"));
  card = await VirtualSoundCard.start();
  recorder = await Recorder.start(card);
  const path = join(folder, "noise.wav");
  writeFileSync(path, encodeWav(noise, 48_000));
  alarm = await encodeMedia(folder, "alarm", path, "flac");
  bed = await makeTone(folder, { name: "bed", hertz: 3_000, seconds: 20, peakDb: -30 }, "mp3");
  engine = await TestEngine.open(card, { openCutIn: openAlsaCutIn });
  await engine.pin(alarm);
});
afterAll(async () => {
  await engine?.close();
  await recorder?.stop();
  await card?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Where a part of the noise is heard, told as the place of its first sample. */
function placeOf(fromMs: number, toMs: number, around: number): number {
  const part = noise.subarray(fromMs * MS, toMs * MS);
  const near = { sample: around + fromMs * MS, within: 150 * MS };
  return findHead(recorder.samples(), part, near).sample - fromMs * MS;
}

/** Of one alarm over this programme; milliseconds from asking, and how far what the queue gave stood from what was heard before it. */
async function cutInto(programme: Playing | null) {
  const cue = await engine.prepare(alarm);
  const asked = wallNow();
  void programme?.stop(10);
  const playing = cue.start("cut-in", FULL);
  const tookMs = wallNow() - asked;
  const { startedAt, outcome, positionMs } = await playing.ended;
  await recorder.until(asked + SECONDS * 1_000 + 200);
  const around = recorder.sampleAt(asked);
  const [first, rest] = [placeOf(0, 25, around), placeOf(200, 1_000, around)];
  const heardMs = recorder.wallTimeOf(first) - asked;
  const saidMs = (startedAt ?? 0) - asked;
  return { heardMs, seamMs: Math.abs(rest - first) / MS, saidMs, tookMs, outcome, positionMs };
}

const state = async (wanted: string) => vi.waitFor(() => expect(engine.output.state().state).toBe(wanted), 15_000);

describe("a sound that cuts in", () => {
  it("is heard before what the card has queued, and goes on without a seam", async () => {
    const trials = [];
    for (let n = 0; n < 3; n++) {
      const programme = (await engine.prepare(bed)).start("now", FULL);
      await realClock.wait(800);
      trials.push(await cutInto(programme));
    }
    const { latencyMs } = engine.output.state();
    const told = trials.map(({ heardMs, seamMs }) => `${heardMs.toFixed(1)} (${seamMs.toFixed(2)})`).join(", ");
    process.stdout.write(`heard after ms (seam): ${told}; the card's queue ${latencyMs.toFixed(0)} ms\n`);
    for (const { heardMs, seamMs, saidMs, outcome, positionMs } of trials) {
      expect(heardMs).toBeLessThan(latencyMs / 2);
      // What is laid is drawn in step with the clock by some milliseconds, and so is what the record says.
      expect(seamMs).toBeLessThan(10);
      expect(Math.abs(saidMs - heardMs)).toBeLessThan(10);
      expect([outcome, Math.round(positionMs)]).toEqual(["completed", SECONDS * 1_000]);
    }
  });

  it("waits for no sound server that hangs, and is heard by the queue when that goes on", async () => {
    const cue = await engine.prepare(alarm);
    process.kill(card.pid, "SIGSTOP");
    try {
      await state("stalled");
      const asked = performance.now();
      const playing = cue.start("cut-in", FULL);
      expect(performance.now() - asked).toBeLessThan(100);
      process.kill(card.pid, "SIGCONT");
      expect((await playing.ended).outcome).toBe("completed");
    } finally {
      process.kill(card.pid, "SIGCONT");
    }
  });

  it("finds its way again when the card was gone for a while", async () => {
    const { folder: socket } = card;
    await recorder.stop();
    await card.close();
    await state("absent");
    card = await VirtualSoundCard.start({ folder: socket });
    recorder = await Recorder.start(card);
    await state("running");
    await realClock.wait(3_000);
    const { heardMs } = await cutInto(null);
    expect(heardMs).toBeLessThan(engine.output.state().latencyMs / 2);
  });
});
