import { describe, expect, it } from "vitest";
import { loudestOf } from "../../../agent/speaker/goertzel.ts";
import { calibrates, heardTone, judgeSpeaker, type SpeakerBaseline } from "../../../agent/speaker/judge.ts";
import { TEST_TONES, TEST_TONES_MS, toneSamples } from "../../../playback/sound/tones.ts";

const RATE = 48_000;
let seed = 7;
/** Not quite white, the same every time. */
const random = () => {
  seed = (seed * 16_807) % 2_147_483_647;
  return (seed / 2_147_483_647) * 2 - 1;
};
const noise = (seconds: number, peak: number) => Float32Array.from({ length: seconds * RATE }, () => peak * random());

/** What the microphone hears of the tones after so long, through a horn of this gain, in this noise. */
function heard(gain: (hertz: number) => number, noisePeak: number, lateMs = 130) {
  const tones = toneSamples("speaker-test", TEST_TONES_MS);
  const during = noise(TEST_TONES_MS / 1_000 + 1.5, noisePeak);
  const late = Math.round((lateMs * RATE) / 1_000);
  for (const [at, value] of tones.entries()) {
    const hertz = TEST_TONES[Math.floor((at / RATE - 0.5) / 1)] ?? 0;
    during[at + late] = (during[at + late] ?? 0) + value * gain(hertz);
  }
  const before = noise(2, noisePeak);
  return TEST_TONES.map((hertz) => heardTone(before, during, hertz));
}
const db = (level: number) => 10 ** (level / 20);
const ok = heard(() => db(-15), 0.003);
const baseline: SpeakerBaseline = { gainDb: 0, tones: ok };
const verdict = (tones: ReturnType<typeof heard>, gainDb = 0) => judgeSpeaker(tones, baseline, gainDb).verdict;

describe("a test tone", () => {
  it("is −20 dBFS, and measured to half a decibel wherever it stands", () => {
    for (const late of [0, 37, 333]) {
      for (const { toneDb } of heard(() => 1, 0, late)) expect(toneDb).toBeCloseTo(-20, 0);
    }
  });
  it("is not heard beside itself", () => {
    const sine = Float32Array.from({ length: RATE }, (_, n) => 0.1 * Math.sin((2 * Math.PI * 870 * n) / RATE));
    expect(loudestOf(sine, 870)).toBeCloseTo(-20, 1);
    expect(loudestOf(sine, 870 * 1.06)).toBeLessThan(-60);
    expect(loudestOf(new Float32Array(100), 870)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe("the verdict on a horn", () => {
  it("is ok when it sounds as it did, within what weather does", () => {
    expect(calibrates(ok)).toBe("ok");
    expect(verdict(heard(() => db(-15), 0.003))).toBe("ok");
    expect(verdict(heard(() => db(-18), 0.003))).toBe("ok");
  });
  it("is weak from 5 dB below, at any frequency", () => {
    expect(verdict(heard(() => db(-21), 0.003))).toBe("weak");
    expect(verdict(heard((hertz) => db(hertz > 4_000 ? -23 : -15), 0.003))).toBe("weak");
  });
  it("is dead when nothing of it is heard", () => {
    expect(verdict(heard(() => 0, 0.003))).toBe("dead");
    expect(verdict(heard(() => db(-50), 0.003))).toBe("dead");
  });
  it("is noisy where a weak horn could not be told from what else is heard", () => {
    for (const gain of [0, db(-21), db(-15)]) expect(verdict(heard(() => gain, 0.9))).toBe("noisy");
  });
  it("is dead, not well, where a noise begins only with the tones", () => {
    const during = noise(7, 0.02);
    const before = noise(2, 0.0001);
    const tones = TEST_TONES.map((hertz) => heardTone(before, during, hertz));
    expect(["dead", "noisy"]).toContain(verdict(tones));
  });
  it("takes the volume into account", () => {
    expect(
      verdict(
        heard(() => db(-21), 0.003),
        -6,
      ),
    ).toBe("ok");
    expect(
      verdict(
        heard(() => db(-15), 0.003),
        6,
      ),
    ).toBe("weak");
  });
  it("needs something to compare with, which only a well-heard horn gives", () => {
    expect(judgeSpeaker(ok, null, 0).verdict).toBe("not-calibrated");
    expect(calibrates(heard(() => 0, 0.003))).toBe("dead");
    expect(calibrates(heard(() => db(-15), 0.5))).not.toBe("ok");
  });
});
