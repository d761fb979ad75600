/** What a person in front of the board sees, by pixels and by boxes: every kind of region, five languages, boards of four shapes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FACE_PATTERNS } from "../../playback/model/board.ts";
import { SeenBoard } from "../support/seen/board.ts";
import { Browser } from "../support/seen/browser.ts";
import { drawn, testCard } from "../support/seen/cards.ts";
import { distance } from "../support/seen/picture.ts";
import { alert, alone, EN, image, KM, LO, layout, region, SCRIPTS, text, VI, ZH } from "../support/seen/scenes.ts";
import { unshipped } from "../support/seen/shipped-letters.ts";

let browser: Browser;
let board: SeenBoard;
beforeAll(async () => {
  browser = await Browser.open();
  board = await SeenBoard.open(browser);
});
afterAll(async () => {
  await board.close();
  await browser.close();
});

const SHAPES = [
  { name: "1920×1080", width: 1920, height: 1080 },
  { name: "3840×640", width: 3840, height: 640 },
  { name: "1080×1920", width: 1080, height: 1920 },
  { name: "256×128", width: 256, height: 128 },
] as const;

/** Texts that stand out of their boxes, by more than a pixel of rounding. */
const OVERFLOWS = `[...document.querySelectorAll(".face .box")].flatMap((box) => {
  const words = box.querySelector(".words");
  const over = words.scrollWidth > box.clientWidth + 1 || words.offsetHeight > box.clientHeight + 1;
  return over ? [words.textContent.slice(0, 40) + " " + words.offsetWidth + "x" + words.offsetHeight + " in " + box.clientWidth + "x" + box.clientHeight] : [];
})`;

/** Everything that stands on the faces is drawn by fonts that the page brought, and they have these letters. */
async function expectOwnLetters(): Promise<void> {
  const words = ".words, .ticker > span";
  const fonts = await board.page.fontsOf(words);
  expect(fonts.filter(({ own }) => !own)).toEqual([]);
  expect(fonts.length).toBeGreaterThan(0);
  const texts = `[...document.querySelectorAll("${words}")].map((one) => one.textContent).join("")`;
  expect(unshipped(await board.page.evaluate<string>(texts))).toEqual([]);
}

describe("a layout of every kind of region", () => {
  it.each(SHAPES)("fills a board of $name", async ({ name, width, height }) => {
    const card = await board.library.add(testCard(640, 360), "image/png");
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
    const [seen] = report.faces;
    expect(seen).toMatchObject({ face: "mat-1", showing: "thong-bao/2026-11-22T05:00", faults: [] });
    // The second text of the ticker stands in it where the board is wide enough.
    expect(seen?.items.filter((item) => item !== "ticker/t2")).toEqual([
      ...["image/the", "text/vi", "clock/clock", "now-next/now-next", "ticker/t1"],
    ]);
    const picture = await board.picture(`layout-${name}`);
    for (const kind of ["image", "text", "clock", "now-next", "ticker"] as const) {
      const [x, y, w, h] = at(kind).map((share, index) =>
        Math.round((share * (index % 2 === 0 ? width : height)) / 100),
      ) as [number, number, number, number];
      expect(picture.ink({ x, y, width: w, height: h }), kind).toBeGreaterThan(0.03);
    }
    expect(await board.page.evaluate(OVERFLOWS)).toEqual([]);
    expect(board.page.faults).toEqual([]);
  });
});

describe("a ticker of two hundred texts", () => {
  const running = (words: (n: number) => string, { width, height }: { width: number; height: number }) =>
    board.show(
      alone(
        { width, height },
        layout([
          region(
            "ticker",
            [0, 0, 100, 100],
            Array.from({ length: 200 }, (_, n) => text(`t${n}`, words(n), "vi")),
          ),
        ]),
      ),
    );
  const malformed = () => board.logged.filter(({ event }) => event === "page-malformed");

  it("says which of them stand in it now", async () => {
    const [first] = (await running((n) => `Tin số ${n}`, { width: 1280, height: 200 })).faces;
    expect(first?.items[0]).toBe("ticker/t0");
    expect(first?.items.length).toBeLessThan(8);
    const later = await board.until(({ faces: [face] }) => face?.items[0] === "ticker/t1");
    expect(later.faces[0]?.items).toContain("ticker/t2");
    expect(malformed()).toEqual([]);
  });

  it("is heard though more of them stand in it than a report may name", async () => {
    const [face] = (await running(() => "!", { width: 3840, height: 40 })).faces;
    expect(face?.items).toHaveLength(64);
    expect(malformed()).toEqual([]);
  });
});

