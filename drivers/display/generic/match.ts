/**
 * Whether bytes from a controller are what was expected. Pure. The bytes are untrusted: time grows with their number and nothing else,
 * because the one part of open length takes what the others leave.
 */
import { checksumOn, type Wording } from "./encode.ts";
import { isOpen, type NumberForm, type Word } from "./words.ts";

export interface Match {
  /** What stood for `{value}`; `null` where there is none. */
  readonly value: number | null;
  readonly text: string | null;
}

/** `null` where it is not a match. */
export function matchWords(words: readonly Word[], bytes: Buffer, wording: Wording): Match | null {
  const fixed = words.reduce((total, word) => total + (isOpen(word) ? 0 : widthOf(word, wording)), 0);
  const open = bytes.length - fixed;
  if (open < 0 || (open > 0 && !words.some(isOpen))) return null;
  let match: Match = { value: null, text: null };
  let at = 0;
  for (const word of words) {
    const width = isOpen(word) ? open : widthOf(word, wording);
    const part = bytes.subarray(at, at + width);
    const found = matched(word, part, bytes.subarray(0, at), wording);
    if (found === null) return null;
    match = { ...match, ...found };
    at += width;
  }
  return match;
}

function widthOf(word: Word, wording: Wording): number {
  if (word.kind === "bytes") return word.bytes.length;
  if (word.kind === "number") return word.width ?? 0;
  return word.kind === "checksum" ? checksumOn(new Uint8Array(), wording).length : 1;
}

function matched(word: Word, part: Buffer, before: Uint8Array, wording: Wording): Partial<Match> | null {
  switch (word.kind) {
    case "bytes":
      return part.equals(word.bytes) ? {} : null;
    case "any":
    case "run":
      return {};
    case "printable":
      return part.every((byte) => byte >= 0x20 && byte <= 0x7e) ? { text: part.toString("latin1") } : null;
    case "number":
      return matchedNumber(part, word.form);
    case "checksum":
      return part.equals(checksumOn(before, wording)) ? {} : null;
  }
}

function matchedNumber(part: Buffer, form: NumberForm): Partial<Match> | null {
  if (form === "little") return { value: part.readUIntLE(0, part.length) };
  if (form === "big") return { value: part.readUIntBE(0, part.length) };
  const digits = part.toString("latin1");
  // Nine digits are exact, and more than any controller has.
  if (!(form === "decimal" ? /^[0-9]{1,9}$/ : /^[0-9a-fA-F]{1,9}$/).test(digits)) return null;
  return { value: Number.parseInt(digits, form === "decimal" ? 10 : 16) };
}
