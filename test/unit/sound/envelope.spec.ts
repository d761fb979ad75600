import { describe, expect, it } from "vitest";
import { lagBetween } from "../../support/sound/envelope.ts";

const RATE = 48_000;
/** Words of uneven length and loudness, on another tone for each listener. */
function speech(hertz: number, delayMs: number): Float32Array {
  const samples = new Float32Array(6 * RATE);
  for (let at = 0; at < samples.length; at++) {
    const t = at / RATE - delayMs / 1_000;
    const loud = t < 0 ? 0 : Math.abs(Math.sin(2.1 * t) * Math.sin(7.3 * t + 1) * Math.sin(0.7 * t + 2));
    samples[at] = 0.5 * loud * Math.sin((2 * Math.PI * hertz * at) / RATE);
  }
  return samples;
}

describe("the lag between two recordings", () => {
  it.each([0, 480, 1_730])("of %i ms is found, whatever became of the samples", (delayMs) => {
    const { lagMs, likeness } = lagBetween(speech(400, 0).subarray(0, 4 * RATE), speech(900, delayMs), 2_500);
    expect(Math.abs(lagMs - delayMs)).toBeLessThanOrEqual(10);
    expect(likeness).toBeGreaterThan(0.95);
  });

  it("of what is not the same is not believed", () => {
    const other = speech(400, 0).reverse();
    expect(lagBetween(speech(400, 0), other, 2_500).likeness).toBeLessThan(0.8);
  });
});
