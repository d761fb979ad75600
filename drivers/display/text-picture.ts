/**
 * Pictures for asynchronous cards, drawn here because the fonts of such cards know no Vietnamese: text and images become red, green and blue,
 * pixel by pixel. The only file of the program that knows resvg.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import type { Fit, Rotation, Size } from "../../playback/model/board.ts";

/** Where Debian's packages put fonts: DejaVu is always there, Noto for other scripts where it was installed. */
const FONT_FOLDERS = [
  "/usr/share/fonts/truetype/dejavu",
  "/usr/share/fonts/truetype/noto",
  "/usr/share/fonts/opentype/noto",
];
/** One weight each is enough, and a folder of all of Noto takes a second to read. */
const WANTED = /^(DejaVuSans-Bold|NotoSans(Lao|Khmer|Thai)?-Bold|NotoSansCJK-Bold|NotoSansSC-Bold)\.(ttf|otf|ttc)$/;
const FAMILIES = "DejaVu Sans, Noto Sans, Noto Sans Lao, Noto Sans Khmer, Noto Sans CJK SC, Noto Sans SC, sans-serif";

export interface TextPicture {
  readonly lines: readonly string[];
  /** Letter height (em) in pixels. */
  readonly fontPx: number;
  /** From line to line, and from the upper edge of a line to where its letters stand; in letter heights. */
  readonly lineHeight: number;
  readonly above: number;
  /** `#rrggbb`. */
  readonly foreground: string;
  readonly background: string;
}

export interface ImagePicture {
  readonly bytes: Uint8Array;
  readonly type: "image/png" | "image/jpeg";
  readonly fit: Fit;
  readonly background: string;
}

/** Red, green, blue of each pixel, row after row: `width × height × 3` bytes. */
export type Rgb = Uint8Array;

export class CardPictures {
  readonly #fontFiles: readonly string[];
  readonly #widths = new Map<string, number>();

  /** `folders`: where fonts are looked for, not below. */
  constructor(folders: readonly string[] = FONT_FOLDERS) {
    this.#fontFiles = folders.flatMap((folder) => fontsIn(folder));
  }

  /** Width of a text in letter heights. Character by character: kerning is less than a lamp. */
  readonly measure = (text: string): number => {
    let width = 0;
    for (const { segment } of new Intl.Segmenter().segment(text)) width += this.#widthOf(segment);
    return width;
  };

  /** In the middle of its rectangle. `size` is that of the face, `rotation` clockwise into it. */
  text(picture: TextPicture, size: Size, rotation: Rotation): Rgb {
    const { lines, fontPx, lineHeight, above, foreground, background } = picture;
    const box = turnedSize(size, rotation);
    const top = (box.height - lines.length * lineHeight * fontPx) / 2;
    const body = lines.map((line, index) => {
      const y = top + (index * lineHeight + above) * fontPx;
      return `<text x="${box.width / 2}" y="${y.toFixed(2)}" text-anchor="middle" fill="${colour(foreground)}">${escaped(line)}</text>`;
    });
    return this.#painted(body.join(""), fontPx, background, size, rotation);
  }

  /** The caller has looked at its dimensions: what is decoded here is decoded whole. @throws Error for what is no picture */
  image({ bytes, type, fit, background }: ImagePicture, size: Size, rotation: Rotation): Rgb {
    const box = turnedSize(size, rotation);
    const href = `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
    const fitted = `preserveAspectRatio="xMidYMid ${fit === "contain" ? "meet" : "slice"}"`;
    const body = `<image width="${box.width}" height="${box.height}" ${fitted} href="${href}"/>`;
    return this.#painted(body, 16, background, size, rotation);
  }

  #painted(body: string, fontPx: number, background: string, size: Size, rotation: Rotation): Rgb {
    const box = turnedSize(size, rotation);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${box.width}" height="${box.height}" font-family="${FAMILIES}" font-weight="bold" font-size="${fontPx}"><rect width="100%" height="100%" fill="${colour(background)}"/>${body}</svg>`;
    const { pixels } = new Resvg(svg, this.#options()).render();
    return turnedRgb(pixels, box, rotation);
  }

  #widthOf(character: string): number {
    const known = this.#widths.get(character);
    if (known !== undefined) return known;
    // A space has no ink, and a letter less than its place: they are measured between two bars.
    const width = (this.#ink(`|${character}|`) - this.#ink("||")) / 100;
    if (this.#widths.size > 5_000) this.#widths.clear();
    this.#widths.set(character, width);
    return width;
  }

  #ink(text: string): number {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="200" font-family="${FAMILIES}" font-weight="bold" font-size="100"><text x="10" y="100" xml:space="preserve">${escaped(text)}</text></svg>`;
    return new Resvg(svg, this.#options()).getBBox()?.width ?? 0;
  }

  #options() {
    return {
      font: { loadSystemFonts: false, fontFiles: [...this.#fontFiles], defaultFontFamily: "DejaVu Sans" },
      logLevel: "off" as const,
    };
  }
}

function fontsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => WANTED.test(name))
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function turnedSize({ width, height }: Size, rotation: Rotation): Size {
  return rotation === 90 || rotation === 270 ? { width: height, height: width } : { width, height };
}

/** RGBA as it was drawn to RGB as the face has it, turned clockwise. */
function turnedRgb(rgba: Uint8Array, { width, height }: Size, rotation: Rotation): Rgb {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4;
      const to = placeOf(x, y, width, height, rotation) * 3;
      rgb[to] = rgba[from] ?? 0;
      rgb[to + 1] = rgba[from + 1] ?? 0;
      rgb[to + 2] = rgba[from + 2] ?? 0;
    }
  }
  return rgb;
}

function placeOf(x: number, y: number, width: number, height: number, rotation: Rotation): number {
  switch (rotation) {
    case 0:
      return y * width + x;
    case 90:
      return x * height + (height - 1 - y);
    case 180:
      return (height - 1 - y) * width + (width - 1 - x);
    case 270:
      return (width - 1 - x) * height + y;
  }
}

/** Anything else than `#rrggbb` would be markup. @throws RangeError */
function colour(text: string): string {
  if (!/^#[0-9a-fA-F]{6}$/.test(text)) throw new RangeError(`"${text.slice(0, 20)}" is no colour`);
  return text;
}

/** Also what XML cannot hold at all is gone. */
function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\ufffe\uffff]/g, " ").replace(/[&<>"']/g, (sign) => entities[sign] ?? "");
}
