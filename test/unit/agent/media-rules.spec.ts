import { describe, expect, it } from "vitest";
import { mediaNeeds } from "../../../agent/media/needs.ts";
import { cacheRules, windowOpensAt } from "../../../agent/media/rules.ts";
import type { Facts } from "../../../playback/model/facts.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import type { Item, Programme } from "../../../playback/model/schedule.ts";
import { DAY, type Sha256 } from "../../../playback/model/units.ts";

const zone = "Asia/Ho_Chi_Minh";
const local = (text: string) => Date.parse(`${text}+07:00`);
const digest = (letter: string) => letter.repeat(64) as Sha256;
const media = (letter: string) => ({ kind: "media", id: letter, title: letter, sha256: digest(letter) }) as const;
const origin = { issuer: "i", adoptedAt: 0, address: "all", documentSha256: digest("0"), keys: [] };

function programme(date: string, items: readonly Item[], change: Partial<Programme> = {}): Programme {
  return {
    ...{ id: `p${date}`, title: "p", level: "commune", class: "normal", filler: false, order: 0, start: "05:00" },
    ...{ loop: false, outputs: [], lateness: { word: "cut-in" }, interruption: "resume", overrun: "cut" },
    ...{ repeats: { count: 1, gapMs: 0 }, items, origin, recurrence: { kind: "once", date } },
    ...change,
  };
}
const facts = (change: Partial<Facts>): Facts => ({
  ...{
    zone,
    outputs: ["horn"],
    programmes: [],
    approved: new Map(),
    live: new Map(),
    suspensions: [],
    playlists: [],
    texts: new Set(),
    emergencies: [],
  },
  ...{ announcements: [], policy: DEFAULT_POLICY, muted: false },
  ...change,
});
const now = local("2026-11-22T12:00:00");

describe("what media are needed", () => {
  it("are those of the next 7 days with chimes and fallbacks, by their first hour", () => {
    const live: Item = { kind: "live", id: "l", title: "l", source: "x", longestMs: 1, fallback: [media("f")] };
    const needs = mediaNeeds(
      facts({
        programmes: [
          programme("2026-11-25", [media("a"), media("b")], { chime: digest("c") }),
          programme("2026-11-24", [media("b"), live]),
          programme("2026-11-29", [media("d")]),
          programme("2026-11-30", [media("e")]),
          programme("2026-11-21", [media("9")]),
        ],
      }),
      now,
      "held",
    );
    expect(Object.fromEntries(needs ?? [])).toEqual({
      [digest("a")]: local("2026-11-25T05:00:00"),
      [digest("b")]: local("2026-11-24T05:00:00"),
      [digest("c")]: local("2026-11-25T05:00:00"),
      [digest("d")]: local("2026-11-29T05:00:00"),
      [digest("f")]: local("2026-11-24T05:00:00"),
    });
  });

  it("are also what replaces suspended programmes and what an announcement asks for", () => {
    const period = { id: "s", reason: "r", classes: ["normal"] };
    const needs = mediaNeeds(
      facts({
        suspensions: [
          { ...period, from: "2026-11-20", until: "2026-11-22", replaceBy: [media("a")] },
          { ...period, from: "2026-11-28", until: "2026-11-28", replaceBy: [media("b")] },
          { ...period, from: "2026-11-01", until: "2026-11-21", replaceBy: [media("c")] },
          { ...period, from: "2026-11-30", until: "2026-12-01", replaceBy: [media("d")] },
        ],
        announcements: [
          {
            announcement: { id: "x", title: "x", items: [media("e")], longestMs: DAY, outputs: [], origin },
            ended: null,
          },
        ],
      }),
      now,
      "attested",
    );
    expect([...(needs ?? [])].map(([sha256]) => sha256[0]).join("")).toBe("abe");
    expect(needs?.get(digest("e"))).toBe(now);
  });

  it("cannot be told under a clock that nobody may trust", () => {
    for (const trust of ["unknown", "floor"] as const) expect(mediaNeeds(facts({}), now, trust)).toBeNull();
  });
});

describe("the windows for downloads", () => {
  const night = [{ from: "23:00", to: "04:00" }];
  it.each([
    ["2026-11-22T12:00:00", "2026-11-22T23:00:00"],
    ["2026-11-22T22:59:59", "2026-11-22T23:00:00"],
    ["2026-11-22T23:00:00", null],
    ["2026-11-23T03:59:59", null],
    ["2026-11-23T04:00:00", "2026-11-23T23:00:00"],
  ])("at %s open at %s", (at, opens) => {
    expect(windowOpensAt(night, zone, local(at))).toBe(opens === null ? null : local(opens));
  });

  it("are always open where there are none, and the nearest of several counts", () => {
    expect(windowOpensAt([], zone, now)).toBeNull();
    expect(windowOpensAt([...night, { from: "13:00", to: "13:30" }], zone, now)).toBe(local("2026-11-22T13:00:00"));
  });
});

describe("the cache's rules", () => {
  const installed = { quotaBytes: 1_000, reserveBytes: 100, scrubEveryMs: 7 * DAY };
  it("take the nearest layer's word for each, and never a quota above the installed one", () => {
    const rules = cacheRules(
      installed,
      [
        { media: { quotaBytes: 500, dayBytes: 10, mirrors: ["http://far"] } },
        { media: { quotaBytes: 2_000, monthBytes: 20, dayBytes: undefined } },
        { media: { mirrors: ["http://near"], windows: [{ from: "23:00", to: "04:00" }] } },
      ],
      zone,
    );
    expect(rules).toMatchObject({ quotaBytes: 1_000, reserveBytes: 100, dayBytes: 10, monthBytes: 20 });
    expect(rules.mirrors).toEqual(["http://near"]);
    expect(rules.opensAt(now)).toBe(local("2026-11-22T23:00:00"));
    // Six in the evening in UTC is the next day here.
    expect(rules.dateOf(Date.parse("2026-11-22T18:00:00Z"))).toBe("2026-11-23");
  });

  it("are the installed ones where nothing was signed", () => {
    const rules = cacheRules(installed, [], zone);
    expect(rules).toMatchObject({ quotaBytes: 1_000, dayBytes: null, monthBytes: null, mirrors: [] });
    expect(rules.opensAt(now)).toBeNull();
  });
});
