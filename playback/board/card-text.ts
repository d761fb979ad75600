/**
 * Text for small panels: broken into lines where its language allows, as large as the panel takes, and in pages where even the smallest readable
 * letters do not fit. Pure; how wide a piece of text is, is asked of whoever draws it.
 */
import type { Size } from "../model/board.ts";

/** Width of a text in letter heights (em). */
export type Measure = (text: string) => number;

export interface TextPages {
  /** Letter height (em) in pixels. */
  readonly fontPx: number;
  /** At least one page with at least one line. */
  readonly pages: readonly (readonly string[])[];
}

/**
 * A line in letter heights: room for two marks over a capital ("Ẩ") and one below ("Ộ").
 * Source: measured on DejaVu Sans, whose stacked capitals reach 1.1 above the line and its dot below 0.25 under it.
 */
export const LINE = { above: 1.12, below: 0.28 } as const;
export const LINE_HEIGHT = LINE.above + LINE.below;

/** Assumed: below eleven pixels the marks of Vietnamese run into each other on lamps. */
const SMALLEST_PX = 11;
/** Longer texts are for the page, not for a card. */
const MOST_CHARACTERS = 4_000;
const MOST_PAGES = 60;

/** @throws RangeError for a panel on which not one line of the smallest letters stands */
export function layoutText(text: string, language: string, box: Size, measure: Measure): TextPages {
  const largest = Math.floor(box.height / LINE_HEIGHT);
  if (largest < 1) throw new RangeError(`no letter fits into ${box.width}×${box.height}`);
  const smallest = Math.min(SMALLEST_PX, largest);
  const paragraphs = text
    .normalize("NFC")
    .slice(0, MOST_CHARACTERS)
    .split(/\n+/)
    .map((paragraph) => unitsOf(paragraph.trim(), language))
    .filter((units) => units.length > 0);
  const linesAt = (fontPx: number) => paragraphs.flatMap((units) => wrapped(units, box.width / fontPx, measure));
  const fits = (fontPx: number) => linesAt(fontPx).length <= linesIn(box, fontPx);
  // Halved again and again: the larger the letters, the more lines they take.
  let [low, high] = [smallest, largest];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  const lines = linesAt(low);
  return { fontPx: low, pages: paged(lines.length === 0 ? [""] : lines, Math.max(1, linesIn(box, low))) };
}

export function linesIn(box: Size, fontPx: number): number {
  return Math.floor(box.height / (fontPx * LINE_HEIGHT));
}

/** Pieces that are not broken: words with the signs that belong to them, single characters where a script has no spaces. */
function unitsOf(paragraph: string, language: string): readonly string[] {
  const units: string[] = [];
  for (const { segment, isWordLike } of new Intl.Segmenter(language, { granularity: "word" }).segment(paragraph)) {
    const last = units.at(-1);
    if (/^\s+$/.test(segment)) {
      if (last !== undefined && !last.endsWith(" ")) units[units.length - 1] = `${last} `;
    } else if (isWordLike !== true && last !== undefined && !last.endsWith(" ")) {
      // A comma does not begin a line.
      units[units.length - 1] = last + segment;
    } else units.push(segment);
  }
  return units;
}

function wrapped(units: readonly string[], width: number, measure: Measure): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const unit of units.flatMap((one) => broken(one, width, measure))) {
    if (line !== "" && measure((line + unit).trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += unit;
  }
  if (line.trim() !== "") lines.push(line.trimEnd());
  return lines;
}

/** A word that is wider than the panel is cut between its letters. */
function broken(unit: string, width: number, measure: Measure): readonly string[] {
  if (measure(unit.trimEnd()) <= width) return [unit];
  const pieces: string[] = [];
  let piece = "";
  for (const { segment } of new Intl.Segmenter().segment(unit)) {
    if (piece !== "" && measure((piece + segment).trimEnd()) > width) {
      pieces.push(piece);
      piece = "";
    }
    piece += segment;
  }
  return piece === "" ? pieces : [...pieces, piece];
}

/** Pages of about the same length, so that the last is not one word. */
function paged(lines: readonly string[], most: number): readonly (readonly string[])[] {
  const count = Math.min(MOST_PAGES, Math.ceil(lines.length / most));
  const each = Math.min(most, Math.ceil(lines.length / count));
  return Array.from({ length: count }, (_, page) => lines.slice(page * each, (page + 1) * each)).filter(
    (page) => page.length > 0,
  );
}
