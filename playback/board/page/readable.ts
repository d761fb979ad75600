/** Texts of others, made fit for a face: nothing that turns the order of letters round, nothing that piles marks over the neighbours. */

/** Overrides, isolates and marks of direction: an approved text must read as it was read when it was approved. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Source: no orthography of the region stacks more marks on one letter (Khmer needs three, Lao two). */
const PILE = /(\p{M}{4})\p{M}+/gu;

export function readable(text: string): string {
  return text.replace(DIRECTION, "").replace(PILE, "$1");
}

/**
 * A text in so many parts of about the same length, each ending where a sentence ends, else where a word does. Fewer where the text has not
 * so many words.
 */
export function inParts(text: string, count: number, language: string): string[] {
  const pieces = piecesOf(text, count, language);
  const share = text.length / count;
  const parts: string[] = [];
  let part = "";
  for (const piece of pieces) {
    if (part !== "" && part.length + piece.length / 2 > share && parts.length < count - 1) {
      parts.push(part.trim());
      part = "";
    }
    part += piece;
  }
  parts.push(part.trim());
  return parts.filter((one) => one !== "");
}

function piecesOf(text: string, count: number, language: string): string[] {
  for (const granularity of ["sentence", "word", "grapheme"] as const) {
    const pieces = segments(text, granularity, language);
    // Sentences that are longer than a part would make one part overflow while another is empty.
    const longest = pieces.reduce((most, piece) => Math.max(most, piece.length), 0);
    if (longest <= (text.length / count) * 0.6 || granularity === "grapheme") return pieces;
  }
  return [text];
}

function segments(text: string, granularity: "sentence" | "word" | "grapheme", language: string): string[] {
  return [...new Intl.Segmenter(language, { granularity }).segment(text)].map(({ segment }) => segment);
}
