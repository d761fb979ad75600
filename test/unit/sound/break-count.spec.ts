import { describe, expect, it } from "vitest";
import { BreakCount } from "../../../playback/sound/break-count.ts";

describe("the breaks of one sound", () => {
  it("are those noticed while it was heard, whatever the card did before", () => {
    let jumps = 3;
    const breaks = new BreakCount({ jumps: () => jumps });
    breaks.observe(false);
    jumps += 1;
    breaks.observe(false);
    expect(breaks.count()).toBe(0);
    jumps += 2;
    breaks.observe(true);
    breaks.observe(true);
    expect(breaks.count()).toBe(2);
  });
});
