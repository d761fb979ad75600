import { describe, expect, it } from "vitest";
import { outranks, PRECEDENCES } from "../../../playback/model/bulletin.ts";
import { CLOCK_TRUSTS, clockAllows } from "../../../playback/model/clock-trust.ts";

describe("the table of clock trust and class", () => {
  // emergency and live always; schedules only under a clock that is held or attested.
  const table = {
    unknown: { filler: false, normal: false, priority: false, live: true, emergency: true },
    floor: { filler: false, normal: false, priority: false, live: true, emergency: true },
    held: { filler: true, normal: true, priority: true, live: true, emergency: true },
    attested: { filler: true, normal: true, priority: true, live: true, emergency: true },
  };
  for (const trust of CLOCK_TRUSTS) {
    for (const precedence of PRECEDENCES) {
      it(`${trust} × ${precedence}: ${table[trust][precedence] ? "plays" : "waits"}`, () => {
        expect(clockAllows(trust, precedence)).toBe(table[trust][precedence]);
      });
    }
  }
});

describe("the order of rights", () => {
  it("is total: of two different ones exactly one outranks the other", () => {
    for (const a of PRECEDENCES) {
      for (const b of PRECEDENCES) expect(Number(outranks(a, b)) + Number(outranks(b, a))).toBe(a === b ? 0 : 1);
    }
    expect(PRECEDENCES.toSorted((a, b) => (outranks(a, b) ? -1 : 1))).toEqual([
      "emergency",
      "live",
      "priority",
      "normal",
      "filler",
    ]);
  });
});
