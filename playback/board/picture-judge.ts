/**
 * What a picture of a face proves: that it is not black where it should show something, and that it moves where it should. Pure; pixels in,
 * facts and a verdict out.
 */
import type { Rect, Size } from "../model/board.ts";

/** Four bytes a pixel: red, green, blue, alpha; row after row. */
export interface Pixels extends Size {
  readonly rgba: Uint8Array;
}

export interface FaceLook {
  /** 0 to 255, as the eye weighs the colours. */
  readonly luminance: number;
  /** Share of pixels that are all but black, 0 to 1. */
  readonly dark: number;
  /** Equal only for the same pixels: 16 hexadecimal digits. */
  readonly exact: string;
  /** Alike for pictures that look alike: 16 hexadecimal digits, see `unlikeness`. */
  readonly perceptual: string;
}

/** What a face should be like when it is looked at. */
export interface Expected {
  /** Not for a blank face, nor for one whose content may be dark. */
  readonly light: boolean;
  /** A ticker, a film, a clock with seconds: the same pixels twice mean that it stands still. */
  readonly moving: boolean;
}

export type Verdict = "alive" | "black" | "frozen";

/** Below this a channel gives no light that is seen on a board. */
const DARK_BELOW = 16;
/** Assumed: white text of a clock on black covers over a five-hundredth of its face. */
const BLACK_FROM = 0.998;

/** Source: ITU-R BT.709 for the weights. @throws RangeError for a rectangle outside the picture */
export function lookAt(picture: Pixels, rect: Rect): FaceLook {
  const { rgba, width } = picture;
  if (rect.x < 0 || rect.y < 0 || rect.x + rect.width > width || rect.y + rect.height > picture.height) {
    throw new RangeError(`the face reaches beyond the picture of ${width}×${picture.height}`);
  }
  const cells = new Cells();
  const hash = new Hash();
  let sum = 0;
  let dark = 0;
  for (let y = 0; y < rect.height; y++) {
    const row = ((rect.y + y) * width + rect.x) * 4;
    for (let x = 0; x < rect.width; x++) {
      const at = row + x * 4;
      const [red, green, blue] = [rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0];
      const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      sum += luminance;
      if (red < DARK_BELOW && green < DARK_BELOW && blue < DARK_BELOW) dark += 1;
      hash.add((red << 16) | (green << 8) | blue);
      cells.add(Math.floor((x * 9) / rect.width), Math.floor((y * 8) / rect.height), luminance);
    }
  }
  const pixels = Math.max(1, rect.width * rect.height);
  return { luminance: sum / pixels, dark: dark / pixels, exact: hash.text, perceptual: cells.hash };
}

/** `before`: the same face some time ago, with the same showing; `null` where there is none to compare with. */
export function judgeFace(now: FaceLook, before: FaceLook | null, expected: Expected): Verdict {
  if (expected.light && now.dark >= BLACK_FROM) return "black";
  if (expected.moving && before !== null && before.exact === now.exact) return "frozen";
  return "alive";
}

/** How many of 64 places differ: 0 the same, 10 and more another picture. */
export function unlikeness(one: string, other: string): number {
  let differ = BigInt(`0x${one}`) ^ BigInt(`0x${other}`);
  let count = 0;
  for (; differ > 0n; differ &= differ - 1n) count += 1;
  return count;
}

/** Whether each of 8 × 8 places is lighter than its right neighbour ("dHash"). */
class Cells {
  readonly #sums = new Float64Array(72);
  readonly #counts = new Float64Array(72);

  add(column: number, row: number, luminance: number): void {
    const cell = row * 9 + column;
    this.#sums[cell] = (this.#sums[cell] ?? 0) + luminance;
    this.#counts[cell] = (this.#counts[cell] ?? 0) + 1;
  }

  get hash(): string {
    const mean = (cell: number) => (this.#sums[cell] ?? 0) / Math.max(1, this.#counts[cell] ?? 0);
    let bits = 0n;
    for (let row = 0; row < 8; row++) {
      for (let column = 0; column < 8; column++) {
        const cell = row * 9 + column;
        bits = (bits << 1n) | (mean(cell) > mean(cell + 1) ? 1n : 0n);
      }
    }
    return bits.toString(16).padStart(16, "0");
  }
}

/** Two runs of 32 bits over the pixels, in the manner of FNV-1a: told apart is what moves, not what an enemy made. */
class Hash {
  #one = 0x811c9dc5;
  #other = 0x9e3779b9;

  add(value: number): void {
    this.#one = Math.imul(this.#one ^ value, 0x01000193);
    this.#other = Math.imul(this.#other ^ (value + 0x7f4a7c15), 0x85ebca6b);
  }

  get text(): string {
    return [this.#one, this.#other].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
