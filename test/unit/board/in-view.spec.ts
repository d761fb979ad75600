import { describe, expect, it } from "vitest";
import { inView } from "../../../playback/board/page/in-view.ts";

/** Three texts of 100 with gaps of 20: a round of 360. */
const STRIP = [
  { id: "a", from: 0, to: 100 },
  { id: "b", from: 120, to: 220 },
  { id: "c", from: 240, to: 340 },
];
const seen = (at: number, window = 50) => inView(STRIP, 360, at, window).join("");

describe("the texts in view of a strip", () => {
  it("are those of which a part stands in the window", () => {
    expect([0, 60, 80, 99, 100, 130, 200, 239].map((at) => seen(at))).toEqual([
      "a",
      "a",
      "ab",
      "ab",
      "b",
      "b",
      "bc",
      "c",
    ]);
  });

  it("are none where only a gap does", () => {
    expect(seen(100, 20)).toBe("");
    expect(seen(101, 20)).toBe("b");
  });

  it("come round again", () => {
    expect(seen(330)).toBe("ac");
    expect(seen(345)).toBe("a");
    expect(inView([{ id: "a", from: 0, to: 2_000 }], 2_030, 2_010, 50)).toEqual(["a"]);
  });

  it("are all of them where the window is longer than the round", () => {
    expect(seen(123, 400)).toBe("abc");
  });
});
