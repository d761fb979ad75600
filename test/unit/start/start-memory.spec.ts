import { describe, expect, it } from "vitest";
import {
  begin,
  elapsedAtLeast,
  ended,
  good,
  type Moment,
  NO_STARTS,
  type StartMemory,
} from "../../../agent/start/start-memory.ts";

const at = (seconds: number, bootId = "a"): Moment => ({ bootId, boottimeMs: seconds * 1_000 });
const startsAt = (...moments: Moment[]): StartMemory => moments.reduce(begin, NO_STARTS);

describe("the memory of starts", () => {
  it("starts in full three times, and the fourth within ten minutes by the snapshot", () => {
    expect(startsAt(at(10), at(20), at(30)).safe).toBeNull();
    expect(startsAt(at(10), at(20), at(30), at(40)).safe).toEqual({
      rung: "snapshot",
      why: "3 starts failed within 10 minutes",
    });
  });

  it("forgets failures that are older than ten minutes", () => {
    expect(startsAt(at(10), at(20), at(30), at(631)).safe).toBeNull();
    expect(startsAt(at(10), at(20), at(30), at(609)).safe?.rung).toBe("snapshot");
  });

  it("goes down to the last rung when safe mode fails three times, and no further", () => {
    const snapshot = startsAt(at(10), at(20), at(30), at(40));
    const bare = [at(50), at(60), at(70)].reduce(begin, snapshot);
    expect(bare.safe?.rung).toBe("bare");
    expect([at(80), at(90), at(100), at(110)].reduce(begin, bare).safe?.rung).toBe("bare");
  });

  it("counts over reboots by the time that is known to have passed, whatever the wall clock says", () => {
    const moments = [at(5), at(40), at(8, "b"), at(20, "c")];
    // Since boot: 20 s in c, 8 s in b, 40 s in a.
    expect(elapsedAtLeast(moments, at(25, "c"))).toEqual([68_000, 33_000, 25_000, 5_000]);
    expect(startsAt(at(9), at(9, "b"), at(9, "c"), at(9, "d")).safe?.rung).toBe("snapshot");
    expect(startsAt(at(9), at(700, "b"), at(9, "c"), at(9, "d")).safe).toBeNull();
  });

  it("holds nothing against a start that became good, or was told to end", () => {
    const two = startsAt(at(10), at(20));
    expect(begin(begin(good(two), at(30)), at(40)).safe).toBeNull();
    expect([at(30), at(40)].reduce(begin, ended(two)).safe).toBeNull();
    expect(ended(two).open).toEqual([at(10)]);
  });

  it("keeps at most eight starts", () => {
    let memory: StartMemory = { version: 1, open: [], safe: { rung: "bare", why: "" } };
    for (let n = 0; n < 40; n++) memory = begin(memory, at(n));
    expect(memory.open.length).toBeLessThanOrEqual(8);
  });
});
