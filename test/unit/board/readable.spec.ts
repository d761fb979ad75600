import { describe, expect, it } from "vitest";
import { LocalTime } from "../../../playback/board/page/local-time.ts";
import { inParts, readable } from "../../../playback/board/page/readable.ts";
import { allWords, wordsFor } from "../../../playback/board/page/words.ts";
import { SCRIPTS, VI } from "../../support/seen/scenes.ts";

describe("a text on a face", () => {
  it.each(Object.entries(SCRIPTS))("in %s stands as it was written", (_, words) => {
    expect(readable(words)).toBe(words);
  });

  it("cannot be turned round, and piles no marks over its neighbours", () => {
    expect(readable("\u202eđổi\u2066 chiều\u2069\u200f")).toBe("đổi chiều");
    expect(readable(`a${"\u0301".repeat(50)}b`)).toBe(`a${"\u0301".repeat(4)}b`);
  });

  it.each([2, 3, 7, 20])("that is too long comes in %d parts at most, with nothing lost", (count) => {
    const long = Array.from({ length: 12 }, () => VI).join(" ");
    const parts = inParts(long, count, "vi");
    expect(parts.length).toBeLessThanOrEqual(count);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.join(" ")).toBe(long);
    const longest = Math.max(...parts.map(({ length }) => length));
    expect(longest).toBeLessThan((2.2 * long.length) / count);
  });

  it("without a word's end is divided all the same", () => {
    expect(inParts("W".repeat(100), 4, "vi").map(({ length }) => length)).toEqual([25, 25, 25, 25]);
  });
});

describe("the packaged words", () => {
  it("are in normalisation form C and complete in every language", () => {
    expect(allWords()).toBe(allWords().normalize("NFC"));
    for (const language of ["vi", "en", "zh-CN", "lo", "km"]) {
      const { weekdays, ...words } = wordsFor(language);
      expect(new Set(weekdays).size).toBe(7);
      expect(Object.values(words).every((word) => word.length > 1)).toBe(true);
    }
    expect(wordsFor("hmn")).toBe(wordsFor("vi"));
    expect(wordsFor("vi").alert).toBe("CẢNH BÁO KHẨN CẤP");
  });
});

describe("time and date on a face", () => {
  const at = Date.parse("2026-11-22T17:00:05Z");

  it("are those of the station's zone", () => {
    const local = new LocalTime("Asia/Ho_Chi_Minh");
    expect(local.time(at, true)).toBe("00:00:05");
    expect(local.time(at, false)).toBe("00:00");
    expect(local.date(at, "vi")).toBe("Thứ hai, 23/11/2026");
    expect(local.date(at, "zh")).toBe("2026年11月23日 星期一");
    expect(local.date(at, "km")).toBe("ថ្ងៃចន្ទ, 23/11/2026");
  });

  it("of a zone that nobody knows, and of no instant, are still told", () => {
    expect(new LocalTime("Nowhere/At-all").time(at, false)).toBe("00:00");
    for (const odd of [Number.NaN, Number.MAX_VALUE, -Number.MAX_VALUE])
      expect(new LocalTime("UTC").time(odd, false)).toMatch(/^\d\d:\d\d$/);
  });
});
