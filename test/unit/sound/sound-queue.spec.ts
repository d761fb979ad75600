/** What is laid into the graph, by a graph that only remembers: real feed, tape, placement, resampler and follower. */
import { describe, expect, it } from "vitest";
import { Follower, type HardCorrection } from "../../../playback/sound/follower.ts";
import { longestPause } from "../../../playback/sound/pauses.ts";
import { PcmFeed } from "../../../playback/sound/pcm-feed.ts";
import { memorySource, silenceSource } from "../../../playback/sound/pcm-source.ts";
import { SoundQueue } from "../../../playback/sound/sound-queue.ts";
import type { Timeline } from "../../../playback/sound/timeline.ts";
import { RATE } from "../../../playback/sound/units.ts";
import type { Voice } from "../../../playback/sound/web-audio.ts";

/** A card that says what time it is and takes what it is given. */
class Desk {
  rendered = 0;
  /** Milliseconds that everything is heard later than by plan. */
  late = 0;
  ppm = 0;
  readonly heard = new Float32Array(RATE * 60);
  readonly hard: HardCorrection[] = [];

  readonly voice = {
    queue: (samples: Float32Array, at: number) => this.heard.set(samples, at),
    cut: (at: number) => this.heard.fill(0, at),
    takeBack: () => {},
    stop: () => {},
  } as unknown as Voice;

  readonly timeline = {
    graph: { rendered: () => this.rendered },
    soonest: () => this.rendered + 1_200,
    isFree: () => true,
    heard: () => this.rendered,
    wallTimeOf: (sample: number) => this.late + (sample * 1_000) / RATE / (1 + this.ppm / 1e6),
    estimate: { isSure: () => true, slope: 0, driftPpm: () => null },
  } as unknown as Timeline;

  async play(
    source: ReturnType<typeof memorySource>,
    seconds: number,
    each?: (second: number) => void,
  ): Promise<SoundQueue> {
    const follower = new Follower(this.timeline, true, (correction) => this.hard.push(correction));
    const feed = new PcmFeed(source);
    const queue = new SoundQueue(feed, this.voice, this.timeline, follower);
    follower.begin(0, false);
    queue.begin(0 + 2_400);
    // Sample 2400 is meant to be heard 50 ms after wall time 0.
    follower.begin(50, false);
    for (let tick = 0; tick < seconds * 10; tick++) {
      if (tick % 10 === 0) each?.(tick / 10);
      for (let turn = 0; turn < 40; turn++) await Promise.resolve();
      queue.fill();
      if (tick === this.breakAt) {
        follower.broken();
        queue.takeBack();
        queue.fill();
      }
      follower.note(this.rendered, queue.positionAt(this.rendered));
      this.offsets.push(follower.offsetMs() ?? Number.NaN);
      this.rendered += RATE / 10;
    }
    this.follower = follower;
    return queue;
  }
  breakAt = -1;
  readonly offsets: number[] = [];
  follower: Follower | null = null;
}

/** Words of 700 ms with pauses of 300 ms. */
function speech(seconds: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: seconds * RATE }, (_, n) =>
    n % RATE < 0.7 * RATE ? 0.3 * Math.sin((2 * Math.PI * 500 * n) / RATE) : 0,
  );
}
const tone = (seconds: number) =>
  Float32Array.from({ length: seconds * RATE }, (_, n) => 0.3 * Math.sin((2 * Math.PI * 500 * n) / RATE));

/** The greatest step from one sample to the next. */
function steepest(samples: Float32Array): number {
  return samples.reduce((worst, value, n) => Math.max(worst, Math.abs(value - (samples[n - 1] ?? value))), 0);
}

