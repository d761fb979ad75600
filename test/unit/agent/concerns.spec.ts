import { describe, expect, it } from "vitest";
import { CONCERN_CODES, CONCERN_KINDS, ConcernBook } from "../../../agent/health/concerns.ts";

describe("concerns", () => {
  it("are raised when their patience is over, and gone with their cause", () => {
    const book = new ConcernBook();
    book.observe({ "uplink-down": "no answer" }, 1_000, 0);
    expect(book.raised(299_999)).toEqual([]);
    book.observe({ "uplink-down": "still none" }, 400_000, 300_000);
    expect(book.raised(300_000)).toEqual([
      { code: "uplink-down", severity: "warning", since: 1_000, detail: "still none" },
    ]);
    book.observe({}, 500_000, 300_001);
    expect(book.raised(900_000)).toEqual([]);
  });

  it("stay behind what causes them", () => {
    const book = new ConcernBook();
    book.observe({ "sound-absent": "no card", "sound-stalled": "stands" }, 0, 0);
    expect(book.raised(60_000).map(({ code }) => code)).toEqual(["sound-absent"]);
  });

  it("come gravest first", () => {
    const book = new ConcernBook();
    book.observe({ "schedule-absent": "none", "disk-low": "10 MB", "sound-absent": "no card" }, 0, 0);
    expect(book.raised(600_000).map(({ severity }) => severity)).toEqual(["critical", "warning", "notice"]);
  });

  it.each(CONCERN_CODES)("%s says what to do in both languages, in NFC", (code) => {
    const { vi, en, behind = [] } = CONCERN_KINDS[code];
    expect(CONCERN_CODES).toEqual(expect.arrayContaining([...behind]));
    expect(vi.length).toBeGreaterThan(20);
    expect(en.length).toBeGreaterThan(20);
    expect(vi).toBe(vi.normalize("NFC"));
    expect(vi).not.toBe(en);
  });
});
