import { describe, expect, it } from "vitest";
import { hashToken, OfficerToken } from "../../../agent/control/officer-token.ts";
import { RefusedTries } from "../../../agent/control/refused-tries.ts";
import { HOUR } from "../../../playback/model/units.ts";
import { VirtualClock } from "../../support/virtual/virtual-clock.ts";

describe("the officer's token", () => {
  it("is asked for only where the station has one", async () => {
    const clock = new VirtualClock(0);
    expect(await new OfficerToken(null, clock).refuses(undefined)).toBeNull();
    const keyed = new OfficerToken(await hashToken("mã-cán-bộ"), clock);
    expect(await keyed.refuses(undefined)).toContain("--token");
    expect(await keyed.refuses("mã-cán-bộ")).toBeNull();
    expect(await keyed.refuses("mã-can-bo")).toContain("wrong");
  });

  it("makes guessing slow: after three wrong ones even the right one waits, and at most ten minutes", async () => {
    const clock = new VirtualClock(0);
    const keyed = new OfficerToken(await hashToken("123456"), clock);
    for (let n = 0; n < 3; n++) expect(await keyed.refuses("guess")).toContain("wrong");
    expect(await keyed.refuses("123456")).toContain("wait 5 s");
    await clock.advance(5_000);
    expect(await keyed.refuses("guess")).toContain("wrong");
    expect(await keyed.refuses("123456")).toContain("wait 10 s");
    for (let n = 0; n < 12; n++) {
      await clock.advance(600_000);
      await keyed.refuses("guess");
    }
    await clock.advance(599_000);
    expect(await keyed.refuses("123456")).toContain("wait 1 s");
    await clock.advance(1_000);
    expect(await keyed.refuses("123456")).toBeNull();
  });

  it("makes guessing as slow for tries that come at once: they are judged one by one, and few of them wait", async () => {
    const keyed = new OfficerToken(await hashToken("123456"), new VirtualClock(0));
    const answers = await Promise.all(
      ["1", "2", "3", "123456", "5", "6", "7", "8", "9"].map((one) => keyed.refuses(one)),
    );
    expect(answers).toEqual([
      ...Array(3).fill("the token is wrong"),
      ...Array(5).fill("too many wrong tokens: wait 5 s"),
      "too many tries at once: try again",
    ]);
  });

  it("never has the same hash twice", async () => {
    expect(await hashToken("123456")).not.toBe(await hashToken("123456"));
  });
});

describe("refused tries", () => {
  it("are written, but of a flood only some, with how many were not", async () => {
    const clock = new VirtualClock(0);
    const written: object[] = [];
    const tries = new RefusedTries(clock, (body) => {
      written.push(body);
      return Promise.resolve();
    });
    for (let n = 0; n < 500; n++) await tries.tell({ n });
    expect(written).toEqual(Array.from({ length: 10 }, (_, n) => ({ n })));
    await clock.advance(5 * 60_000);
    await tries.tell({ n: "later" });
    expect(written.at(-1)).toEqual({ n: "later", suppressed: 490 });
    for (let n = 0; n < 24 * 60; n++) {
      await clock.advance(HOUR / 60);
      await tries.tell({ n });
    }
    expect(written.length).toBeLessThan(11 + 24 * 12 + 1);
  });
});
