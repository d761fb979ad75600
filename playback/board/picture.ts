/** PNG to pixels and back; the only file of the program that knows `pngjs`. Pictures come from a browser that may be broken: sizes are looked at first. */
import { PNG } from "pngjs";
import type { Rect, Size } from "../model/board.ts";
import type { Pixels } from "./picture-judge.ts";

/** Assumed: no framebuffer is larger; 133 MB decoded. */
const MOST_PIXELS = 8_192 * 4_096;
const HEAD = "89504e470d0a1a0a";

/** @throws RangeError for what is no PNG, is broken, or has more than 33 million pixels */
export function decodePng(png: Uint8Array): Pixels {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (bytes.length < 24 || bytes.toString("hex", 0, 8) !== HEAD) throw new RangeError("not a PNG");
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (width * height > MOST_PIXELS) throw new RangeError(`a picture of ${width}×${height} is too large`);
  try {
    const { data } = PNG.sync.read(bytes);
    return { width, height, rgba: data };
  } catch (error) {
    throw new RangeError(`a broken PNG: ${(error as Error).message}`, { cause: error });
  }
}

export function encodePng({ width, height, rgba }: Pixels): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  return PNG.sync.write(png, { colorType: 2 });
}

/** @throws RangeError for a rectangle outside the picture */
export function cropPixels(picture: Pixels, { x, y, width, height }: Rect): Pixels {
  if (x < 0 || y < 0 || x + width > picture.width || y + height > picture.height) {
    throw new RangeError(`a part reaches beyond the picture of ${picture.width}×${picture.height}`);
  }
  const rgba = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * picture.width + x) * 4;
    rgba.set(picture.rgba.subarray(from, from + width * 4), row * width * 4);
  }
  return { width, height, rgba };
}

/** Scaled down so that it is no wider and no higher than told, each pixel the mean of those that it stands for; never scaled up. */
export function thumbnailOf(picture: Pixels, most: Size): Pixels {
  const scale = Math.min(1, most.width / picture.width, most.height / picture.height);
  const width = Math.max(1, Math.floor(picture.width * scale));
  const height = Math.max(1, Math.floor(picture.height * scale));
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const rows = span(y, height, picture.height);
    for (let x = 0; x < width; x++) rgba.set(meanOf(picture, span(x, width, picture.width), rows), (y * width + x) * 4);
  }
  return { width, height, rgba };
}

type Span = readonly [from: number, to: number];

function span(at: number, of: number, length: number): Span {
  const from = Math.floor((at * length) / of);
  return [from, Math.max(from + 1, Math.floor(((at + 1) * length) / of))];
}

function meanOf({ rgba, width }: Pixels, [left, right]: Span, [top, bottom]: Span): readonly number[] {
  const sums = [0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let at = (y * width + left) * 4; at < (y * width + right) * 4; at += 4) {
      for (let channel = 0; channel < 3; channel++) sums[channel] = (sums[channel] ?? 0) + (rgba[at + channel] ?? 0);
    }
  }
  const count = (right - left) * (bottom - top);
  return [...sums.map((sum) => Math.round(sum / count)), 255];
}
