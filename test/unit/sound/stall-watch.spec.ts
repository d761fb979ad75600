import { describe, expect, it } from "vitest";
import { PeriodMeter } from "../../../playback/sound/period-meter.ts";
import { StallWatch } from "../../../playback/sound/stall-watch.ts";

/** Reads a clock every 20 ms; `moves` says whether it moves at a time. */
function watch(until: number, moves: (at: number) => boolean) {
  const stall = new StallWatch(0);
  const seen: { at: number; health: string }[] = [];
  let current = 2_048;
  for (let at = 0; at <= until; at += 20) {
    if (moves(at)) current += 960;
    const health = stall.observe(at, current);
    if (seen.at(-1)?.health !== health) seen.push({ at, health });
  }
  return seen;
}

describe("the watch over the audio clock", () => {
  it("waits while a new card fills its buffers and then stands still for two seconds", () => {
    const seen = watch(4_000, (at) => at < 60 || at > 2_000);
    expect(seen.map((each) => each.health)).toEqual(["opening", "running"]);
    expect(seen[1]?.at).toBeGreaterThan(2_250);
  });

  it("gives a card up that never runs, after 5 s", () => {
    expect(watch(6_000, (at) => at < 100)).toEqual([
      { at: 0, health: "opening" },
      { at: 5_020, health: "dead" },
    ]);
  });

  it("tells a stall after half a second and death two seconds later", () => {
    const seen = watch(8_000, (at) => at < 3_000);
    expect(seen.slice(2)).toEqual([
      { at: 3_480, health: "stalled" },
      { at: 5_480, health: "dead" },
    ]);
  });

  it("takes the card back when the clock goes on", () => {
    const seen = watch(6_000, (at) => at < 3_000 || at > 4_000);
    expect(seen.map((each) => each.health)).toEqual(["opening", "running", "stalled", "running"]);
  });

  it("does not take a busy program for a stalled card", () => {
    const stall = new StallWatch(0);
    for (let at = 0; at <= 1_000; at += 20) stall.observe(at, at * 48);
    expect(stall.observe(5_000, 5_000 * 48)).toBe("running");
  });
});

describe("the period of a card", () => {
  it("is the mean of whole steps, though some are seen in the middle", () => {
    const meter = new PeriodMeter();
    let current = 0;
    for (let at = 0; at < 1_000; at += 2) {
      if (at % 14 === 0) current += at % 28 === 0 ? 640 : 768;
      meter.observe(at, at === 140 ? current - 512 : current);
    }
    expect(meter.period()).toBeGreaterThan(690);
    expect(meter.period()).toBeLessThan(715);
  });

  it("is not learnt from readings that are far apart", () => {
    const meter = new PeriodMeter();
    for (let at = 0; at < 1_000; at += 20) meter.observe(at, at * 48);
    expect(meter.period()).toBe(0);
  });
});
