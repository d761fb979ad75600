import { describe, expect, it } from "vitest";
import { hashToken, OfficerToken } from "../../../agent/control/officer-token.ts";
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

  it("never has the same hash twice", async () => {
    expect(await hashToken("123456")).not.toBe(await hashToken("123456"));
  });
});
