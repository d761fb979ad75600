import { describe, expect, it } from "vitest";
import { correctionFor, INAUDIBLE, type Step } from "../../../playback/sound/following.ts";

const QUIET: Step = { latenessMs: 0, driftPpm: 0, driftKnown: false, engaged: false, afterBreak: false };

describe("a sound that is followed", () => {
  it("is left alone while it is within a millisecond on a card of unknown or good rate", () => {
    for (const step of [
      QUIET,
      { ...QUIET, latenessMs: 0.9 },
      { ...QUIET, latenessMs: -0.9, driftPpm: 60 },
      { ...QUIET, driftKnown: true, driftPpm: 4 },
    ]) {
      expect(correctionFor(step)).toEqual({ speed: 1, engaged: false, hardMs: 0, where: "pause" });
    }
  });

  it("is played slower by the rate of a fast card from the start, once that rate is known", () => {
    const { speed, engaged } = correctionFor({ ...QUIET, driftPpm: 104, driftKnown: true });
    expect((speed - 1) * 1e6).toBeCloseTo(-104, 1);
    expect(engaged).toBe(true);
  });

  it("stays held once it was held, however near it is", () => {
    expect(correctionFor({ ...QUIET, engaged: true, latenessMs: 0.3 })).toMatchObject({ engaged: true, hardMs: 0 });
    expect(correctionFor({ ...QUIET, engaged: true, latenessMs: 0.3 }).speed).toBeCloseTo(1.0002, 6);
  });

  it.each([-9_000, -15, -4, 4, 15, 9_000])(
    "never changes its speed by more than a thousandth: %i ms late",
    (latenessMs) => {
      const { speed } = correctionFor({ ...QUIET, latenessMs, driftPpm: 300, driftKnown: true });
      expect(Math.abs(speed - 1)).toBeLessThan(INAUDIBLE + 1e-12);
      expect(Math.sign(speed - 1)).toBe(Math.sign(latenessMs));
    },
  );

  it("is set right at once from 5 ms on: in a pause, and after a break without one", () => {
    expect(correctionFor({ ...QUIET, latenessMs: 4.9 }).hardMs).toBe(0);
    expect(correctionFor({ ...QUIET, latenessMs: 15 })).toMatchObject({ hardMs: 15, where: "pause" });
    expect(correctionFor({ ...QUIET, latenessMs: -15 })).toMatchObject({ hardMs: -15, where: "pause" });
    expect(correctionFor({ ...QUIET, latenessMs: 460, afterBreak: true })).toMatchObject({
      hardMs: 460,
      where: "at-once",
    });
  });

  it("never waits in the middle of a word, not even after a break", () => {
    expect(correctionFor({ ...QUIET, latenessMs: -460, afterBreak: true }).where).toBe("pause");
  });

  it("is not dragged after a clock that was set to another time", () => {
    const { speed, hardMs } = correctionFor({ ...QUIET, latenessMs: 3_600_000, driftPpm: -50, engaged: true });
    expect(hardMs).toBe(0);
    expect((speed - 1) * 1e6).toBeCloseTo(50, 1);
  });

  it("comes to rest on a card that is 104 ppm fast: within 0.1 ms by a fair guess of its rate, within 0.2 without one", () => {
    for (const guess of [0, 80, 104, 130]) {
      let lateness = 3;
      for (let block = 0; block < 120; block++) {
        const { speed } = correctionFor({ ...QUIET, latenessMs: lateness, driftPpm: guess, engaged: true });
        // Half a second of sound at this speed on a card that is fast.
        lateness += 500 / speed / (1 + 104e-6) - 500;
      }
      expect(Math.abs(lateness)).toBeLessThan(guess === 0 ? 0.2 : 0.1);
    }
  });
});
