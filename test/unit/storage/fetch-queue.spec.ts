import { describe, expect, it } from "vitest";
import type { ApprovedMedia } from "../../../playback/model/schedule.ts";
import { HOUR, type Sha256 } from "../../../playback/model/units.ts";
import { type QueueFacts, queueOf } from "../../../storage/content/fetch-queue.ts";

const now = Date.parse("2026-11-21T05:00:00Z");
const name = (letter: string) => letter.repeat(64) as Sha256;

function media(letter: string, sizeBytes = 10, pinned = false): ApprovedMedia {
  return { sha256: name(letter), sizeBytes, type: "audio/mpeg", durationMs: 1, title: letter, urls: [], pinned };
}

function queue(change: Partial<QueueFacts>) {
  const { fetch, held } = queueOf({
    ...{ missing: [], needs: new Map(), looseOf: () => 0, givenUp: () => false },
    ...{ budgetLeft: Number.POSITIVE_INFINITY, opensAt: null },
    shelf: { capacity: 1_000, spareCapacity: 1_000, kept: 0, loose: 0 },
    ...change,
  });
  return [fetch.map(({ title }) => title).join(""), ...[...held].map(([sha256, why]) => `${sha256[0]} ${why}`)];
}
const needs = (...list: [string, number][]) => new Map(list.map(([letter, at]) => [name(letter), now + at]));

describe("the order of downloads", () => {
  it("is pinned, then by the first need, then as approved", () => {
    const missing = [media("a"), media("b"), media("c"), media("d", 10, true), media("e")];
    expect(queue({ missing, needs: needs(["c", 2 * HOUR], ["e", HOUR]) })).toEqual(["decab"]);
  });

  it("keeps the approval's order while nobody has said what is needed", () => {
    expect(queue({ missing: [media("b"), media("a"), media("c", 10, true)], needs: null })).toEqual(["cba"]);
  });
});

describe("the quota", () => {
  const shelf = { capacity: 100, spareCapacity: 80, kept: 40, loose: 30 };

  it("lets what is needed take the room of what may leave, and nothing else", () => {
    const missing = [media("a", 60), media("b", 10), media("c", 11)];
    expect(queue({ shelf, missing, needs: needs(["a", HOUR]) })).toEqual(["a", "b over-quota", "c over-quota"]);
    expect(queue({ shelf, missing: [media("a", 61)], needs: needs(["a", HOUR]) })).toEqual(["", "a over-quota"]);
    expect(queue({ shelf, missing: [media("a", 61, true)] })).toEqual(["", "a over-quota"]);
  });

  it("lets what nobody needs take free room only, less the slack", () => {
    expect(queue({ shelf, missing: [media("b", 10), media("c", 1)] })).toEqual(["b", "c over-quota"]);
    // Its own unfinished file is no hindrance to itself.
    expect(queue({ shelf, missing: [media("b", 15)], looseOf: () => 5 })).toEqual(["b"]);
  });

  it("fetches a smaller needed one where a larger one before it does not fit", () => {
    const missing = [media("a", 70), media("b", 50)];
    expect(queue({ shelf, missing, needs: needs(["a", HOUR], ["b", 2 * HOUR]) })).toEqual(["b", "a over-quota"]);
  });
});

describe("budget and window", () => {
  it("hold everything but pinned media once the budget is spent", () => {
    const missing = [media("a"), media("b"), media("p", 10, true)];
    const held = ["a over-budget", "b over-budget"];
    expect(queue({ missing, budgetLeft: 0, needs: needs(["a", 1]) })).toEqual(["p", ...held]);
    expect(queue({ missing, budgetLeft: 1 })).toEqual(["pab"]);
  });

  it("let through a closed window what is pinned or needed before it opens", () => {
    const missing = [media("a"), media("b"), media("c"), media("p", 10, true)];
    const opensAt = now + 10 * HOUR;
    const facts = { missing, opensAt, needs: needs(["a", 10 * HOUR - 1], ["b", 10 * HOUR]) };
    expect(queue(facts)).toEqual(["pa", "b outside-window", "c outside-window"]);
  });

  it("keep the room of what waits: a later and smaller one does not take it", () => {
    const shelf = { capacity: 100, spareCapacity: 100, kept: 0, loose: 0 };
    const missing = [media("a", 60), media("b", 50)];
    const facts = { shelf, missing, opensAt: now + HOUR };
    expect(queue(facts)).toEqual(["", "a outside-window", "b over-quota"]);
  });

  it("do not bring back what is given up", () => {
    expect(queue({ missing: [media("p", 10, true)], givenUp: () => true })).toEqual(["", "p given-up"]);
  });
});
