/** A region of two parts that speaks the face's languages in turn. */
import type { FittedBox } from "./fit.ts";
import { partAt } from "./part.ts";
import type { Place } from "./region-view.ts";

/** Wider than so many heights: side by side, else one under the other. */
const WIDE = 4.5;
const LANGUAGE_MS = 10_000;

/** `wide` and `high`: percent of the width, or of the height, that the first part takes. */
export interface FirstPart {
  readonly wide: number;
  readonly high: number;
}

export function twoParts(
  { width, height }: Place,
  { wide, high }: FirstPart,
  classNames: readonly [string, string],
): readonly [FittedBox, FittedBox] {
  const [first, second] =
    width > height * WIDE
      ? [
          { x: 0, y: 0, width: wide, height: 100 },
          { x: wide, y: 0, width: 100 - wide, height: 100 },
        ]
      : [
          { x: 0, y: 0, width: 100, height: high },
          { x: 0, y: high, width: 100, height: 100 - high },
        ];
  return [partAt(classNames[0], first, width, height), partAt(classNames[1], second, width, height)];
}

/** Whose turn it is, and what share of it is over, 0 … 1. */
export function languageAt({ languages }: Place, now: number): { readonly language: string; readonly through: number } {
  const language = languages[Math.floor(now / LANGUAGE_MS) % languages.length] ?? "vi";
  return { language, through: (now % LANGUAGE_MS) / LANGUAGE_MS };
}
