/** A screenshot, asked about its pixels. */
import { PNG } from "pngjs";
import type { Rect, Size } from "../../../playback/model/board.ts";

export type Pixel = readonly [red: number, green: number, blue: number];

export class Picture {
  readonly size: Size;
  readonly #data: Buffer;

  private constructor({ width, height, data }: PNG) {
    this.size = { width, height };
    this.#data = data;
  }

  static parse(png: Buffer): Picture {
    return new Picture(PNG.sync.read(png));
  }

  at(x: number, y: number): Pixel {
    const from = (Math.round(y) * this.size.width + Math.round(x)) * 4;
    return [this.#data[from] ?? 0, this.#data[from + 1] ?? 0, this.#data[from + 2] ?? 0];
  }

  /** Share of the pixels of a rectangle that are like this; of a large one, of pixels in even steps. */
  share({ x, y, width, height }: Rect, like: (pixel: Pixel) => boolean): number {
    const step = Math.max(1, Math.floor(Math.sqrt((width * height) / 100_000)));
    let found = 0;
    let all = 0;
    for (let row = y; row < y + height; row += step) {
      for (let column = x; column < x + width; column += step) {
        all += 1;
        if (like(this.at(column, row))) found += 1;
      }
    }
    return found / all;
  }

  /** Share that is not the colour of its upper left corner, or this one. */
  ink(rect: Rect, ground: Pixel = this.at(rect.x, rect.y)): number {
    return this.share(rect, (pixel) => distance(pixel, ground) > 60);
  }

  /** Share of pixels that differ between two rectangles of one size. */
  difference(one: Rect, other: Rect, than = 24): number {
    let found = 0;
    for (let row = 0; row < one.height; row++) {
      for (let column = 0; column < one.width; column++) {
        const here = this.at(one.x + column, one.y + row);
        if (distance(here, this.at(other.x + column, other.y + row)) > than) found += 1;
      }
    }
    return found / (one.width * one.height);
  }
}

export function distance(a: Pixel, b: Pixel): number {
  return Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]);
}
