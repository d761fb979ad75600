import { describe, expect, it } from "vitest";
import { coverage } from "../../support/sound/coverage.ts";

const MS = 48;

/** Noise that is the same every time. */
function noise(lengthMs: number, amplitude: number): Float32Array {
  let seed = 7;
  return Float32Array.from({ length: lengthMs * MS }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (seed / 1_073_741_824 - 1) * amplitude;
  });
}

describe("how much of a sound stands in a recording", () => {
  it("is all of it across a break of 30 ms", () => {
    const source = noise(2_000, 0.3);
    const recording = new Float32Array(2_200 * MS);
    recording.set(source.subarray(0, 1_000 * MS), 0);
    recording.set(source.subarray(1_000 * MS), 1_030 * MS);
    const found = coverage(recording, source, 0);
    expect(found.breaks).toBe(1);
    expect(found.matched / MS).toBeGreaterThan(1_950);
  });

  it("comes to an end where the sound begins in a pause that the recording filled with something else", () => {
    const source = new Float32Array(1_000 * MS);
    source.set(noise(950, 0.3), 50 * MS);
    const recording = Float32Array.from(source);
    recording.set(noise(30, 0.03), 0);
    const found = coverage(recording, source, 0);
    expect(found.matched / MS).toBeGreaterThan(900);
    expect(found.matched / MS).toBeLessThan(1_000);
  });
});
