/** What a person in front of the board sees, by pixels and by boxes: every kind of region, five languages, boards of four shapes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FolderLibrary, SeenBoard } from "../support/seen/board.ts";
import { Browser } from "../support/seen/browser.ts";
import { testCard } from "../support/seen/cards.ts";
import { alert, alone, EN, image, KM, LO, layout, region, SCRIPTS, text, VI, ZH } from "../support/seen/scenes.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await Browser.open();
});
afterAll(() => browser.close());

const SHAPES = [
  { name: "1920×1080", width: 1920, height: 1080 },
  { name: "3840×640", width: 3840, height: 640 },
  { name: "1080×1920", width: 1080, height: 1920 },
  { name: "256×128", width: 256, height: 128 },
] as const;

/** Texts that stand out of their boxes, by more than a pixel of rounding. */
const OVERFLOWS = `[...document.querySelectorAll(".face .box")].filter((box) => box.offsetParent !== null || true).flatMap((box) => {
  const words = box.querySelector(".words");
  const over = words.scrollWidth > box.clientWidth + 1 || words.offsetHeight > box.clientHeight + 1;
  return over ? [words.textContent.slice(0, 40) + " " + words.offsetWidth + "x" + words.offsetHeight + " in " + box.clientWidth + "x" + box.clientHeight] : [];
})`;

describe("a layout of every kind of region", () => {
  it.each(SHAPES)("fills a board of $name", async ({ name, width, height }) => {
    const library = await FolderLibrary.make();
    const card = await library.add(testCard(640, 360), "image/png");
    const board = await SeenBoard.open(browser, { size: { width, height }, library });
    const wide = width > 3 * height;
    const places = wide
      ? {
          image: [0, 0, 22, 80],
          text: [22, 0, 40, 80],
          clock: [62, 0, 38, 30],
          "now-next": [62, 30, 38, 50],
          ticker: [0, 80, 100, 20],
        }
      : {
          image: [0, 0, 60, 45],
          text: [0, 45, 60, 40],
          clock: [60, 0, 40, 30],
          "now-next": [60, 30, 40, 55],
          ticker: [0, 85, 100, 15],
        };
    const at = (kind: keyof typeof places) => places[kind] as unknown as readonly [number, number, number, number];
    const showing = layout([
      region("image", at("image"), [image("the", card)], { background: "#000000" }),
      region("text", at("text"), [text("vi", VI, "vi")]),
      region("clock", at("clock"), [], { background: "#134074" }),
      region("now-next", at("now-next"), [], { background: "#0b3d20" }),
      region("ticker", at("ticker"), [text("t1", VI, "vi"), text("t2", ZH, "zh")], { background: "#7a1020" }),
    ]);
    const report = await board.show(alone({ width, height }, showing, { languages: ["vi", "en"] }));
    expect(report.faces).toEqual([
      {
        face: "mat-1",
        showing: "thong-bao/2026-11-22T05:00",
        items: ["image/the", "text/vi", "clock/clock", "now-next/now-next", "ticker/t1", "ticker/t2"],
        faults: [],
      },
    ]);
    const picture = await board.picture(`layout-${name}`);
    for (const kind of ["image", "text", "clock", "now-next", "ticker"] as const) {
      const [x, y, w, h] = at(kind).map((share, index) =>
        Math.round((share * (index % 2 === 0 ? width : height)) / 100),
      ) as [number, number, number, number];
      expect(picture.ink({ x, y, width: w, height: h }), kind).toBeGreaterThan(0.03);
    }
    expect(await board.page.evaluate(OVERFLOWS)).toEqual([]);
    expect(board.page.faults.filter((fault) => !fault.includes("Content Security"))).toEqual([]);
  });
});
