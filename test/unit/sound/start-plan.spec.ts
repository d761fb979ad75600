import { describe, expect, it } from "vitest";
import type { Clock } from "../../../playback/ports/clock.ts";
import { type Beginning, StartPlan } from "../../../playback/sound/start-plan.ts";
import type { Timeline } from "../../../playback/sound/timeline.ts";

const WALL = 1_800_000_000_000;

/** Sample 0 is heard at monotonic 0, which is wall time `WALL`. */
class Desk {
  time = 0;
  step = 0;
  readonly clock = { now: () => WALL + this.time + this.step, monotonic: () => this.time } as Clock;
  readonly timeline = {
    soonest: () => (this.time + 25) * 48,
    sampleAt: (at: number) => at * 48,
    wallTimeOf: (sample: number) => WALL + sample / 48,
  } as Timeline;
}

describe("a start at an instant", () => {
  it("is decided a second and a half before, and wanted at that instant", () => {
    const desk = new Desk();
    const plan = new StartPlan({ at: WALL + 10_000 }, null, desk.clock, 0);
    desk.time = 8_400;
    expect(plan.resolve(desk.timeline)).toBeNull();
    desk.time = 8_600;
    expect(plan.resolve(desk.timeline)).toEqual({ sample: 480_000, wanted: WALL + 10_000, engaged: false });
  });

  it("is later by the output's own delay, and wanted later", () => {
    const desk = new Desk();
    const plan = new StartPlan({ at: WALL + 1_000 }, null, desk.clock, 320);
    expect(plan.resolve(desk.timeline)).toEqual({ sample: 1_320 * 48, wanted: WALL + 1_320, engaged: false });
  });

  it("is not moved by a step of the wall clock, but is wanted by the clock that was stepped", () => {
    const desk = new Desk();
    const plan = new StartPlan({ at: WALL + 10_000 }, null, desk.clock, 0);
    desk.step = 15;
    desk.time = 9_000;
    expect(plan.resolve(desk.timeline)).toMatchObject({ sample: 480_000, wanted: WALL + 10_000 });
  });

  it("makes up for half a second that it came too late, and not for five", () => {
    const desk = new Desk();
    desk.time = 500;
    expect(new StartPlan({ at: WALL }, null, desk.clock, 0).resolve(desk.timeline)).toMatchObject({
      sample: 525 * 48,
      wanted: WALL,
    });
    desk.time = 5_000;
    expect(new StartPlan({ at: WALL }, null, desk.clock, 0).resolve(desk.timeline)).toMatchObject({
      sample: 5_025 * 48,
      wanted: WALL + 5_025,
    });
  });
});

describe("a start at once or after another sound", () => {
  it("waits for no delay", () => {
    const desk = new Desk();
    expect(new StartPlan("now", null, desk.clock, 2_000).resolve(desk.timeline)).toMatchObject({ sample: 25 * 48 });
  });

  it("stands on the sample after it and goes on as it was wanted", () => {
    const desk = new Desk();
    const end: Beginning = { sample: 96_000, wanted: WALL + 1_990, engaged: true };
    const plan = (joint: Beginning | "over" | null) =>
      new StartPlan({ after: null as never }, { joint: () => joint }, desk.clock, 500).resolve(desk.timeline);
    expect(plan(end)).toEqual(end);
    expect(plan(null)).toBeNull();
    expect(plan("over")).toMatchObject({ sample: 25 * 48, engaged: false });
    // The joint is past: as soon as possible, and what is late is made up for.
    expect(plan({ ...end, sample: 100 })).toEqual({ ...end, sample: 25 * 48 });
  });
});
