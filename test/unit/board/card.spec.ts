import { describe, expect, it } from "vitest";
import { CardPictures } from "../../../drivers/display/text-picture.ts";
import { type CardFacts, cardOf } from "../../../playback/board/card.ts";
import { LINE, LINE_HEIGHT, layoutText } from "../../../playback/board/card-text.ts";
import { encodePng } from "../../../playback/board/picture.ts";
import type { FaceScene, SceneRegion, Showing } from "../../../playback/model/board.ts";
import { parseSha256 } from "../../../playback/model/units.ts";

const painter = new CardPictures();
const { measure } = painter;
const PANEL = { width: 128, height: 64 };
const COLOURS = { foreground: "#ff0000", background: "#000000" };
const AT = Date.parse("2026-11-22T06:30:00+07:00");

const REGION: SceneRegion = {
  ...{ id: "one", kind: "text", x: 0, y: 0, width: 100, height: 100, items: [], fit: "contain", pace: 1, ...COLOURS },
};
const text = (words: string) => ({ kind: "text", id: words, text: words, language: "vi", ms: 10_000 }) as const;
const layout = (regions: readonly SceneRegion[], over: object = {}): Showing => ({
  ...{ kind: "layout", key: "k", title: "t", since: AT, regions, alerts: [], ...over },
});
const scene = (showing: Showing, rotation: 0 | 90 = 0): FaceScene => ({
  face: { name: "gate", rect: null, size: PANEL, rotation, languages: ["vi"] },
  ...{ dim: 0, showing },
});
const card = (showing: Showing, over: Partial<CardFacts> = {}) =>
  cardOf({
    scene: scene(showing),
    zone: "Asia/Ho_Chi_Minh",
    onAir: { airing: null, next: [] },
    at: AT,
    measure,
    ...over,
  });

/** Rows of a picture in which something is lit. */
function litRows(rgb: Uint8Array, width: number): readonly number[] {
  const rows = Array.from({ length: rgb.length / 3 / width }, (_, row) => row);
  return rows.filter((row) => rgb.subarray(row * width * 3, (row + 1) * width * 3).some((value) => value > 40));
}

describe("text for a panel", () => {
  it("is as large as the panel takes, in lines that are no wider", () => {
    for (const words of ["06:30", "Họp thôn", "Mời bà con đi tiêm phòng cho trẻ em lúc bảy giờ sáng mai"]) {
      const { fontPx, pages } = layoutText(words, "vi", PANEL, measure);
      expect(pages).toHaveLength(1);
      for (const line of pages[0] ?? []) expect(measure(line) * fontPx).toBeLessThanOrEqual(PANEL.width);
      expect((pages[0]?.length ?? 0) * fontPx * LINE_HEIGHT).toBeLessThanOrEqual(PANEL.height);
      expect(pages[0]?.join(" ")).toBe(words);
    }
    expect(layoutText("06:30", "vi", PANEL, measure).fontPx).toBeGreaterThan(30);
  });

  it("that does not fit in the smallest letters goes on in pages, and loses no word", () => {
    const words = Array.from({ length: 60 }, (_, n) => `thôn${n}`).join(" ");
    const { fontPx, pages } = layoutText(words, "vi", PANEL, measure);
    expect(fontPx).toBe(11);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat().join(" ")).toBe(words);
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(4);
  });

  it("is the same composed and decomposed, and cut where a word is wider than the panel", () => {
    const words = "Ủy ban nhân dân";
    expect(layoutText(words.normalize("NFD"), "vi", PANEL, measure)).toEqual(layoutText(words, "vi", PANEL, measure));
    const long = "N".repeat(80);
    const { pages, fontPx } = layoutText(long, "vi", PANEL, measure);
    expect(pages.flat().join("")).toBe(long);
    for (const line of pages.flat()) expect(measure(line) * fontPx).toBeLessThanOrEqual(PANEL.width);
  });

  it("breaks Chinese without spaces, and begins no line with a comma", () => {
    const words = "各位村民请注意，明天早上七点在村委会开会，请准时参加。";
    const wide = (one: string) => [...one].length;
    const { pages } = layoutText(words, "zh", PANEL, wide);
    expect(pages.flat().join("")).toBe(words);
    expect(pages.flat().filter((line) => /^[，。]/.test(line))).toEqual([]);
  });

  it("of nothing is one empty page, and a panel without a line is refused", () => {
    expect(layoutText(" \n ", "vi", PANEL, measure).pages).toEqual([[""]]);
    expect(() => layoutText("a", "vi", { width: 10, height: 1 }, measure)).toThrow(RangeError);
  });
});

