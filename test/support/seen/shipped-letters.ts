/**
 * Letters that the shipped fonts really have, read out of their files. What their style sheets say they are for is more than they have (the Chinese
 * one names Thai), so a browser alone does not tell an empty box from a letter.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { FONT_PACKAGES } from "../../../playback/board/page-files.ts";

const packages = createRequire(import.meta.url);

/** Code points that some file of this weight has and its style sheet gives it for. */
function shippedLetters(weight: 400 | 700): ReadonlySet<number> {
  const found = new Set<number>();
  for (const name of FONT_PACKAGES) {
    const sheet = packages.resolve(`@fontsource/${name}/${weight}.css`);
    const css = readFileSync(sheet, "utf8");
    for (const [, file = "", ranges = ""] of css.matchAll(/files\/([a-z0-9-]+\.woff2)[^}]*unicode-range: ([^;]+);/g)) {
      const given = rangesOf(ranges);
      for (const letter of lettersOf(readFileSync(join(dirname(sheet), "files", file)))) {
        if (given.some(([from, to]) => letter >= from && letter <= to)) found.add(letter);
      }
    }
  }
  return found;
}

let both: readonly ReadonlySet<number>[] | null = null;

/** Letters of a text that are not shipped in both weights. */
export function unshipped(text: string): string[] {
  both ??= [shippedLetters(400), shippedLetters(700)];
  const weights = both;
  return [...new Set(text)].filter((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    return letter.trim() !== "" && !weights.every((letters) => letters.has(code));
  });
}

function rangesOf(text: string): [number, number][] {
  return text.split(",").map((range) => {
    const [from = "", to = from] = range.trim().slice(2).split("-");
    return [Number.parseInt(from, 16), Number.parseInt(to, 16)];
  });
}

/** Source: W3C WOFF 2.0; the character map is never transformed. */
function lettersOf(file: Buffer): Set<number> {
  const tables = file.readUInt16BE(12);
  let at = 48;
  const number = () => {
    let value = 0;
    for (;;) {
      const byte = file[at++] ?? 0;
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
  };
  let offset = 0;
  let cmap: [number, number] = [0, 0];
  for (let n = 0; n < tables; n++) {
    const flags = file[at++] ?? 0;
    const tag = flags & 63;
    if (tag === 63) at += 4;
    const plain = number();
    const version = flags >> 6;
    const length = (tag === 10 || tag === 11 ? version !== 3 : version !== 0) ? number() : plain;
    if (tag === 0) cmap = [offset, length];
    offset += length;
  }
  const data = brotliDecompressSync(file.subarray(at, at + file.readUInt32BE(20)));
  return mapped(data.subarray(cmap[0], cmap[0] + cmap[1]));
}

/** Source: OpenType, `cmap` formats 4 and 12; glyph 0 is the empty box. */
function mapped(cmap: Buffer): Set<number> {
  const found = new Set<number>();
  for (let n = 0; n < cmap.readUInt16BE(2); n++) {
    const table = cmap.subarray(cmap.readUInt32BE(4 + n * 8 + 4));
    const format = table.readUInt16BE(0);
    if (format === 12) {
      for (let group = 0; group < table.readUInt32BE(12); group++) {
        const [from, to] = [table.readUInt32BE(16 + group * 12), table.readUInt32BE(20 + group * 12)];
        for (let code = from; code <= to; code++) found.add(code);
      }
    } else if (format === 4) {
      const double = table.readUInt16BE(6);
      for (let segment = 0; segment < double; segment += 2) {
        const to = table.readUInt16BE(14 + segment);
        const from = table.readUInt16BE(16 + double + segment);
        for (let code = from; code <= to && code !== 0xffff; code++) found.add(code);
      }
    }
  }
  return found;
}
