/**
 * Pictures as Onbon's cards keep them. Pure.
 * Source: Onbon, 动态区域用户手册, appendix 2. Assumed: the 32-bit words of 6E go lowest byte first, as all numbers of more bytes do there.
 */
import type { BoardImage } from "../../../playback/ports/display-controller.ts";

/** 6Q: full colour. 6E and 5E: one bit a pixel for red and, on cards of two colours, for green. */
export type OnbonCard = "6q" | "6e" | "5e";

type Picture = Pick<BoardImage, "x" | "width" | "height" | "rgb">;

export function generationOf(card: OnbonCard): 5 | 6 {
  return card === "5e" ? 5 : 6;
}

export function pixelBytes(card: OnbonCard, colours: 1 | 2, { x, width, height }: Omit<Picture, "rgb">): number {
  if (card === "6q") return width * height * 3;
  const unit = card === "6e" ? 32 : 8;
  const columns = Math.ceil((x + width) / unit) - Math.floor(x / unit);
  return (columns * unit * height * colours) / 8;
}

export function encodePixels(card: OnbonCard, colours: 1 | 2, picture: Picture): Uint8Array {
  if (card === "6q") return picture.rgb;
  const planes = Array.from({ length: colours }, (_, colour) =>
    plane(picture, card === "6e" ? 32 : 8, lit(colours, colour)),
  );
  if (card === "6e") return Buffer.concat(planes.map(lowestFirst));
  // 5E: byte by byte, red and green in turn.
  const bytes = new Uint8Array(planes.reduce((total, each) => total + each.length, 0));
  for (const [colour, each] of planes.entries()) {
    for (let index = 0; index < each.length; index++) bytes[index * colours + colour] = each[index] ?? 0;
  }
  return bytes;
}

type Lit = (red: number, green: number, blue: number) => boolean;

/** Boards of one colour show whatever is bright; of two, each its own. */
function lit(colours: 1 | 2, colour: number): Lit {
  if (colours === 1) return (red, green, blue) => Math.max(red, green, blue) >= 128;
  return colour === 0 ? (red) => red >= 128 : (_red, green) => green >= 128;
}

/** One bit a pixel, 0 is lit; filled with dark to whole units counted from the board's left edge. */
function plane({ x, width, height, rgb }: Picture, unit: number, isLit: Lit): Buffer {
  const first = Math.floor(x / unit) * unit;
  const stride = (Math.ceil((x + width) / unit) * unit - first) / 8;
  const bits = Buffer.alloc(stride * height, 0xff);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const pixel = (row * width + column) * 3;
      if (!isLit(rgb[pixel] ?? 0, rgb[pixel + 1] ?? 0, rgb[pixel + 2] ?? 0)) continue;
      const bit = x - first + column;
      const at = row * stride + (bit >> 3);
      bits[at] = (bits[at] ?? 0) & ~(0x80 >> (bit & 7));
    }
  }
  return bits;
}

function lowestFirst(words: Buffer): Buffer {
  return Buffer.from(words).swap32();
}
