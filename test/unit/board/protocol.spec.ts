import { describe, expect, it } from "vitest";
import { bounded } from "../../../playback/board/page/bounds.ts";
import { parseToPage } from "../../../playback/board/page/to-page.ts";
import { MOST_FROM_PAGE, parseFromPage } from "../../../playback/board/protocol.ts";

const report = {
  kind: "report",
  paintedAt: 1_795_339_578_189.4,
  revision: 3,
  frames: 61,
  worstFrameMs: 16.8,
  faces: [{ face: "mat-1", showing: "blank", items: ["a/b"], faults: [] }],
};

describe("what a page says", () => {
  it("is taken as it is meant, without what nobody asked for", () => {
    expect(parseFromPage(JSON.stringify({ ...report, more: 1 }))).toEqual(report);
  });

  it("is taken however much a face holds, as far as it may be said", () => {
    const items = Array.from({ length: 200 }, (_, n) => `ticker/t${n}`);
    const face = bounded({ face: "mat-1", showing: "sang", items, faults: ["x".repeat(5_000)] });
    expect(parseFromPage(JSON.stringify({ ...report, faces: [face] }))?.faces).toEqual([
      { face: "mat-1", showing: "sang", items: items.slice(0, 64), faults: ["x".repeat(300)] },
    ]);
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["another thing", "[]"],
    ["null", "null"],
    ["another kind", JSON.stringify({ ...report, kind: "scene" })],
    ["a revision of parts", JSON.stringify({ ...report, revision: 1.5 })],
    ["a negative count", JSON.stringify({ ...report, frames: -1 })],
    ["an endless time", JSON.stringify(report).replace("16.8", "1e999")],
    ["a time in words", JSON.stringify({ ...report, paintedAt: "now" })],
    ["no faces", JSON.stringify({ ...report, faces: null })],
    ["too many faces", JSON.stringify({ ...report, faces: Array.from({ length: 33 }, () => report.faces[0]) })],
    ["a face of nothing", JSON.stringify({ ...report, faces: [null] })],
    ["items that are no words", JSON.stringify({ ...report, faces: [{ ...report.faces[0], items: [1] }] })],
    ["too many items", JSON.stringify({ ...report, faces: [{ ...report.faces[0], items: Array(65).fill("a") }] })],
    ["words without end", JSON.stringify({ ...report, faces: [{ ...report.faces[0], showing: "x".repeat(301) }] })],
    ["too much of everything", " ".repeat(MOST_FROM_PAGE) + JSON.stringify(report)],
  ])("is refused where it is %s", (_, text) => {
    expect(parseFromPage(text)).toBe(null);
  });
});

describe("what the server says", () => {
  it("is taken by the page where it is whole", () => {
    expect(parseToPage(JSON.stringify({ kind: "time", now: 5 }))).toEqual({ kind: "time", now: 5 });
    const scene = { revision: 1, zone: "UTC", faces: [] };
    expect(parseToPage(JSON.stringify({ kind: "scene", now: 5, scene }))).toEqual({ kind: "scene", now: 5, scene });
  });

  it.each([1, null, "{", "{}", '{"kind":"time"}', '{"kind":"time","now":"5"}', '{"kind":"scene","now":5,"scene":{}}'])(
    "is left alone where it is %j",
    (data) => {
      expect(parseToPage(data)).toBe(null);
    },
  );
});