describe("what is laid into the graph", () => {
  it("is the source to the sample while nothing is off", async () => {
    const desk = new Desk();
    const source = speech(8);
    const queue = await desk.play(memorySource(source, 0), 12);
    expect(queue.end).toBe(2_400 + source.length);
    expect(desk.heard.slice(2_400, 2_400 + source.length)).toEqual(source);
    expect(desk.hard).toEqual([]);
  });

  it("is never more than 3.5 s ahead of what is rendered", async () => {
    const desk = new Desk();
    await desk.play(memorySource(tone(20), 0), 3);
    const last = desk.heard.findLastIndex((value) => value !== 0);
    expect(last).toBeGreaterThan(desk.rendered - RATE / 10 + 3 * RATE - 1_000);
    expect(last).toBeLessThan(desk.rendered + 3.5 * RATE);
  });

  it("takes up a fast card by its speed alone, without a click", async () => {
    const desk = new Desk();
    desk.ppm = 300;
    await desk.play(memorySource(tone(40), 0), 38);
    expect(desk.hard).toEqual([]);
    // Left alone it would be 11 ms early by now. What remains is what a pull without a known rate leaves: 300 ppm times 1.5 s.
    expect(Math.abs(desk.offsets.at(-1) ?? 99)).toBeLessThan(1);
    expect(steepest(desk.heard.subarray(2_500, 36 * RATE))).toBeLessThan(0.0199);
  });

  it.each([
    { step: 40, name: "late by 40 ms" },
    { step: -40, name: "early by 40 ms" },
    { step: 400, name: "late by 400 ms" },
  ])("is set right in pauses when the wall clock is stepped: $name", async ({ step }) => {
    const desk = new Desk();
    await desk.play(memorySource(speech(20), 0), 18, (second) => {
      if (second === 4) desk.late = step;
    });
    expect(desk.hard.length).toBeGreaterThan(0);
    expect(desk.hard.every(({ where }) => where === "pause")).toBe(true);
    expect(desk.hard.reduce((sum, { ms }) => sum + ms, 0)).toBeGreaterThan(
      Math.abs(step) === step ? step * 0.9 : step * 1.1,
    );
    expect(Math.abs(desk.offsets.at(-1) ?? 99)).toBeLessThan(1);
    // No word was touched: a cut within one could be a step of 0.6. The sine itself makes 0.0197, its sharp beginnings a little more.
    expect(steepest(desk.heard.subarray(2_500, 17 * RATE))).toBeLessThan(0.025);
  });

  it("is pulled where there is no pause, and nothing is left out", async () => {
    const desk = new Desk();
    const source = tone(30);
    await desk.play(memorySource(source, 0), 28, (second) => {
      if (second === 2) desk.late = 15;
    });
    expect(desk.hard).toEqual([]);
    // 0.1 % of 22 s.
    expect(desk.offsets.at(-1)).toBeLessThan(1);
  });

  it("leaves out at once what a break has cost, with a transition instead of a click", async () => {
    const desk = new Desk();
    desk.breakAt = 60;
    await desk.play(memorySource(tone(20), 0), 15, (second) => {
      if (second === 6) desk.late = 460;
    });
    expect(desk.hard).toMatchObject([{ where: "break" }]);
    expect(desk.hard[0]?.ms).toBeCloseTo(460, 0);
    // Heard 25 ms after it was decided, not when the 3 s that were laid are over.
    expect(Math.abs(desk.offsets[63] ?? 99)).toBeLessThan(1);
    expect(steepest(desk.heard.subarray(2_500, 14 * RATE))).toBeLessThan(0.023);
    expect(desk.follower?.report()).toMatchObject({ afterBreaks: 1, inPauses: 0 });
    expect(desk.follower?.report()?.worstMs).toBeGreaterThan(400);
  });

  it("is laid elsewhere as long as it is not heard, for the sound before it may end elsewhere", async () => {
    const desk = new Desk();
    const follower = new Follower(desk.timeline, false, () => {});
    const source = speech(2);
    const queue = new SoundQueue(new PcmFeed(memorySource(source, 0)), desk.voice, desk.timeline, follower);
    for (const origin of [90_000, 48_000]) {
      queue.begin(origin);
      for (let turn = 0; turn < 200; turn++) {
        await Promise.resolve();
        queue.fill();
      }
    }
    expect(queue.end).toBe(48_000 + source.length);
    expect(desk.heard.slice(48_000, 48_000 + source.length)).toEqual(source);
    expect(desk.heard.subarray(48_000 + source.length).every((value) => value === 0)).toBe(true);
  });

  it("lets planned silence take up all of an error", async () => {
    const desk = new Desk();
    desk.late = 200;
    const queue = await desk.play(silenceSource(4 * RATE), 6);
    expect((queue.end ?? 0) - 2_400).toBeCloseTo(3.8 * RATE, -2);
  });
});

describe("the search for a pause", () => {
  it("finds the longest one with 40 ms left on either side, and none in a closure of 80 ms", () => {
    const samples = tone(1)
      .fill(0, 10_000, 10_000 + 0.08 * RATE)
      .fill(0, 24_000, 24_000 + 0.3 * RATE);
    const pause = longestPause(samples, samples.length);
    expect(pause?.from).toBeGreaterThanOrEqual(24_000 + 0.04 * RATE);
    expect((pause?.from ?? 0) + (pause?.length ?? 0)).toBeLessThanOrEqual(24_000 + 0.26 * RATE);
    expect(pause?.length).toBeGreaterThan(0.2 * RATE);
    expect(longestPause(samples.subarray(0, 20_000), 20_000)).toBeNull();
  });
});
