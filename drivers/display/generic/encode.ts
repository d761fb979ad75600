/** From words to the bytes that are sent. Pure. */
import { type ChecksumName, checksumBytes } from "../../bus/checksums.ts";
import type { Notation, NumberForm, Word } from "./words.ts";

export interface ChecksumRule {
  readonly kind: ChecksumName;
  /** Bytes at the start that do not count. Default 0. */
  readonly from?: number | undefined;
}

export interface Wording {
  readonly notation: Notation;
  readonly checksum: ChecksumRule | null;
}

/** `any` becomes a zero, a run nothing: only simulators send those. @throws RangeError where a value does not fit or there is no checksum rule */
export function encodeWords(words: readonly Word[], wording: Wording, value = 0, text = ""): Buffer {
  let bytes = Buffer.alloc(0);
  for (const word of words) bytes = Buffer.concat([bytes, encoded(word, bytes, wording, value, text)]);
  return bytes;
}

function encoded(word: Word, before: Uint8Array, wording: Wording, value: number, text: string): Buffer {
  switch (word.kind) {
    case "bytes":
      return word.bytes;
    case "any":
      return Buffer.of(wording.notation === "hex" ? 0 : 0x30);
    case "run":
      return Buffer.alloc(0);
    case "printable":
      return Buffer.from(text, "latin1");
    case "number":
      return encodedNumber(value, word.form, word.width);
    case "checksum":
      return checksumOn(before, wording);
  }
}

/** As it is written after these bytes. */
export function checksumOn(before: Uint8Array, { notation, checksum }: Wording): Buffer {
  if (checksum === null) throw new RangeError("{checksum} is used and no checksum is named");
  const raw = checksumBytes(checksum.kind, before.subarray(checksum.from ?? 0));
  return notation === "hex" ? raw : Buffer.from(raw.toString("hex").toUpperCase(), "latin1");
}

function encodedNumber(value: number, form: NumberForm, width: number | null): Buffer {
  if (form === "little" || form === "big") {
    const bytes = Buffer.alloc(width ?? 1);
    if (form === "little") bytes.writeUIntLE(value, 0, bytes.length);
    else bytes.writeUIntBE(value, 0, bytes.length);
    return bytes;
  }
  const digits = value.toString(form === "decimal" ? 10 : 16).padStart(width ?? 1, "0");
  if (width !== null && digits.length > width) throw new RangeError(`${value} does not fit into ${width} digits`);
  return Buffer.from(form === "HEX" ? digits.toUpperCase() : digits, "latin1");
}