describe("a painted text", () => {
  const painted = (lines: readonly string[], fontPx: number, rotation: 0 | 90 | 180 | 270 = 0) =>
    painter.text({ lines, fontPx, lineHeight: LINE_HEIGHT, above: LINE.above, ...COLOURS }, PANEL, rotation);

  it("has room for two marks over a capital and one below it", () => {
    const { fontPx } = layoutText("ẨỘỄ", "vi", PANEL, measure);
    const rows = litRows(painted(["ẨỘỄ"], fontPx), PANEL.width);
    expect(rows[0]).toBeGreaterThanOrEqual(0);
    expect(rows.length).toBeGreaterThan(fontPx * 0.9);
    // Drawn on a higher panel nothing more of it appears: nothing was cut off.
    const tall = painter.text(
      { lines: ["ẨỘỄ"], fontPx, lineHeight: LINE_HEIGHT, above: LINE.above, ...COLOURS },
      { width: 128, height: 128 },
      0,
    );
    expect(litRows(tall, 128)).toHaveLength(rows.length);
  });

  it("stands in its colours, and turns with its face", () => {
    const upright = painted(["L"], 40);
    expect(new Set(Array.from({ length: 128 * 64 }, (_, at) => upright[at * 3 + 1])).size).toBe(1);
    expect(Math.max(...upright)).toBe(255);
    const turned = painted(["L"], 40, 180);
    expect([...turned.subarray(0, 3)]).toEqual([...upright.subarray(upright.length - 3)]);
    const pixel = (rgb: Uint8Array, x: number, y: number) => rgb[(y * 128 + x) * 3];
    for (let y = 0; y < 64; y++)
      for (let x = 0; x < 128; x++) expect(pixel(turned, 127 - x, 63 - y)).toBe(pixel(upright, x, y));
    const quarter = painted(["L"], 40, 90);
    const lit = litRows(quarter, 128);
    expect(quarter).toHaveLength(128 * 64 * 3);
    expect(lit.length).toBeGreaterThan(10);
  });

  it("is text, whatever it says", () => {
    const words = '<script>&amp;"\u0000</text><rect width="100%" height="100%" fill="#0f0"/>';
    const rgb = painted([words], 11);
    expect(Math.max(...rgb.filter((_, at) => at % 3 === 1))).toBe(0);
    expect(() =>
      painter.text(
        { lines: ["a"], fontPx: 11, lineHeight: 1, above: 1, foreground: '"/>', background: "#000000" },
        PANEL,
        0,
      ),
    ).toThrow(RangeError);
  });

  it("measures what it draws to a tenth", () => {
    const words = "Đài truyền thanh";
    const wide = painter.text(
      { lines: [words], fontPx: 20, lineHeight: LINE_HEIGHT, above: LINE.above, ...COLOURS },
      { width: 400, height: 40 },
      0,
    );
    const columns = Array.from({ length: 400 }, (_, x) => x).filter((x) =>
      Array.from({ length: 40 }, (_, y) => wide[(y * 400 + x) * 3] ?? 0).some((value) => value > 40),
    );
    const drawn = (columns.at(-1) ?? 0) - (columns[0] ?? 0);
    expect(Math.abs(drawn / (measure(words) * 20) - 1)).toBeLessThan(0.1);
  });

  it("of an approved image is that image, fitted", () => {
    const bytes = encodePng({ width: 2, height: 2, rgba: new Uint8Array(16).fill(255) });
    const rgb = painter.image({ bytes, type: "image/png", fit: "contain", background: "#000000" }, PANEL, 0);
    const lit = Array.from({ length: 128 }, (_, x) => x).filter((x) => (rgb[(32 * 128 + x) * 3] ?? 0) > 200);
    expect([lit[0], lit.at(-1)]).toEqual([32, 95]);
    const covered = painter.image({ bytes, type: "image/png", fit: "cover", background: "#000000" }, PANEL, 0);
    expect(Math.min(...covered)).toBeGreaterThan(250);
  });
});

