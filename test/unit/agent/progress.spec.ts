import { describe, expect, it } from "vitest";
import { Progress, type Pulse, STILL_FOR } from "../../../agent/health/progress.ts";

const pulse = (part: string, count: number, excused = false): Pulse => ({ part, count, excused });

describe("progress", () => {
  it("names a part that stands still for 20 s, and only then", () => {
    const progress = new Progress();
    expect(progress.observe([pulse("storage", 1), pulse("faces", 1)], 0)).toEqual([]);
    expect(progress.observe([pulse("storage", 1), pulse("faces", 2)], STILL_FOR - 1)).toEqual([]);
    expect(progress.observe([pulse("storage", 1), pulse("faces", 3)], STILL_FOR)).toEqual(["storage"]);
    expect(progress.observe([pulse("storage", 2), pulse("faces", 3)], STILL_FOR + 1)).toEqual([]);
  });

  it("excuses what a restart would not cure, and gives it its time anew afterwards", () => {
    const progress = new Progress();
    progress.observe([pulse("audio", 5)], 0);
    expect(progress.observe([pulse("audio", 5, true)], 10 * STILL_FOR)).toEqual([]);
    expect(progress.observe([pulse("audio", 5)], 10 * STILL_FOR + 1_000)).toEqual([]);
    expect(progress.observe([pulse("audio", 5)], 11 * STILL_FOR)).toEqual(["audio"]);
  });
});
