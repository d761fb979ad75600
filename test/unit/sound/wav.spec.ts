import { describe, expect, it } from "vitest";
import { decodeWav, encodeWav } from "../../support/sound/wav.ts";

describe("a WAV file", () => {
  it("gives back what was written, to half a step of 16 bits", () => {
    const samples = Float32Array.from({ length: 1_000 }, (_, at) => Math.sin(at / 7));
    const { samples: read, rate } = decodeWav(encodeWav(samples, 48_000));
    expect(rate).toBe(48_000);
    expect(read.length).toBe(1_000);
    for (const [at, value] of read.entries()) expect(Math.abs(value - (samples[at] ?? 0))).toBeLessThan(1.6e-5);
  });

  it("clips what is louder than full scale", () => {
    expect([...decodeWav(encodeWav(Float32Array.of(2, -2), 8_000)).samples]).toEqual([1, -1]);
  });

  it("refuses anything else", () => {
    expect(() => decodeWav(Buffer.from("not a wave file at all"))).toThrow("not a WAV file");
    const stereo = encodeWav(new Float32Array(4), 48_000);
    stereo.writeUInt16LE(2, 22);
    expect(() => decodeWav(stereo)).toThrow("not 16-bit mono");
  });
});
