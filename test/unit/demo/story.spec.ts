import { describe, expect, it } from "vitest";
import { STORY_MEDIA } from "../../demo/media.ts";
import { BadOption, parseOptions } from "../../demo/options.ts";
import { encore, type Lengths, MOMENTS, STORY_SECONDS, storyExpectations, undisturbed } from "../../demo/plan.ts";
import { judgeRecords, slotRecords } from "../../demo/records.ts";
import { cut, footer } from "../../demo/view.ts";
import { CODES, SENTENCES, StoryWords } from "../../demo/words.ts";
import type { ParsedRecord } from "../../source/heard-stations.ts";

const lengths = Object.fromEntries(
  Object.entries(STORY_MEDIA).map(([name, { recipe }]) => [name, recipe.kind === "siren" ? 3 : 3.5]),
) as Lengths;

describe("the plan", () => {
  const expected = storyExpectations(lengths);

  it("has every recording but the stranger and those of the encores, each once", () => {
    const used = expected.map(({ media }) => media);
    expect(new Set(used).size).toBe(used.length);
    expect(Object.keys(STORY_MEDIA).filter((name) => !used.includes(name as never))).toEqual([
      "library",
      "football",
      "stranger",
    ]);
  });

  it("uses every format that a province sends", () => {
    const formats = new Set(expected.map(({ media }) => STORY_MEDIA[media].format));
    expect([...formats].toSorted()).toEqual(["flac", "m4a", "m4a-faststart", "mp3", "opus", "wav"]);
  });

  it("cuts what the alert and the kill fall into, is over in time, and fits into a minute", () => {
    for (const [id, moment] of [
      ["nong-nghiep", MOMENTS.alert],
      ["hop-tac-xa", MOMENTS.kill],
    ] as const) {
      const one = expected.find(({ programme }) => programme === id);
      expect(one?.cut).not.toBeNull();
      expect(one?.fromS).toBeLessThan(moment);
      expect(one?.toS).toBeGreaterThan(moment);
    }
    expect(Math.max(...expected.map(({ toS }) => toS))).toBeLessThan(STORY_SECONDS);
    expect(STORY_SECONDS).toBeLessThanOrEqual(60);
  });

  it("goes on with a programme every 20 s, joined item to item", () => {
    expect(encore(1).startS - encore(0).startS).toBe(20);
    const [first, second] = undisturbed(encore(0), lengths);
    expect(first?.start).toEqual({ kind: "wall", atS: encore(0).startS });
    expect(second?.start).toMatchObject({ kind: "after", id: first?.id });
  });
});

describe("the flags", () => {
  it("refuse a story that is too short, with the least time, in the person's language", () => {
    for (const seconds of ["56", "-1", "61.5", "ten"]) {
      expect(() => parseOptions([`--seconds=${seconds}`], { LANG: "en_US.UTF-8" })).toThrow(/at least 57/);
    }
    expect(() => parseOptions(["--seconds", "5", "--lang", "vi"], {})).toThrow(/từ 57 trở lên/);
    expect(() => parseOptions(["--break", "everything"], {})).toThrow(BadOption);
    expect(() => parseOptions(["--loud"], {})).toThrow(BadOption);
  });

  it("are Vietnamese until Ctrl-C where nothing is said", () => {
    const nothing = { seconds: null, json: false, language: "vi", folder: null, break: null, failFast: false };
    expect(parseOptions([], {})).toEqual(nothing);
    expect(parseOptions(["--seconds", "60", "--json"], { LOA_LANG: "en" })).toMatchObject({
      seconds: 60,
      json: true,
      language: "en",
    });
  });
});

describe("the records at the province", () => {
  const segment = {
    title: "t",
    fromMs: 0,
    toMs: 1,
    startedAt: null,
    endedAt: null,
    outcome: "completed",
    audibleMs: 1,
  };
  const record = (key: string, outcome = "played", segments = 1): ParsedRecord => ({
    eventSeq: 1,
    class: "play",
    at: "",
    seq: 1,
    record: {
      kind: "slot",
      body: {
        key,
        title: "t",
        precedence: "normal",
        plannedAt: "",
        outcome,
        audibleMs: 1,
        origin: { issuer: "province-01" },
        segments: new Array(segments).fill(segment),
      },
    },
  });
  const planned = [
    { key: "a", due: true, segments: 1 },
    { key: "b", due: true, segments: 2 },
    { key: "c", due: false, segments: 1 },
  ];
  const judged = (...records: ParsedRecord[]) => judgeRecords(slotRecords(records), planned, []);

  it("are right when each that was due is there once, whole and with its parts", () => {
    expect(judged(record("a"), record("b", "played", 2))).toMatchObject({ ok: true, expected: 2, arrived: 2 });
    expect(judged(record("a"), record("b", "played", 2), record("c")).ok).toBe(true);
  });

  it("are wrong when one is missing, doubled, unknown, interrupted or lacks a part", () => {
    expect(judged(record("a"))).toMatchObject({ ok: false, missing: ["b"] });
    expect(judged(record("a"), record("a"), record("b", "played", 2))).toMatchObject({ ok: false, doubled: ["a"] });
    expect(judged(record("a"), record("b", "played", 2), record("x"))).toMatchObject({ ok: false, unknown: ["x"] });
    expect(judged(record("a", "interrupted"), record("b", "played", 2)).wrong).toEqual(["a: interrupted"]);
    expect(judged(record("a"), record("b")).wrong).toEqual(["b: 1 segments, not 2"]);
    expect(judgeRecords(slotRecords([record("a"), record("b", "played", 2)]), planned, ["bad-hash"]).ok).toBe(false);
  });
});

describe("what is shown", () => {
  it("is in both languages, in composed characters", () => {
    for (const pair of [...Object.values(SENTENCES), ...Object.values(CODES)]) {
      for (const text of [pair.vi, pair.en]) expect(text).toBe(text.normalize("NFC"));
    }
    for (const { vi, en } of Object.values(SENTENCES)) {
      const names = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).toSorted();
      expect(names(vi)).toEqual(names(en));
    }
  });

  it("is as wide as the terminal, and says when no agent runs", () => {
    const now = { t0: 0, now: 20_000, seconds: 60, marks: [{ atS: 10, sign: "!" }], status: null, levelDb: -30 };
    const lines = footer({ ...now, expectations: storyExpectations(lengths) }, new StoryWords("vi"), 80);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
    const plain = lines.map((line) => line.replaceAll(/\x1b\[\d*m/g, ""));
    expect(plain.every((line) => line.length <= 80)).toBe(true);
    expect(plain[2]).toHaveLength(80);
    expect(plain[3]?.indexOf("!")).toBe(13);
    expect(plain[3]?.indexOf("▲")).toBe(26);
    expect(plain[4]).toContain("AGENT KHÔNG CHẠY");
    expect(plain[5]).toContain("-30 dBFS");
    expect(cut("\x1b[31mabcdef\x1b[0m", 3)).toBe("\x1b[31mabc\x1b[0m");
  });
});
