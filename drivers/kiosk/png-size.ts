/** The size of a picture from its first bytes, without decoding it. Source: PNG (ISO/IEC 15948), 11.2.1: IHDR comes first. */
import type { Size } from "../../playback/model/board.ts";
import { StationError } from "../../playback/model/station-error.ts";

const HEAD = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** @throws StationError `child-failed` for what is no PNG */
export function sizeOfPng(png: Uint8Array): Size {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (bytes.length < 24 || !bytes.subarray(0, 8).equals(HEAD)) {
    throw new StationError("child-failed", "chromium: a screenshot that is no PNG");
  }
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
