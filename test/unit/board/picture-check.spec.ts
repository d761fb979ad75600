import { describe, expect, it } from "vitest";
import { checkVisual } from "../../../playback/board/picture-check.ts";
import { partOf } from "../../../playback/board/range.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import { testCard } from "../../support/seen/cards.ts";
import { hostileFile } from "../../support/seen/hostile.ts";

const canary = { url: "http://127.0.0.1:1" };
/** A baseline JPEG of 3 × 2 pixels, by its headers. */
const JPEG = Buffer.from("ffd8ffe000104a46494600010100000100010000ffc0000b080002000301011100ffda", "hex");

describe("what a face may show", () => {
  it("is a picture of a size that can be unpacked", () => {
    expect(checkVisual("image/png", testCard(64, 48))).toEqual({ size: { width: 64, height: 48 } });
    expect(checkVisual("image/jpeg", JPEG)).toEqual({ size: { width: 3, height: 2 } });
  });

  it.each(["image/svg+xml", "image/gif", "text/html", "audio/mpeg", ""])("is nothing of type '%s'", (type) => {
    expect(checkVisual(type, testCard(8, 8))).toMatchObject({ reason: "media-unplayable" });
  });

  it("is nothing whose bytes are something else", () => {
    expect(checkVisual("image/jpeg", testCard(8, 8))).toMatchObject({ reason: "media-unplayable" });
    expect(checkVisual("image/png", JPEG)).toMatchObject({ reason: "media-unplayable" });
    expect(checkVisual("video/mp4", testCard(8, 8))).toMatchObject({ reason: "media-unplayable" });
  });

  it("is no picture that would not fit into the memory", () => {
    const sizes = Array.from({ length: 16 }, (_, n) => hostileFile(n, canary)).map(({ type, bytes }) =>
      checkVisual(type, bytes),
    );
    const passed = sizes.flatMap((one) =>
      isRefusal(one) || one.size === null ? [] : [one.size.width * one.size.height],
    );
    expect(passed.length).toBeGreaterThan(0);
    expect(Math.max(...passed)).toBeLessThanOrEqual(40_000_000);
  });

  it("never makes the check fail or take long: 3,000 mutated files", () => {
    const began = process.cpuUsage();
    for (let n = 0; n < 3_000; n++) {
      const { bytes, type } = hostileFile(n % 16 === 5 ? n + 1 : n, canary);
      const mutated = Buffer.from(bytes.subarray(0, 4_000));
      for (let at = n % 37; at < mutated.length; at += 101 + (n % 53)) mutated[at] = (n * 31 + at) & 255;
      checkVisual(type, mutated);
    }
    // Its own work: how long it takes depends on who else is at work.
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(10_000);
  });
});

describe("the part of a file that is asked for", () => {
  it.each([
    ["bytes=0-9", { start: 0, end: 9 }],
    ["bytes=90-", { start: 90, end: 99 }],
    ["bytes=-10", { start: 90, end: 99 }],
    ["bytes=-1000", { start: 0, end: 99 }],
    ["bytes=50-1000", { start: 50, end: 99 }],
    ["bytes=100-", "unsatisfiable"],
    ["bytes=9-1", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=-", null],
    ["bytes=0-1,5-6", null],
    ["lines=1-2", null],
    [undefined, null],
  ] as const)("%s", (header, part) => {
    expect(partOf(header, 100)).toEqual(part);
  });
});
