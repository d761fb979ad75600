import { Resvg } from "@resvg/resvg-js";
import { describe, expect, it } from "vitest";
import { cropPixels, decodePng, encodePng, thumbnailOf } from "../../../playback/board/picture.ts";
import { judgeFace, lookAt, type Pixels, unlikeness } from "../../../playback/board/picture-judge.ts";

const FONT = { loadSystemFonts: true, defaultFontFamily: "DejaVu Sans" };
/** A board of two faces, drawn: the left one shows `left`, the right one `right`. */
function boardOf(left: string, right = ""): Pixels {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360" font-family="DejaVu Sans">
    <rect width="640" height="360" fill="#000"/>${left}<g transform="translate(320 0)">${right}</g></svg>`;
  return decodePng(new Resvg(svg, { font: FONT }).render().asPng());
}
const LEFT = { x: 0, y: 0, width: 320, height: 360 };
const RIGHT = { ...LEFT, x: 320 };
const clock = (time: string) => `<text x="20" y="180" font-size="40" fill="#fff">${time}</text>`;
const news = (x: number) =>
  `<rect width="320" height="360" fill="#036"/><text x="${x}" y="200" font-size="60" fill="#ff0">Ủy ban nhân dân xã</text>`;
const LIGHT = { light: true, moving: false };
const MOVING = { light: true, moving: true };

describe("a picture of a face", () => {
  it("tells black from a few white letters on black", () => {
    const board = boardOf(clock("06:30:00"));
    const [left, right] = [lookAt(board, LEFT), lookAt(board, RIGHT)];
    expect(right).toMatchObject({ luminance: 0, dark: 1 });
    expect(left.dark).toBeGreaterThan(0.9);
    expect(left.dark).toBeLessThan(0.995);
    expect([judgeFace(left, null, LIGHT), judgeFace(right, null, LIGHT)]).toEqual(["alive", "black"]);
    expect(judgeFace(right, right, { light: false, moving: false })).toBe("alive");
  });

  it("tells that a clock and a ticker stand still, and that they move", () => {
    const look = (left: string) => lookAt(boardOf(left), LEFT);
    const ticker = look(news(10));
    expect(judgeFace(look(news(10)), ticker, MOVING)).toBe("frozen");
    expect(judgeFace(look(news(9.5)), ticker, MOVING)).toBe("alive");
    expect(judgeFace(look(clock("06:30:01")), look(clock("06:30:00")), MOVING)).toBe("alive");
    expect(judgeFace(ticker, ticker, LIGHT)).toBe("alive");
    expect(judgeFace(ticker, null, MOVING)).toBe("alive");
  });

  it("of one face does not depend on what its neighbour shows", () => {
    expect(lookAt(boardOf(clock("06:30"), news(0)), LEFT)).toEqual(lookAt(boardOf(clock("06:30")), LEFT));
    expect(lookAt(boardOf(clock("06:30"), news(0)), RIGHT)).toEqual(lookAt(boardOf("", news(0)), RIGHT));
  });

  it("is like another that looks alike, and unlike another one", () => {
    const stripes = '<rect width="320" height="360" fill="#fff"/><rect x="160" width="60" height="200" fill="#c00"/>';
    const look = (left: string) => lookAt(boardOf(left), LEFT).perceptual;
    expect(unlikeness(look(news(10)), look(news(11)))).toBeLessThan(6);
    expect(unlikeness(look(news(10)), look(stripes))).toBeGreaterThan(9);
    expect(unlikeness("0000000000000000", "ffffffffffffffff")).toBe(64);
  });

  it("weighs colours as the eye does: white 255, green more than red, red more than blue", () => {
    const plain = (fill: string) => lookAt(boardOf(`<rect width="320" height="360" fill="${fill}"/>`), LEFT).luminance;
    expect([plain("#fff"), plain("#0f0"), plain("#f00"), plain("#00f")].map(Math.round)).toEqual([255, 182, 54, 18]);
  });

  it("refuses a face that reaches beyond it", () => {
    expect(() => lookAt(boardOf(""), { ...RIGHT, width: 321 })).toThrow(RangeError);
    expect(() => cropPixels(boardOf(""), { ...RIGHT, width: 321 })).toThrow(RangeError);
  });

  it("of 1920×1080 is looked at within 1.5 s", () => {
    const whole = { width: 1_920, height: 1_080, rgba: new Uint8Array(1_920 * 1_080 * 4).fill(200) };
    lookAt(whole, { x: 0, y: 0, width: 100, height: 100 });
    const began = performance.now();
    lookAt(whole, { x: 0, y: 0, width: 1_920, height: 1_080 });
    // Measured: 60 ms; three neighbours share the cores.
    expect(performance.now() - began).toBeLessThan(1_500);
  });
});

describe("a PNG", () => {
  it("is cut, scaled down and written again", () => {
    const board = boardOf(
      '<rect width="320" height="360" fill="#fff"/>',
      '<rect width="320" height="360" fill="#f00"/>',
    );
    const small = decodePng(encodePng(thumbnailOf(board, { width: 320, height: 320 })));
    expect([small.width, small.height]).toEqual([320, 180]);
    expect([...small.rgba.subarray(0, 4), ...small.rgba.subarray(small.rgba.length - 4)]).toEqual([
      ...[255, 255, 255, 255, 255, 0, 0, 255],
    ]);
    expect(thumbnailOf(cropPixels(board, RIGHT), { width: 1_000, height: 1_000 })).toMatchObject({
      width: 320,
      height: 360,
    });
  });

  it("that is none, is broken, or is a bomb is refused before it is decoded", () => {
    const png = Buffer.from(encodePng(boardOf("")));
    expect(() => decodePng(Buffer.from("<html>"))).toThrow("not a PNG");
    expect(() => decodePng(png.subarray(0, 200))).toThrow(/broken/);
    const bomb = Buffer.from(png);
    bomb.writeUInt32BE(100_000, 16);
    bomb.writeUInt32BE(100_000, 20);
    expect(() => decodePng(bomb)).toThrow("a picture of 100000×100000 is too large");
  });
});
