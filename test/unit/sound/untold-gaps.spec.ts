import { describe, expect, it } from "vitest";
import { judgeGaps } from "../../support/sound/untold-gaps.ts";

const stretch = { from: 0, to: 60_000, breaks: 1 };

describe("gaps held against the journal", () => {
  it("are told where the stretch that they tore says so, once for all that one break tore", () => {
    const gaps = [
      { at: 10_000, ms: 20 },
      { at: 10_300, ms: 15 },
    ];
    expect(judgeGaps(gaps, [stretch])).toEqual({ between: [], episodes: 1, untold: [] });
  });

  it("are untold beyond the number written down, in another stretch, and where none is written", () => {
    const [first, second] = [
      { at: 10_000, ms: 20 },
      { at: 20_000, ms: 20 },
    ];
    expect(judgeGaps([first, second], [stretch]).untold).toEqual([second]);
    expect(judgeGaps([first], [{ ...stretch, from: 30_000 }]).untold).toEqual([first]);
    expect(judgeGaps([first], [{ ...stretch, breaks: 0 }]).untold).toEqual([first]);
  });

  it("need no telling where no stretch claims that something sounded", () => {
    const [before, behind] = [
      { from: 0, to: 10_000, breaks: 0 },
      { from: 10_070, to: 20_000, breaks: 0 },
    ];
    const gaps = [
      { at: 10_080, ms: 75 },
      { at: 15_000, ms: 20 },
    ];
    expect(judgeGaps(gaps, [behind, before])).toEqual({ between: [gaps[0]], episodes: 1, untold: [gaps[1]] });
    // Longer than the journal's own silence: something that it claims was not heard.
    expect(judgeGaps([{ at: 10_080, ms: 300 }], [before, behind]).untold).toHaveLength(1);
    // Two items that join to the sample leave none.
    expect(judgeGaps([{ at: 10_005, ms: 10 }], [before, { ...behind, from: 10_000.4 }]).untold).toHaveLength(1);
  });

  it("are told by the record that has no other, in whatever order records came", () => {
    // The first was noticed when the next item sounded already; its own stretch, of an announcement, was recorded later.
    const [own, next] = [
      { from: 0, to: 10_000, breaks: 1 },
      { from: 10_000, to: 22_000, breaks: 1 },
    ];
    const gaps = [
      { at: 9_500, ms: 20 },
      { at: 20_000, ms: 20 },
    ];
    expect(judgeGaps(gaps, [next, own]).untold).toEqual([]);
  });
});
