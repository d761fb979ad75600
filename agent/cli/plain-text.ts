/**
 * Text for a terminal. What documents say is signed, and still no terminal should do what stands in it: controls and marks that turn the
 * direction of writing are taken out. Widths are those of a terminal's cells. Pure.
 */

const segments = new Intl.Segmenter("vi", { granularity: "grapheme" });
/** East Asian wide and emoji. Source: Unicode UAX #11, the blocks that matter here. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Extended_Pictographic}/u;

export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, " ");
}

export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segments.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** As much of it as fits, the rest as `…`. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let [fits, used] = ["", 0];
  for (const { segment } of segments.segment(text)) {
    const next = used + (WIDE.test(segment) ? 2 : 1);
    if (next > width - 1) break;
    [fits, used] = [fits + segment, next];
  }
  return `${fits}…`;
}

/** Cut or filled to exactly this width. */
export function fitted(text: string, width: number): string {
  const short = cut(text, width);
  return short + " ".repeat(Math.max(0, width - widthOf(short)));
}

/** Words on lines no wider than this. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) > width && line !== "") {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((one) => cut(one, width));
}
