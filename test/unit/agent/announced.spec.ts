/** What was asked for by hand, until every output is through with it. */
import { describe, expect, it } from "vitest";
import { Announced } from "../../../agent/announced.ts";
import type { Announcement } from "../../../playback/model/announcement.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import { ORIGIN } from "../../support/virtual/virtual-cluster.ts";

const announcement = (change: Partial<Announcement> = {}): Announcement => ({
  ...{ id: "a", title: "a", items: [], longestMs: 60_000, outputs: [], origin: ORIGIN, ...change },
});
const KEY = `announcement ${ORIGIN.issuer} a`;
const standing = (announced: Announced, now: number) =>
  announced.held(now).map(({ ended }) => ended?.reason ?? "stands");

describe("what is announced", () => {
  it("stands until it is stopped, or has stood as long as it may", () => {
    const announced = new Announced(["a", "b"]);
    announced.add(announcement(), 1_000);
    expect([standing(announced, 61_000), standing(announced, 61_001)]).toEqual([["stands"], ["expired"]]);
    expect(announced.stop("a", refusal("policy", "enough"))).toBe(true);
    expect(announced.stop("a", refusal("policy", "enough"))).toBe(false);
    expect(standing(announced, 2_000)).toEqual(["policy"]);
  });

  it("is forgotten when every output that it is for is through with it", () => {
    const announced = new Announced(["a", "b", "c"]);
    announced.add(announcement({ outputs: ["a", "b"] }), 0);
    expect(announced.forget(KEY, "a", true, 10)).toBe(false);
    expect(announced.forget(KEY, "b", false, 20)).toBe(true);
    expect(announced.held(30)).toEqual([]);
    expect(announced.forget(KEY, "b", false, 40)).toBe(false);
  });

  it("waits for no output without a card where somebody spoke and was heard; a recording waits for its card", () => {
    for (const by of ["cli officer", undefined]) {
      const announced = new Announced(["a", "b"]);
      announced.add(announcement(by === undefined ? {} : { by }), 0);
      announced.forget(KEY, "a", true, 20_000);
      expect(standing(announced, 23_000)).toEqual(["stands"]);
      expect(standing(announced, 23_001)).toEqual([by === undefined ? "stands" : "released"]);
    }
  });

  it("waits for the others where it was refused and not heard", () => {
    const announced = new Announced(["a", "b"]);
    announced.add(announcement({ by: "cli officer" }), 0);
    announced.forget(KEY, "a", false, 1_000);
    expect(standing(announced, 50_000)).toEqual(["stands"]);
  });
});
