import { describe, expect, it } from "vitest";
import { LIVE_DEPTHS } from "../../../playback/sound/live/arguments.ts";
import { JitterBuffer } from "../../../playback/sound/live/jitter-buffer.ts";
import { ReceivedLevel } from "../../../playback/sound/live/received-level.ts";
import { gapsIn } from "../../support/sound/levels.ts";

const RATE = 48_000;
const PULL = RATE / 25;
const DEPTH = LIVE_DEPTHS.icecast;
const TARGET = (DEPTH.targetMs * RATE) / 1_000;

function tone(length: number, from = 0): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, at) => 0.5 * Math.sin((2 * Math.PI * 440 * (from + at)) / RATE));
}

/** A listener and a source whose clock is off by so many parts per million, for so long. */
function follow(buffer: JitterBuffer, seconds: number, ppm: number) {
  let sent = TARGET;
  let due = TARGET;
  let gaps = 0;
  buffer.push(tone(TARGET));
  buffer.begin();
  for (let pull = 0; pull < seconds * 25; pull++) {
    due += PULL * (1 + ppm / 1e6);
    const length = Math.floor(due) - sent;
    buffer.push(tone(length, sent));
    sent += length;
    const got = buffer.pull(PULL);
    if (got === null || gapsIn(got, 0.02, 96).length > 0) gaps += 1;
  }
  return gaps;
}

describe("the jitter buffer", () => {
  it("gives nothing before it holds enough, then all of it in order", () => {
    const buffer = new JitterBuffer(DEPTH);
    buffer.begin();
    const whole = tone(TARGET + 10 * PULL);
    buffer.push(whole.slice(0, TARGET - 1));
    expect(buffer.pull(PULL)).toBeNull();
    buffer.push(whole.slice(TARGET - 1));
    const got = [...Array(10)].flatMap(() => [...(buffer.pull(PULL) ?? [])]);
    const first = 480;
    expect(got.length).toBe(10 * PULL);
    expect(got.slice(first).every((value, at) => Math.abs(value - (whole[first + at] ?? 9)) < 1e-6)).toBe(true);
  });

  it("forgets what is older than it may hold, the oldest first", () => {
    const buffer = new JitterBuffer(DEPTH);
    const most = (DEPTH.mostMs * RATE) / 1_000;
    for (let second = 0; second < 60; second++) {
      buffer.push(tone(RATE, second * RATE));
      expect(buffer.held).toBeLessThanOrEqual(most);
    }
  });

  it.each([300, -300, 2_000, -2_000])(
    "follows a source whose clock is off by %i ppm without a gap, and stays near its depth",
    (ppm) => {
      const buffer = new JitterBuffer(DEPTH);
      expect(follow(buffer, 240, ppm)).toBe(0);
      expect(buffer.held).toBeGreaterThan(TARGET * 0.6);
      expect(buffer.held).toBeLessThan(TARGET * 1.4);
    },
    60_000,
  );

  it("is silent while nothing comes, fades at both edges, and waits for enough again", () => {
    const buffer = new JitterBuffer(DEPTH);
    buffer.push(tone(TARGET));
    buffer.begin();
    const got: number[] = [];
    for (let pull = 0; pull < 30; pull++) got.push(...(buffer.pull(PULL) ?? new Float32Array(PULL)));
    const jumps = got.map((value, at) => Math.abs(value - (got[at - 1] ?? 0)));
    // A tone of 440 Hz at a half moves by 0.029 at most.
    expect(Math.max(...jumps)).toBeLessThan(0.04);
    expect(got.slice(TARGET).every((value) => value === 0)).toBe(true);
    buffer.push(tone(TARGET / 2));
    expect(buffer.pull(PULL)).toBeNull();
    buffer.push(tone(TARGET / 2));
    expect(buffer.pull(PULL)).not.toBeNull();
  });

  it("begins near: what came in one go before anybody listened is left out", () => {
    const buffer = new JitterBuffer(DEPTH);
    buffer.push(tone(2 * RATE));
    buffer.begin();
    expect(buffer.held).toBe(TARGET);
    const patient = new JitterBuffer(LIVE_DEPTHS.hls);
    patient.push(tone(1.5 * RATE));
    patient.begin();
    expect(patient.held).toBe(1.5 * RATE);
  });
});

describe("the level of what is received", () => {
  it("is that of the last whole tenth of a second", () => {
    const level = new ReceivedLevel();
    expect(level.rms).toBe(Number.NEGATIVE_INFINITY);
    level.add(tone(RATE / 10 - 1));
    expect(level.rms).toBe(Number.NEGATIVE_INFINITY);
    level.add(tone(1, RATE / 10 - 1));
    expect(level.rms).toBeCloseTo(-9.03, 1);
    level.add(new Float32Array(RATE / 10));
    expect(level.rms).toBe(Number.NEGATIVE_INFINITY);
  });
});
