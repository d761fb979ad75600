import { describe, expect, it } from "vitest";
import { judgeGaps } from "../../support/sound/untold-gaps.ts";

const stretch = { from: 0, to: 60_000, breaks: 1 };

describe("gaps held against the journal", () => {
  it("are told where the stretch that they tore says so, once for all that one break tore", () => {
    const gaps = [
      { at: 10_000, ms: 20 },
      { at: 10_300, ms: 15 },
    ];
    expect(judgeGaps(gaps, [stretch], [])).toEqual({ planned: [], episodes: 1, untold: [] });
  });

  it("are untold beyond the number written down, in another stretch, and where none is written", () => {
    const [first, second] = [
      { at: 10_000, ms: 20 },
      { at: 20_000, ms: 20 },
    ];
    expect(judgeGaps([first, second], [stretch], []).untold).toEqual([second]);
    expect(judgeGaps([first], [{ ...stretch, from: 30_000 }], []).untold).toEqual([first]);
    expect(judgeGaps([first], [{ ...stretch, breaks: 0 }], []).untold).toEqual([first]);
  });

  it("are planned at a hand-over, unless they are longer than one may be", () => {
    const gaps = [
      { at: 10_060, ms: 60 },
      { at: 20_300, ms: 300 },
    ];
    const verdict = judgeGaps(gaps, [], [10_000, 20_000]);
    expect([verdict.planned, verdict.untold]).toEqual([[gaps[0]], [gaps[1]]]);
  });
});
