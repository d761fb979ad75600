import { describe, expect, it } from "vitest";
import { StationTime } from "../../../playback/board/page/station-time.ts";
import { turnAt } from "../../../playback/board/page/turns.ts";

describe("whose turn it is", () => {
  it("follows from the time since the layout began", () => {
    const turn = (now: number) => turnAt([1_000, 3_000, 2_000], 10_000, now)?.index;
    expect([10_000, 10_999, 11_000, 13_999, 14_000, 15_999, 16_000].map(turn)).toEqual([0, 0, 1, 1, 2, 2, 0]);
  });

  it("is the same for whoever asks, in whatever round", () => {
    const month = 30 * 86_400_000;
    expect(turnAt([1_000, 3_000, 2_000], 0, month + 5_000)).toEqual({
      index: 2,
      began: month + 4_000,
      ends: month + 6_000,
    });
  });

  it("is defined when the station's clock is put back before the layout began", () => {
    expect(turnAt([1_000, 3_000], 10_000, 9_999)).toEqual({ index: 1, began: 7_000, ends: 10_000 });
  });

  it("never spins over items of no length", () => {
    expect(turnAt([0, 0], 0, 250)).toEqual({ index: 1, began: 200, ends: 400 });
    expect(turnAt([], 0, 250)).toBe(null);
  });

  it("always ends after now and begins no later", () => {
    for (let n = 0; n < 2_000; n++) {
      const lengths = Array.from(
        { length: 1 + (n % 7) },
        (_, index) => ((n * 7919 + index * 104_729) % 5_000) + 0.1 * index,
      );
      const now = (n * 1_000_003) % 50_000_000;
      const turn = turnAt(lengths, 12_345.678, now);
      expect(turn !== null && turn.began <= now && now < turn.ends).toBe(true);
    }
  });
});

describe("the station's time on the page", () => {
  it("follows a step of the station's clock and ignores the way of the message", () => {
    const time = new StationTime();
    expect(time.at(5)).toBe(null);
    time.set(1_000_000, 100);
    expect(time.at(200)).toBe(1_000_100);
    time.set(1_005_020, 5_100);
    expect(time.at(5_100)).toBe(1_005_000);
    time.set(2_000_000, 6_000);
    expect(time.at(6_001)).toBe(2_000_001);
  });
});
