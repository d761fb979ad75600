import { describe, expect, it } from "vitest";
import { gapsIn, levelBetween, unexplainedSound } from "../../support/sound/levels.ts";

function tone(length: number, amplitude: number): Float32Array {
  return Float32Array.from({ length }, (_, at) => amplitude * Math.sin(at * 0.1));
}

function place(seconds: number, parts: { at: number; samples: Float32Array }[]): Float32Array {
  const recording = new Float32Array(seconds * 48_000);
  for (const part of parts) recording.set(part.samples, part.at);
  return recording;
}

describe("the level of a stretch", () => {
  it("is −3 dB rms below the peak of a sine", () => {
    const level = levelBetween(tone(48_000, 0.5), 0, 48_000);
    expect(level.peak).toBeCloseTo(-6.02, 1);
    expect(level.rms).toBeCloseTo(-9.03, 1);
  });

  it("is silence where nothing was recorded", () => {
    expect(levelBetween(new Float32Array(10), 0, 10).rms).toBe(Number.NEGATIVE_INFINITY);
    expect(levelBetween(tone(100, 1), 200, 300).peak).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe("sound that nobody planned", () => {
  const recording = place(10, [
    { at: 48_000, samples: tone(96_000, 0.3) },
    { at: 300_000, samples: tone(4_800, 0.01) },
  ]);

  it("is found with its place and peak", () => {
    const [found, ...others] = unexplainedSound(recording, [{ from: 48_000, to: 144_000 }]);
    expect(others).toEqual([]);
    expect(found?.from).toBeGreaterThan(298_000);
    expect(found?.to).toBeLessThan(307_000);
    expect(found?.peakDb).toBeCloseTo(-40, 0);
  });

  it("is not there when everything is explained", () => {
    const explained = [
      { from: 48_000, to: 144_000 },
      { from: 300_000, to: 304_800 },
    ];
    expect(unexplainedSound(recording, explained)).toEqual([]);
  });

  it("includes what stands over a planned end by more than the margin", () => {
    const [tail] = unexplainedSound(recording, [{ from: 48_000, to: 120_000 }], { marginMs: 50 });
    expect(Math.abs((tail?.from ?? 0) - 122_400)).toBeLessThan(960);
    expect(Math.abs((tail?.to ?? 0) - 144_000)).toBeLessThan(960);
  });

  it("leaves out what is quieter than the threshold", () => {
    expect(unexplainedSound(recording, [{ from: 48_000, to: 144_000 }], { thresholdDb: -40 })).toEqual([]);
  });
});

describe("gaps", () => {
  it("are stretches of quiet longer than asked for", () => {
    const samples = tone(48_000, 0.5);
    samples.fill(0, 10_000, 10_500);
    samples.fill(0, 20_000, 20_100);
    expect(gapsIn(samples, 0.01, 240).map((gap) => Math.round(gap.from / 10) * 10)).toEqual([10_000]);
  });
});
