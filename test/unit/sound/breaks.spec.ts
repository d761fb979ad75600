import { describe, expect, it } from "vitest";
import { Breaks } from "../../../playback/sound/breaks.ts";
import { UnderrunCount } from "../../../playback/sound/underrun-count.ts";

/** A library that gives its figures once a second. */
class Stats {
  totalDuration = 0;
  underrunEvents = 0;
  minimumLatency = 0;
  maximumLatency = 0;
  resets = 0;
  readonly count = new UnderrunCount(this);
  resetLatency(): void {
    this.resets += 1;
  }
  /** The next second's figures, read twice. */
  second(lowest: number, highest: number, events = 0): number {
    this.totalDuration += 1;
    this.underrunEvents += events;
    [this.minimumLatency, this.maximumLatency] = [lowest / 1_000, highest / 1_000];
    this.count.count();
    return this.count.count();
  }
}

describe("the seconds in which a card ran out of samples", () => {
  it("are those in which its queue was empty, or that ALSA told of, each once", () => {
    const stats = new Stats();
    for (let n = 0; n < 3; n++) expect(stats.second(56, 61)).toBe(0);
    expect(stats.second(0, 61)).toBe(1);
    expect(stats.second(4, 61)).toBe(1);
    expect(stats.second(20, 61, 1)).toBe(2);
    expect(stats.second(0, 61, 2)).toBe(3);
    expect(stats.second(56, 61)).toBe(3);
    expect(stats.resets).toBe(8);
  });

  it("are not those in which it opened, and none where it does not know its latency", () => {
    const stats = new Stats();
    expect([stats.second(0, 60), stats.second(0, 60), stats.second(50, 60)]).toEqual([0, 0, 0]);
    for (let n = 0; n < 5; n++) expect(stats.second(0, 0)).toBe(0);
  });
});

describe("the breaks of a card", () => {
  /** Each is told of at a time in milliseconds, in order. */
  const count = (...told: readonly (readonly ["jump" | "dry", number])[]) => {
    const breaks = new Breaks();
    let [jumps, underruns] = [0, 0];
    for (const [what, at] of told) {
      if (what === "jump") jumps += 1;
      else underruns += 1;
      breaks.observe(at, jumps, underruns);
    }
    return breaks.count();
  };

  it.each([
    ["a clock that moved, with no queue that ran empty", [["jump", 5_000]], 1],
    ["a queue that ran empty, where no clock moved", [["dry", 5_000]], 1],
    [
      "both of the same break, the clock first",
      [
        ["jump", 5_000],
        ["dry", 5_900],
      ],
      1,
    ],
    [
      "both of the same break, the queue first",
      [
        ["dry", 5_000],
        ["jump", 6_100],
      ],
      1,
    ],
    [
      "two of the clock after one of the queue",
      [
        ["dry", 5_000],
        ["jump", 5_300],
        ["jump", 6_800],
      ],
      2,
    ],
    [
      "one of each, too far apart to be the same",
      [
        ["jump", 5_000],
        ["dry", 6_200],
      ],
      2,
    ],
    [
      "one of each the other way round",
      [
        ["dry", 5_000],
        ["jump", 6_400],
      ],
      2,
    ],
    [
      "seconds of a queue that runs empty again and again",
      [
        ["dry", 5_000],
        ["dry", 6_000],
        ["dry", 7_000],
      ],
      3,
    ],
  ] as const)("counts %s", (_, told, expected) => {
    expect(count(...told)).toBe(expected);
  });

  it("counts what both tell of at the same reading once", () => {
    const breaks = new Breaks();
    breaks.observe(5_000, 1, 1);
    breaks.observe(5_020, 1, 1);
    expect(breaks.count()).toBe(1);
  });
});
