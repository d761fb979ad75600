import { describe, expect, it } from "vitest";
import { OffsetHistogram } from "../../../playback/sound/offset-histogram.ts";
import { Placement } from "../../../playback/sound/placement.ts";
import { WallOffset } from "../../../playback/sound/wall-offset.ts";

describe("what the wall clock reads beyond the monotonic one", () => {
  /** Reads a clock of whole milliseconds every 20 ms or so. */
  function readFor(seconds: number, stepped: (at: number) => number = () => 0): WallOffset {
    const offset = new WallOffset();
    for (let at = 0; at < seconds * 1_000; at += 20.013) offset.observe(at, Math.floor(1e12 + at + 0.4 + stepped(at)));
    return offset;
  }

  it("is found to 0.1 ms though the clock is read in whole milliseconds", () => {
    expect(Math.abs((readFor(5).offset() ?? 0) - (1e12 + 0.4))).toBeLessThan(0.1);
  });

  it.each([15, -15, 3_600_000])("follows a step of %i ms within a tenth of a second", (ms) => {
    const offset = readFor(5.1, (at) => (at >= 5_000 ? ms : 0)).offset() ?? 0;
    expect(Math.abs(offset - (1e12 + 0.4 + ms))).toBeLessThan(1.01);
  });

  it("is not moved by one reading that was held up", () => {
    expect(
      Math.abs((readFor(5, (at) => (Math.floor(at / 20.013) === 100 ? 300 : 0)).offset() ?? 0) - (1e12 + 0.4)),
    ).toBeLessThan(0.1);
  });
});

describe("the account of offsets", () => {
  it("gives the worst with its sign and the share of time, in memory that does not grow", () => {
    const histogram = new OffsetHistogram();
    expect(histogram.spread()).toBeNull();
    for (let n = 0; n < 1_000; n++) histogram.add(n < 960 ? 0.4 : -7, n * 4_800);
    expect(histogram.spread()?.worstMs).toBe(-7);
    expect(histogram.spread()?.p95Ms).toBeCloseTo(0.45, 5);
    for (let n = 1_000; n < 1_100; n++) histogram.add(460, n * 4_800);
    expect(histogram.spread()).toEqual({ worstMs: 460, p95Ms: expect.closeTo(100.05, 5) });
  });
});

describe("which sample of the source stands where", () => {
  it("is told within pieces of any speed, in gaps, before and behind", () => {
    const placement = new Placement();
    placement.add(1_000, 1_000, 0, 1_001);
    placement.add(2_000, 500, 1_001, 1_001);
    placement.add(2_500, 100, 1_501, 1_601);
    expect([0, 1_500, 2_400, 2_550, 9_999].map((at) => placement.positionAt(at))).toEqual([
      0, 500.5, 1_001, 1_551, 1_601,
    ]);
  });

  it("ends where it is cut", () => {
    const placement = new Placement();
    placement.add(0, 100, 0, 100);
    placement.add(100, 100, 100, 200);
    expect(placement.cut(150)).toBe(150);
    expect(placement.positionAt(500)).toBe(150);
    placement.add(150, 50, 400, 450);
    expect(placement.positionAt(160)).toBe(410);
    placement.forget(120);
    expect(placement.positionAt(120)).toBe(120);
  });
});
