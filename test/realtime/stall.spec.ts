import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SoundState } from "../../playback/ports/sound.ts";
import { findHead } from "../support/sound/correlate.ts";
import { decodeFile } from "../support/sound/decode.ts";
import { FULL, TestEngine } from "../support/sound/engine.ts";
import { realClock, wallNow } from "../support/sound/real-clock.ts";
import { Recorder } from "../support/sound/recorder.ts";
import { makeSpeech, makeTone, openTestMedia, type TestMedia } from "../support/sound/test-tone.ts";
import { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";

let folder: string;
let card: VirtualSoundCard;
let engine: TestEngine;
let tone: TestMedia;
let speech: TestMedia;
const states: SoundState["state"][] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "loa-stall-"));
  card = await VirtualSoundCard.start();
  tone = await makeTone(folder, { name: "tone", hertz: 500, seconds: 60 }, "mp3");
  speech = await makeSpeech(folder, { name: "speech", text: "Đài truyền thanh xã xin chào bà con" }, "mp3");
  engine = await TestEngine.open(card, { settleMs: 1_500 });
  engine.output.onChange((state) => states.push(state.state));
});
afterAll(async () => {
  await engine?.close();
  await card?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a card that is pulled out", () => {
  it("is given up when it does not come back; what played ends with the position it reached", async () => {
    const started = wallNow();
    const playing = (await engine.prepare(tone, 5_000)).start("now", FULL);
    const waiting = (await engine.prepare(tone)).start({ after: playing }, FULL);
    await realClock.wait(1_500);
    const pulled = wallNow();
    await card.pull();
    const result = await playing.ended;
    expect(result.outcome).toBe("failed");
    expect(result.refusal?.reason).toBe("no-output");
    expect(wallNow() - pulled).toBeLessThan(4_500);
    const heard = pulled - started;
    console.info(`pulled after ${heard.toFixed(0)} ms, reached ${(result.positionMs - 5_000).toFixed(0)} ms`);
    expect(result.positionMs - 5_000).toBeLessThan(heard + 50);
    expect(result.positionMs - 5_000).toBeGreaterThan(heard - 250);
    expect(await waiting.ended).toMatchObject({ outcome: "failed", startedAt: null, positionMs: 0, audibleMs: 0 });
    expect(engine.output.state().state).toBe("absent");
    expect(engine.supervisor.count()).toBe(0);
  });

  it("refuses to prepare while there is no card", async () => {
    const refused = await engine.output.prepare({ kind: "media", media: await openTestMedia(tone), fromMs: 0 });
    expect(refused).toMatchObject({ reason: "no-output" });
    expect(engine.output.level().rms).toBe(Number.NEGATIVE_INFINITY);
  });

  it("is opened again when it is back, and sounds", async () => {
    card = await card.plugIn();
    const back = wallNow();
    await expect.poll(() => engine.output.state().state, { timeout: 30_000, interval: 50 }).toBe("running");
    console.info(`recovered ${(wallNow() - back).toFixed(0)} ms after the card was back; states ${states.join(" → ")}`);
    const recorder = await Recorder.start(card);
    const source = await decodeFile(speech.path);
    const from = wallNow();
    const result = await (await engine.prepare(speech)).start("now", FULL).ended;
    expect(result.outcome).toBe("completed");
    await recorder.until(wallNow() + 200);
    await recorder.stop();
    const found = findHead(recorder.samples(recorder.sampleAt(from)), source);
    expect(found.score).toBeGreaterThan(0.95);
    expect(states).toEqual(["stalled", "absent", "running"]);
    expect(engine.output.state().stalls).toBe(1);
  });
});

describe("a card whose clock stands still for a while", () => {
  it("is reported within a second, positions stand still, and it runs again by itself", async () => {
    await realClock.wait(1_000);
    const playing = (await engine.prepare(tone)).start("now", FULL);
    await realClock.wait(1_000);
    expect(playing.isSounding()).toBe(true);
    process.kill(card.pid, "SIGSTOP");
    try {
      await expect.poll(() => engine.output.state().state, { timeout: 1_500, interval: 20 }).toBe("stalled");
      const position = playing.positionMs();
      await realClock.wait(300);
      expect(playing.positionMs()).toBe(position);
    } finally {
      process.kill(card.pid, "SIGCONT");
    }
    const stood = playing.positionMs();
    // The server may need two seconds to find its pace again; where it needs longer, the engine opens it anew.
    const result = await Promise.race([playing.ended, realClock.wait(6_000)]);
    await expect.poll(() => engine.output.state().state, { timeout: 15_000, interval: 50 }).toBe("running");
    console.info(`after the pause: ${result ? result.refusal?.detail : "went on"}, states ${states.join(" → ")}`);
    if (result) expect(result).toMatchObject({ outcome: "failed", refusal: { reason: "no-output" } });
    else expect(playing.positionMs()).toBeGreaterThan(stood + 1_000);
    const { outcome, breaks } = await playing.stop(10);
    if (outcome === "stopped") expect(breaks).toBeGreaterThanOrEqual(1);
  });
});