describe("a text", () => {
  it.each(Object.entries(SCRIPTS))(
    "in %s is as large as its box allows, in its own letters",
    async (language, words) => {
      await board.show(
        alone({ width: 1280, height: 400 }, layout([region("text", [0, 0, 100, 100], [text("it", words, language)])])),
      );
      const picture = await board.picture(`text-${language}`);
      expect(picture.ink({ x: 0, y: 0, width: 1280, height: 400 })).toBeGreaterThan(0.06);
      expect(await board.page.evaluate(OVERFLOWS)).toEqual([]);
      await expectOwnLetters();
      const [size, height] = await board.page.evaluate<[number, number]>(
        `(() => { const words = document.querySelector(".words"); return [parseFloat(words.style.fontSize), words.offsetHeight]; })()`,
      );
      expect(size).toBeGreaterThan(40);
      expect(height).toBeGreaterThan(400 * 0.6);
    },
  );

  it("that is too long to be read is shown in parts, none of which is cut", async () => {
    const long = Array.from({ length: 30 }, (_, n) => `${n + 1}. ${VI}`).join(" ");
    const since = Date.now();
    await board.show(
      alone(
        { width: 640, height: 240 },
        layout([region("text", [0, 0, 100, 100], [text("long", long, "vi", 4_000)])], { since }),
      ),
    );
    const parts = new Set<string>();
    while (Date.now() < since + 4_000) {
      parts.add(await board.page.evaluate<string>(`document.querySelector(".words").textContent`));
      expect(await board.page.evaluate(OVERFLOWS)).toEqual([]);
    }
    expect(parts.size).toBeGreaterThan(2);
    const shown = [...parts].join(" ");
    expect(shown.replaceAll(/\s+/g, " ")).toBe(long);
    expect(
      await board.page.evaluate(`parseFloat(document.querySelector(".words").style.fontSize)`),
    ).toBeGreaterThanOrEqual(12);
  });

  it("is fitted again when the screen's scene has another size", async () => {
    const showing = layout([region("text", [0, 0, 100, 100], [text("it", VI, "vi")])]);
    const sizes: number[] = [];
    for (const size of [
      { width: 1280, height: 720 },
      { width: 320, height: 180 },
    ]) {
      await board.show(alone(size, showing));
      sizes.push(await board.page.evaluate(`parseFloat(document.querySelector(".words").style.fontSize)`));
    }
    expect(sizes[0]).toBeGreaterThan(3 * (sizes[1] ?? 0));
    expect(await board.page.evaluate(OVERFLOWS)).toEqual([]);
  });
});

