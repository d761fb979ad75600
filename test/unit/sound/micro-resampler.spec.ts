import { describe, expect, it } from "vitest";
import { MicroResampler } from "../../../playback/sound/micro-resampler.ts";

const RATE = 48_000;
const HOUR = RATE * 3_600;

function sine(hertz: number, length: number, from = 0, speed = 1): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hertz * (from + n * speed)) / RATE));
}

/** All of `input` in blocks of uneven length, each at the speed of its turn. */
function play(input: Float32Array<ArrayBuffer>, speeds: readonly number[], resampler = new MicroResampler()) {
  const parts: Float32Array[] = [];
  let at = 0;
  for (let n = 0; at < input.length; n++) {
    const length = 4_801 + ((n * 977) % 3_000);
    parts.push(resampler.process(input.slice(at, at + length), speeds[n % speeds.length] ?? 1));
    at += length;
  }
  parts.push(resampler.flush(speeds[0] ?? 1));
  const output = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    output.set(part, filled);
    filled += part.length;
  }
  return { output, resampler };
}

/** Signal against difference in dB, the first and last 12 samples left out: there one side is silence. */
function snr(heard: Float32Array, expected: Float32Array): number {
  let signal = 0;
  let noise = 0;
  for (let at = 12; at < Math.min(heard.length, expected.length) - 24; at++) {
    signal += (expected[at] ?? 0) ** 2;
    noise += ((heard[at] ?? 0) - (expected[at] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe("a sound played a trace faster or slower", () => {
  it.each([
    { hertz: 440, least: 90 },
    { hertz: 3_000, least: 90 },
    { hertz: 7_000, least: 85 },
    { hertz: 14_000, least: 70 },
  ])("keeps a sine of $hertz Hz a sine, noise $least dB below it", ({ hertz, least }) => {
    for (const speed of [1.0001, 0.9999, 1.001, 0.995]) {
      const { output } = play(sine(hertz, RATE * 2), [speed]);
      expect(snr(output, sine(hertz, output.length, 0, speed))).toBeGreaterThan(least);
    }
  });

  it("lets samples pass unaltered at speed 1", () => {
    const input = sine(997, RATE);
    const { output, resampler } = play(input, [1]);
    expect(output).toEqual(input);
    expect([resampler.consumed, resampler.produced, resampler.position]).toEqual([RATE, RATE, RATE]);
  });

  it("makes no seam where the speed changes, from and to unaltered passing too", () => {
    const hertz = 1_000;
    const { output } = play(sine(hertz, RATE * 3), [1, 1.001, 1, 0.999, 1.0001, 0.995, 1.005]);
    // A sine obeys y[n+1] + y[n-1] = 2cos(w)·y[n]; one sample lost would break it by 0.065.
    const factor = 2 * Math.cos((2 * Math.PI * hertz) / RATE);
    let worst = 0;
    for (let at = 24; at < output.length - 24; at++) {
      const bent = (output[at + 1] ?? 0) + (output[at - 1] ?? 0) - factor * (output[at] ?? 0);
      worst = Math.max(worst, Math.abs(bent));
    }
    // From 0.995 to 1.005 the slope of this sine changes by 1 %, which is 6.5e-4 from one sample to the next.
    expect(worst).toBeLessThan(8e-4);
  });

  it("counts an hour at 100 ppm to the sample", () => {
    const speed = 1.0001;
    const resampler = new MicroResampler();
    const block = new Float32Array(RATE / 2);
    for (let at = 0; at < HOUR; at += block.length) resampler.process(block, speed);
    resampler.flush(speed);
    expect(resampler.consumed).toBe(HOUR);
    expect(resampler.produced).toBe(Math.ceil(HOUR / speed));
  }, 120_000);

  it("says where it stands at any moment", () => {
    const resampler = new MicroResampler();
    let expected = 0;
    for (const [n, speed] of [1.001, 0.999, 1, 1.0005, 0.995].entries()) {
      expected += resampler.process(new Float32Array(10_000 + n), speed).length * speed;
      expect(resampler.position).toBeCloseTo(expected, 6);
      expect(resampler.consumed - resampler.position).toBeGreaterThan(10);
      expect(resampler.consumed - resampler.position).toBeLessThanOrEqual(12);
    }
  });

  it("takes blocks of any length, and goes no further than half a percent", () => {
    const resampler = new MicroResampler();
    for (let n = 0; n < 5_000; n++) resampler.process(new Float32Array(n % 5), 2);
    resampler.flush(2);
    expect(resampler.produced).toBe(Math.ceil(10_000 / 1.005));
  });
});
