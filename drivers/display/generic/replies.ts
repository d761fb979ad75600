/** Where an answer ends, for controllers that are described by words. Pure. */
import type { Take } from "../../bus/connection.ts";
import { shown, WireFault } from "../../bus/wire-fault.ts";

export type ReplyEnd =
  /** After these bytes, which belong to it. */
  | { readonly endsWith: Uint8Array }
  /** After so many bytes. */
  | { readonly length: number }
  /** The byte at `lengthAt`, plus `plus`, is its length. */
  | { readonly lengthAt: number; readonly plus: number };

/** No answer is longer. */
export const LONGEST_REPLY = 512;

/** @throws WireFault for an answer without end */
export function takeReply(end: ReplyEnd): Take<Buffer> {
  return (bytes) => {
    const length = lengthOf(bytes, end);
    if ((length ?? bytes.length) > LONGEST_REPLY) throw new WireFault(`an answer without end: ${shown(bytes)}`);
    if (length === null || bytes.length < length) return { used: 0, message: null };
    return { used: length, message: Buffer.from(bytes.subarray(0, length)) };
  };
}

function lengthOf(bytes: Buffer, end: ReplyEnd): number | null {
  if ("length" in end) return end.length;
  if ("lengthAt" in end) {
    const said = bytes[end.lengthAt];
    return said === undefined ? null : said + end.plus;
  }
  const found = bytes.indexOf(end.endsWith);
  return found < 0 ? null : found + end.endsWith.length;
}
