import { describe, expect, it } from "vitest";
import { BreakCount } from "../../../playback/sound/break-count.ts";

describe("the breaks of one sound", () => {
  it("are those noticed while it was heard, whatever the card did before", () => {
    let ofTheCard = 3;
    const breaks = new BreakCount({ breaks: () => ofTheCard });
    breaks.observe(false);
    ofTheCard += 1;
    breaks.observe(false);
    expect(breaks.count()).toBe(0);
    ofTheCard += 2;
    breaks.observe(true);
    breaks.observe(true);
    expect(breaks.count()).toBe(2);
  });
});
