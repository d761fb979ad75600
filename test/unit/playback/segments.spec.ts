import { describe, expect, it } from "vitest";
import type { Sha256 } from "../../../playback/model/units.ts";
import type { PlayResult } from "../../../playback/ports/sound.ts";
import { playedSegment } from "../../../playback/segments.ts";

const sha256 = "1".repeat(64) as Sha256;
const item = { kind: "media", id: "i", title: "Tin", sha256 } as const;
const whole: PlayResult = {
  ...{ startedAt: 1_000, endedAt: 3_000, positionMs: 2_000, outcome: "completed", rms: -20, peak: -3 },
  ...{ audibleMs: 2_000, breaks: 0, delayedMs: 0, inStep: null },
};
const written = (result: PlayResult) =>
  playedSegment({ item, round: 0, fromMs: 0, sha256 }, result, { amplifier: "driven", clock: null });

describe("what is written down of a stretch", () => {
  it("says how often it was torn, and nothing where it was not", () => {
    expect(written({ ...whole, breaks: 2 })).toEqual({ ...written(whole), breaks: 2 });
    expect(written(whole)).not.toHaveProperty("breaks");
  });
});
