import { describe, expect, it } from "vitest";
import { instantOf, readable, sinceOf } from "../../../agent/cli/log-lines.ts";

const LINE = '{"level":40,"time":"2026-11-22T05:00:00.000Z","reason":"keepalive\\nstack","msg":"link down"}';

describe("a line of the log", () => {
  it("is read as time, level, event and fields", () => {
    expect(readable(LINE, (at) => at.slice(11, 19))).toBe("05:00:00 WARN  link down  reason=keepalive");
  });
  it("that is none of ours stays as it is, without what a terminal would do", () => {
    expect(readable("Error: \u001b[31mboom", String)).toBe("Error:  [31mboom");
    expect(readable('{"torn":', String)).toBe('{"torn":');
  });
  it("is found by its instant", () => {
    expect([instantOf(LINE), instantOf("plain")]).toEqual([Date.parse("2026-11-22T05:00:00Z"), null]);
    const now = Date.parse("2026-11-22T06:00:00Z");
    expect(
      ["1 hour ago", "90 min ago", "2d", "2026-11-22T05:00:00Z", "hôm qua"].map((text) => sinceOf(text, now)),
    ).toEqual([now - 3_600_000, now - 5_400_000, now - 172_800_000, Date.parse("2026-11-22T05:00:00Z"), null]);
  });
});
