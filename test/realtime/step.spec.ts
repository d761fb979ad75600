/** A sound keeps to the station's own wall clock from its first to its last sample: measured from recordings, at two points a second. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeFile } from "../support/sound/decode.ts";
import type { EngineAccount, EngineOrder } from "../support/sound/engine-process.ts";
import { byTenSeconds, measurePoints, medianOf, spreadAround, startEngine } from "../support/sound/own-pace.ts";
import { PauseWatch } from "../support/sound/pause-watch.ts";
import { realClock, wallNow } from "../support/sound/real-clock.ts";
import { Recorder } from "../support/sound/recorder.ts";
import { recordStereo } from "../support/sound/stereo-recording.ts";
import { makeSpeech, type TestMedia } from "../support/sound/test-tone.ts";
import { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";

/** The campaign asks for more; see `test/campaign`. */
const SECONDS = Number(process.env.LOA_STEP_S ?? 25);
const isCampaign = process.env.LOA_STEP_S !== undefined;
const IN_STEP_MS = 2;
/** What the recorder itself may be off by, the same for a whole recording. */
const RECORDER_MS = 3;
/** An engine needs so long to open and to know the rate of its card; an agent that runs for days has had it. */
const LEAD_MS = 12_000;
const RECOVERY_MS = 2_000;
const RATE = 48_000;

