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

/** A word of so many letters is never divided; a longer one is where it would leave a part nearly empty. */
const WHOLE_WORD = 12;

function piecesOf(text: string, count: number, language: string): string[] {
  const share = text.length / count;
  const sentences = segments(text, "sentence", language);
  // A sentence that is longer than a part would make one overflow while another is empty.
  if (longestOf(sentences) <= share * 0.6) return sentences;
  const words = segments(text, "word", language);
  return longestOf(words) <= Math.max(share * 2, WHOLE_WORD) ? words : segments(text, "grapheme", language);
}

function longestOf(pieces: readonly string[]): number {
  return pieces.reduce((most, { length }) => Math.max(most, length), 0);
}

function segments(text: string, granularity: "sentence" | "word" | "grapheme", language: string): string[] {
  return [...new Intl.Segmenter(language, { granularity }).segment(text)].map(({ segment }) => segment);
}
