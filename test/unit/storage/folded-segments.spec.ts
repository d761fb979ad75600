import { describe, expect, it } from "vitest";
import type { Sha256 } from "../../../playback/model/units.ts";
import type { Segment } from "../../../playback/ports/play-log.ts";
import { foldSegments, MOST_SEGMENTS } from "../../../storage/folded-segments.ts";

const LENGTH = 10_000;
const played = (round: number, change: Partial<Segment> = {}): Segment => ({
  ...{ itemId: "nhac", title: "Nhạc", round, sha256: "1".repeat(64) as Sha256, fromMs: 0, toMs: LENGTH },
  ...{ startedAt: round * LENGTH, endedAt: (round + 1) * LENGTH, outcome: "completed", amplifier: "driven" },
  ...{ rms: -20, peak: -3, audibleMs: LENGTH },
  ...change,
});
const rounds = (count: number) => Array.from({ length: count }, (_, round) => played(round));

describe("the stretches of a slot", () => {
  it("stand one by one up to the bound", () => {
    const all = rounds(MOST_SEGMENTS);
    expect(foldSegments(all)).toBe(all);
  });

  it("become one a day long, whose figures are those of all", () => {
    const all = rounds(8_640).map((segment, n) => ({
      ...segment,
      ...(n === 17 ? { peak: -1, breaks: 2 } : {}),
      inStep: { worstMs: n === 5 ? -3 : 1, p95Ms: n === 9 ? 2 : 0.5, pulledMs: 0.25, inPauses: 0, afterBreaks: 0 },
    }));
    const folded = foldSegments(all);
    expect(folded).toEqual([
      {
        ...played(0),
        ...{ times: 8_640, toMs: 86_400_000, endedAt: 86_400_000, audibleMs: 86_400_000, peak: -1, breaks: 2 },
        rms: expect.closeTo(-20, 6),
        inStep: { worstMs: -3, p95Ms: 2, pulledMs: 2_160, inPauses: 0, afterBreaks: 0 },
      },
    ]);
    expect(JSON.stringify(folded).length).toBeLessThan(1_000);
  });

  it("stay apart where they say something else", () => {
    const refusal = { reason: "media-missing", detail: "gone" } as const;
    const others = [
      played(0, { itemId: "tin" }),
      played(1, { outcome: "stopped", toMs: 4_000, audibleMs: 4_000 }),
      played(2, { amplifier: "fault" }),
      played(3, { outcome: "refused", refusal, startedAt: null, endedAt: null, rms: null, peak: null, audibleMs: 0 }),
    ];
    const folded = foldSegments([...others, ...rounds(MOST_SEGMENTS)]);
    expect(folded.slice(0, 4)).toEqual(others);
    expect(folded.slice(4)).toMatchObject([{ times: MOST_SEGMENTS, toMs: MOST_SEGMENTS * LENGTH }]);
  });

  it("weigh their levels by how long they were heard", () => {
    const [loud, soft] = [played(0, { rms: -10, audibleMs: 1_000 }), played(1, { rms: -30, audibleMs: 9_000 })];
    expect(foldSegments([loud, soft], 1)[0]?.rms).toBeCloseTo(10 * Math.log10(0.1 * 0.1 + 0.9 * 0.001), 6);
    const refused = (round: number) =>
      played(round, { startedAt: null, endedAt: null, rms: null, peak: null, audibleMs: 0 });
    expect(foldSegments([refused(0), refused(1)], 1)).toMatchObject([
      { times: 2, startedAt: null, rms: null, peak: null },
    ]);
  });
});