let folder: string;
let media: TestMedia;
let source: Float32Array;
let pauses: PauseWatch;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "loa-step-"));
  media = await makeSpeech(folder, { name: "speech", text: announcements(SECONDS) }, "flac");
  source = await decodeFile(media.path);
  pauses = new PauseWatch();
});
afterAll(async () => {
  await pauses?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The item, and what comes before and after it. */
const PATIENCE = { timeout: 120_000 + SECONDS * 1_300 };

/** Sentences of six seconds, no two alike. */
function announcements(seconds: number): string {
  const sentence = (n: number) =>
    `Thông báo số ${n * 37 + 11}: thôn ${n + 3} họp lúc ${(n % 12) + 5} giờ ${(n * 7) % 60} phút.`;
  return Array.from({ length: Math.ceil(seconds / 6) }, (_, n) => sentence(n)).join(" ");
}

/** Plays the item on a card of this rate, halted in the middle for so long, and measures it against the wall clock. */
async function keepsPace(rate: number, haltMs: number) {
  const card = await VirtualSoundCard.start({ rate });
  try {
    const recorder = await Recorder.start(card);
    const at = wallNow() + LEAD_MS;
    const engine = startEngine({ media, at }, card.env);
    const halt = at + media.durationMs / 2;
    if (haltMs > 0) {
      await realClock.wait(halt - wallNow());
      engine.child.kill("SIGSTOP");
      await realClock.wait(haltMs);
      engine.child.kill("SIGCONT");
    }
    const account = await engine.account;
    await recorder.until(wallNow() + 200);
    await recorder.stop();
    const wallOf = (sample: number) => at + (sample * 1_000) / RATE;
    const expectedAt = (sample: number) => recorder.sampleAt(wallOf(sample));
    const all = measurePoints(recorder.samples(), source, expectedAt, haltMs + 100);
    // What a pause of the whole machine tore is not the engine's doing; that it recovers from a halt is measured by the halt.
    const points = all.filter(
      ({ at: sample }) => !pauses.disturbed(wallOf(sample) - RECOVERY_MS, wallOf(sample) + 300),
    );
    const median = medianOf(points);
    const spread = spreadAround(points, median);
    report(
      `${rate} Hz${haltMs > 0 ? `, halted for ${haltMs} ms` : ""}`,
      { median, ...spread, left: all.length - points.length, tens: byTenSeconds(points) },
      account,
    );
    return { points, median, spread, account, halt };
  } finally {
    await card.close();
  }
}

function report(what: string, figures: object, ...accounts: readonly EngineAccount[]): void {
  const told = accounts.map(({ result, state }) => ({
    ...result.inStep,
    driftPpm: state.driftPpm,
    breaks: state.breaks,
  }));
  process.stdout.write(
    `in step, ${what} (ms): ${JSON.stringify(figures)}; told by the engine: ${JSON.stringify(told)}\n`,
  );
}

// A machine that is busy with something else can starve the sound server; an engine that drifts does so every time.
describe("an item on a card whose crystal is 104 ppm fast", PATIENCE, () => {
  it(`stays within ${IN_STEP_MS} ms of the station's wall clock for 95 % of ${SECONDS} s, and the record says so`, async () => {
    const { median, spread, account } = await keepsPace(48_005, 0);
    expect(spread.points).toBeGreaterThan(SECONDS);
    expect(spread.p95).toBeLessThanOrEqual(IN_STEP_MS);
    expect(Math.abs(median)).toBeLessThanOrEqual(RECORDER_MS);
    expect(account.result.outcome).toBe("completed");
    expect(account.result.inStep?.p95Ms).toBeLessThanOrEqual(IN_STEP_MS);
    // 104 ppm of the item at least were taken up, or it would have been early by as much.
    expect(account.result.inStep?.pulledMs).toBeLessThan(0);
  });
});

describe.runIf(isCampaign)("an engine that is halted for half a second", PATIENCE, () => {
  it.each([48_000, 48_005])("is in step again within two seconds on a card of %i Hz", async (rate) => {
    const { spread, account, points, halt, median } = await keepsPace(rate, 500);
    expect(spread.p95).toBeLessThanOrEqual(IN_STEP_MS);
    expect(account.result.inStep?.afterBreaks).toBeGreaterThanOrEqual(1);
    expect(account.result.breaks).toBeGreaterThanOrEqual(1);
    const start = halt - media.durationMs / 2;
    const after = points.filter(({ at }) => start + (at * 1_000) / RATE > halt + 500 + RECOVERY_MS);
    expect(spreadAround(after, median).p95).toBeLessThanOrEqual(IN_STEP_MS);
  });
});

describe.runIf(isCampaign)("two engines that know nothing of each other", PATIENCE, () => {
  it("are in step, and a clock that is set 15 ms forward on one is heard as 15 ms and told", async () => {
    const card = await VirtualSoundCard.start({ channels: 2 });
    try {
      const [left, right] = await card.split();
      const stop = recordStereo(card);
      const at = wallNow() + LEAD_MS;
      const stepAt = at + media.durationMs / 2;
      const order: EngineOrder = { media, at };
      const engines = [
        startEngine(order, left),
        startEngine({ ...order, clockError: { from: stepAt, ms: 15 } }, right),
      ];
      const accounts = await Promise.all(engines.map(({ account }) => account));
      await realClock.wait(300);
      const [one, other] = await stop();
      // Points of the left side, looked for on the right one: positive is a right side that is later.
      const all = measurePoints(other, one, (sample) => sample, 60);
      const first = one.findIndex((value) => Math.abs(value) > 0.01);
      const wallOf = (sample: number) => at + ((sample - first) * 1_000) / RATE;
      const points = all.filter(
        ({ at: sample }) => !pauses.disturbed(wallOf(sample) - RECOVERY_MS, wallOf(sample) + 300),
      );
      const half = first + (media.durationMs / 2 / 1_000) * RATE;
      const before = points.filter((point) => point.at < half - RATE);
      // A pause has to come first, and what was laid already is heard before.
      const after = points.filter((point) => point.at > half + 15 * RATE);
      const figures = {
        together: spreadAround(before, 0),
        apart: medianOf(after),
        spread: spreadAround(after, -15),
        tens: byTenSeconds(points),
      };
      report("two engines", figures, ...accounts);
      expect(figures.together.p95).toBeLessThanOrEqual(IN_STEP_MS);
      // The one whose clock is ahead plays earlier.
      expect(figures.spread.p95).toBeLessThanOrEqual(IN_STEP_MS);
      const steady = accounts[0]?.result.inStep;
      expect(steady?.p95Ms).toBeLessThanOrEqual(IN_STEP_MS);
      // A break of the card is off by more for a moment, and told as one.
      if (steady?.afterBreaks === 0) expect(steady.worstMs).toBeLessThan(10);
      expect(accounts[1]?.result.inStep?.worstMs).toBeGreaterThan(14);
    } finally {
      await card.close();
    }
  });
});