describe("a card", () => {
  it("keeps nothing while its face is blank", () => {
    expect(card({ kind: "blank", why: "nothing" })).toEqual({ picture: null, until: null });
  });

  it("keeps one text without an end, and several in turn", () => {
    expect(card(layout([{ ...REGION, items: [text("Họp thôn")] }]))).toMatchObject({
      picture: { lines: ["Họp thôn"] },
      until: null,
    });
    const two = layout([
      { ...REGION, items: [text("một")] },
      { ...REGION, kind: "ticker", items: [text("hai")] },
    ]);
    const shown = [0, 4_999, 5_000, 10_000].map((ms) => card(two, { at: AT + ms }));
    expect(shown.map(({ picture }) => (picture?.kind === "text" ? picture.lines[0] : null))).toEqual([
      "một",
      "một",
      "hai",
      "một",
    ]);
    expect(shown[0]?.until).toBe(AT + 5_000);
  });

  it("shows images, the time to the minute and what comes next, and leaves films out", () => {
    const sha256 = parseSha256("ab".repeat(32));
    if (sha256 === null) throw new Error("no digest");
    const image = { kind: "image", id: "i", title: "i", sha256, ms: 1_000 } as const;
    const regions: SceneRegion[] = [
      { ...REGION, kind: "image", items: [image] },
      { ...REGION, kind: "video", items: [{ ...image, kind: "video" }] },
      { ...REGION, kind: "clock" },
      { ...REGION, kind: "now-next" },
    ];
    const onAir = { airing: "Thời sự", next: [{ at: AT + 3_600_000, title: "Ca nhạc" }] };
    const shown = [0, 5_000, 10_000].map((ms) => card(layout(regions), { at: AT + ms, onAir }).picture);
    expect(shown[0]).toMatchObject({ kind: "image", sha256 });
    expect(shown[1]).toMatchObject({ lines: ["06:30"] });
    expect(shown[2]).toMatchObject({ lines: ["Thời sự", "07:30 Ca nhạc"] });
    expect(card(layout([{ ...REGION, kind: "clock" }])).until).toBe(AT + 60_000);
  });

  it("says an alert in every language in turn, an exercise as one, white on red", () => {
    const words = [
      { language: "vi", headline: "Bão số 5", text: null },
      { language: "en", headline: "Storm 5", text: null },
    ];
    const alert = { identifier: "a", severity: "extreme", exercise: true, sent: AT, words } as const;
    const shown = [0, 5_000].map((ms) => card({ kind: "alert", since: AT, alerts: [alert] }, { at: AT + ms }).picture);
    expect(shown.map((picture) => (picture?.kind === "text" ? picture.lines.join(" ") : null))).toEqual([
      "DIỄN TẬP: Bão số 5",
      "EXERCISE: Storm 5",
    ]);
    expect(shown[0]).toMatchObject({ foreground: "#ffffff", background: "#c00000" });
  });

  it("identifies itself, and fills itself with a colour", () => {
    expect(card({ kind: "pattern", pattern: "identify" }).picture).toMatchObject({ lines: ["gate", "128×64"] });
    expect(card({ kind: "pattern", pattern: "green" }).picture).toMatchObject({ lines: [""], background: "#00ff00" });
  });
});