describe("an alert", () => {
  const words = [
    {
      language: "vi",
      headline: "Sơ tán ngay: lũ quét ở bản Nà Sầm",
      text: "Bà con ven suối lên nhà văn hóa thôn trước 17 giờ. Không qua ngầm, không quay lại lấy đồ.",
    },
    { language: "zh", headline: "山洪暴发，请立即撤离", text: "请沿河居民在17时前到村文化中心集合。" },
    { language: "lo", headline: "ອົບພະຍົບທັນທີ: ນ້ຳຖ້ວມກະທັນຫັນ", text: LO },
    { language: "km", headline: "ជម្លៀសភ្លាម៖ ទឹកជំនន់", text: KM },
    { language: "en", headline: "Evacuate now: flash flood", text: EN },
  ];

  it.each(SHAPES)("takes a whole board of $name, in every language in turn", async ({ name, width, height }) => {
    const most = name === "1920×1080" || name === "256×128";
    for (const one of most ? words : words.filter(({ language }) => language === "vi" || language === "km")) {
      const exercise = one.language === "en";
      const showing = { kind: "alert", since: Date.now(), alerts: [alert([one], { exercise })] } as const;
      const report = await board.show(alone({ width, height }, showing));
      expect(report.faces[0]?.items).toEqual([`VN-1/${one.language}`]);
      const picture = await board.picture(`alert-${name}-${one.language}`);
      const ground = exercise ? ([0, 58, 140] as const) : ([163, 0, 0] as const);
      const rect = { x: 0, y: 0, width, height };
      expect(picture.ink(rect, ground), one.language).toBeGreaterThan(0.2);
      expect(picture.share(rect, (pixel) => distance(pixel, ground) < 30)).toBeGreaterThan(0.3);
      expect(await board.page.evaluate(OVERFLOWS)).toEqual([]);
      await expectOwnLetters();
    }
  });

  it("of lesser weight stands in its region, and what is beside it goes on", async () => {
    const size = { width: 1280, height: 720 };
    const regions = [region("text", [0, 0, 100, 100], [text("it", VI, "vi")]), region("emergency", [0, 60, 100, 40])];
    await board.show(alone(size, layout(regions)));
    const before = await board.picture("lesser-before");
    const report = await board.show(alone(size, layout(regions, { alerts: [alert(words.slice(0, 1))] })));
    expect(report.faces[0]?.items).toEqual(["text/it", "emergency/VN-1/vi"]);
    const picture = await board.picture("lesser");
    const red = (pixel: readonly [number, number, number]) => distance(pixel, [163, 0, 0]) < 30;
    expect(before.share({ x: 0, y: 432, width: 1280, height: 288 }, red)).toBe(0);
    expect(picture.share({ x: 0, y: 432, width: 1280, height: 288 }, red)).toBeGreaterThan(0.3);
    expect(picture.share({ x: 0, y: 0, width: 1280, height: 430 }, red)).toBe(0);
  });
});

describe("a face", () => {
  it.each([0, 90, 180, 270] as const)("that hangs turned by %d° shows its content turned with it", async (rotation) => {
    const size = { width: 400, height: 240 };
    // Red above, blue below, as the content stands.
    const lying = rotation === 0 || rotation === 180;
    const [w, h] = lying ? [400, 240] : [240, 400];
    const flag = await board.library.add(
      drawn(w, h, (_, y) => (y < h / 2 ? 0xff0000 : 0x0000ff)),
      "image/png",
    );
    await board.show(alone(size, layout([region("image", [0, 0, 100, 100], [image("flag", flag)])]), { rotation }));
    const picture = await board.picture(`turned-${rotation}`);
    const corners = {
      0: [200, 20, 200, 220],
      90: [380, 120, 20, 120],
      180: [200, 220, 200, 20],
      270: [20, 120, 380, 120],
    };
    const [redX = 0, redY = 0, blueX = 0, blueY = 0] = corners[rotation];
    expect(picture.at(redX, redY)).toEqual([255, 0, 0]);
    expect(picture.at(blueX, blueY)).toEqual([0, 0, 255]);
  });

  it("is black where nothing is authorised, and dark by its dimming", async () => {
    const size = { width: 400, height: 240 };
    const white = { kind: "pattern", pattern: "white" } as const;
    const shown: Record<string, number> = {};
    for (const [name, showing, dim] of [
      ["bright", white, 0],
      ["dim", white, 60],
      ["blank", { kind: "blank", why: "night" }, 0],
    ] as const) {
      const report = await board.show(alone(size, showing, { dim }));
      expect(report.faces[0]?.showing).toBe(showing.kind);
      shown[name] = (await board.picture(`face-${name}`)).at(200, 120)[0];
    }
    expect(shown).toEqual({ bright: 255, dim: 102, blank: 0 });
  });

  it("shows every pattern", async () => {
    const size = { width: 640, height: 320 };
    const plain = {
      red: [255, 0, 0],
      green: [0, 255, 0],
      blue: [0, 0, 255],
      white: [255, 255, 255],
      black: [0, 0, 0],
    } as const;
    for (const pattern of FACE_PATTERNS) {
      const report = await board.show(alone(size, { kind: "pattern", pattern }));
      expect(report.faces).toEqual([{ face: "mat-1", showing: "pattern", items: [pattern], faults: [] }]);
      const picture = await board.picture(`pattern-${pattern}`);
      const colour = plain[pattern as keyof typeof plain];
      if (colour === undefined) expect(picture.ink({ x: 0, y: 0, ...size }, [0, 0, 0])).toBeGreaterThan(0.03);
      else expect(picture.share({ x: 0, y: 0, ...size }, (pixel) => distance(pixel, colour) === 0)).toBe(1);
    }
  });
});
