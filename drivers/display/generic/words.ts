/**
 * The little language in which a technician writes what is sent and what is expected. One language for both, in two notations: text, and
 * bytes in hexadecimal. No regular expressions: a pattern has at most one part of open length, so that matching is one look from either end.
 *
 * text: characters stand for themselves; `\r \n \t \\ \{ \* \?` and `\xNN` for bytes. hex: pairs of digits, blanks between them as one likes.
 * In both: `?` (hex `??`) any byte · `*` any bytes · `{value}` a number (text: decimal, of open length; hex: one byte) · `{value:3}` three
 * decimal digits · `{value:x2}` `{value:X2}` two hexadecimal digits · `{value:le2}` `{value:be2}` two bytes · `{text}` printable characters ·
 * `{checksum}` (text: as upper-case hexadecimal digits; hex: as bytes).
 */

export type Notation = "text" | "hex";

export type Word =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "any" }
  | { readonly kind: "run" }
  | { readonly kind: "printable" }
  | {
      readonly kind: "number";
      readonly form: NumberForm /** Bytes; `null` of open length. */;
      readonly width: number | null;
    }
  | { readonly kind: "checksum" };

export type NumberForm = "decimal" | "hex" | "HEX" | "little" | "big";

/** Assumed: no controller that is driven by words has a longer one. */
export const LONGEST_WORDS = 256;
const ESCAPES: Readonly<Record<string, number>> = { r: 0x0d, n: 0x0a, t: 0x09 };

/** @throws SyntaxError which says what is wrong in the technician's words */
export function parseWords(source: string, notation: Notation): readonly Word[] {
  if (source.length === 0 || source.length > LONGEST_WORDS)
    throw new SyntaxError(`must have 1 to ${LONGEST_WORDS} characters`);
  const words: Word[] = [];
  let at = 0;
  while (at < source.length) {
    const [word, used] = notation === "hex" ? hexWord(source, at) : textWord(source, at);
    if (word !== null) words.push(word);
    at += used;
  }
  if (words.filter(isOpen).length > 1)
    throw new SyntaxError("may have one part of open length (*, {text} or {value} without a width)");
  if (words.filter(({ kind }) => kind === "number" || kind === "printable").length > 1)
    throw new SyntaxError("may have one {value} or {text}");
  return merged(words);
}

/** Of open length. */
export function isOpen(word: Word): boolean {
  return word.kind === "run" || word.kind === "printable" || (word.kind === "number" && word.width === null);
}

function textWord(source: string, at: number): [Word | null, number] {
  const character = source[at] ?? "";
  if (character === "{") return placeholder(source, at, "text");
  if (character === "?") return [{ kind: "any" }, 1];
  if (character === "*") return [{ kind: "run" }, 1];
  if (character !== "\\") {
    const code = character.charCodeAt(0);
    if (code < 0x20 || code > 0x7e) throw new SyntaxError(`character ${at + 1} is not ASCII text; write it as \\xNN`);
    return [literal(code), 1];
  }
  const next = source[at + 1] ?? "";
  if (next === "x") {
    const digits = source.slice(at + 2, at + 4);
    if (!/^[0-9a-fA-F]{2}$/.test(digits))
      throw new SyntaxError(`\\x at character ${at + 1} needs two hexadecimal digits`);
    return [literal(Number.parseInt(digits, 16)), 4];
  }
  if (next === "" || !/[rnt\\{}*?]/.test(next)) throw new SyntaxError(`\\${next} at character ${at + 1} means nothing`);
  return [literal(ESCAPES[next] ?? next.charCodeAt(0)), 2];
}

function hexWord(source: string, at: number): [Word | null, number] {
  const rest = source.slice(at, at + 2);
  if (rest.startsWith(" ")) return [null, 1];
  if (rest.startsWith("{")) return placeholder(source, at, "hex");
  if (rest.startsWith("*")) return [{ kind: "run" }, 1];
  if (rest === "??") return [{ kind: "any" }, 2];
  if (!/^[0-9a-fA-F]{2}$/.test(rest))
    throw new SyntaxError(`"${rest}" at character ${at + 1} is no byte in hexadecimal`);
  return [literal(Number.parseInt(rest, 16)), 2];
}

function placeholder(source: string, at: number, notation: Notation): [Word, number] {
  const end = source.indexOf("}", at);
  const name = end < 0 ? "" : source.slice(at + 1, end);
  const used = end + 1 - at;
  if (name === "checksum") return [{ kind: "checksum" }, used];
  if (name === "text") return [{ kind: "printable" }, used];
  if (name === "value" && notation === "hex") return [{ kind: "number", form: "big", width: 1 }, used];
  if (name === "value") return [{ kind: "number", form: "decimal", width: null }, used];
  const [, form = "", digit] = /^value:(x|X|le|be|)([1-4])$/.exec(name) ?? [];
  if (digit === undefined) throw new SyntaxError(`{${name.slice(0, 20)} at character ${at + 1} is not known`);
  return [{ kind: "number", form: FORMS[form] ?? "decimal", width: Number(digit) }, used];
}

const FORMS: Readonly<Record<string, NumberForm>> = { x: "hex", X: "HEX", le: "little", be: "big" };

function literal(byte: number): Word {
  return { kind: "bytes", bytes: Buffer.of(byte) };
}

/** Neighbouring bytes made one. */
function merged(words: readonly Word[]): readonly Word[] {
  const result: Word[] = [];
  for (const word of words) {
    const last = result.at(-1);
    if (word.kind === "bytes" && last?.kind === "bytes") {
      result[result.length - 1] = { kind: "bytes", bytes: Buffer.concat([last.bytes, word.bytes]) };
    } else result.push(word);
  }
  return result;
}
