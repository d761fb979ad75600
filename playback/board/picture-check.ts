/**
 * Looks at the first bytes of what a face is to show before a browser gets them: whether they are what was approved, and whether a picture
 * is small enough to be unpacked. A file of a few kilobytes can ask for gigabytes of pixels.
 */
import { imageSize } from "image-size";
import type { Size } from "../model/board.ts";
import { type Refusal, refusal } from "../model/refusal.ts";

/** Enough for the size of a JPEG behind its thumbnails and colour profiles. */
export const HEAD_BYTES = 512 * 1024;
/** Unpacked that is 160 MB; Assumed: no camera's picture that a board could use is larger. */
const MOST_PIXELS = 40_000_000;
const LONGEST_SIDE = 16_384;

/** What faces show; anything else, SVG above all, is no picture. */
type Kind = "png" | "jpg" | "mp4";
const KINDS: Readonly<Record<string, Kind>> = { "image/png": "png", "image/jpeg": "jpg", "video/mp4": "mp4" };

const BEGINNINGS: Readonly<Record<Kind, (head: Uint8Array) => boolean>> = {
  png: (head) => Buffer.from(head.subarray(0, 8)).equals(Buffer.from("89504e470d0a1a0a", "hex")),
  jpg: (head) => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff,
  mp4: (head) => Buffer.from(head.subarray(4, 8)).toString("latin1") === "ftyp",
};

/** The size of a picture as it will stand (turned as its EXIF says), `null` for a video; or why it is not shown. */
export function checkVisual(type: string, head: Uint8Array): { readonly size: Size | null } | Refusal {
  const kind = KINDS[type];
  if (kind === undefined) return refusal("media-unplayable", `a face does not show '${type}'`);
  // The library tries many formats: only bytes that begin as approved reach it.
  if (!BEGINNINGS[kind](head)) return refusal("media-unplayable", `its bytes are not ${type}`);
  if (kind === "mp4") return { size: null };
  const found = sizeOf(head);
  if (found === null || found.type !== kind)
    return refusal("media-unplayable", "the size of the picture cannot be read");
  const { width, height, orientation = 1 } = found;
  if (width < 1 || height < 1 || Math.max(width, height) > LONGEST_SIDE || width * height > MOST_PIXELS) {
    return refusal("media-unplayable", `a picture of ${width} × ${height} pixels is too large to unpack`);
  }
  return { size: orientation >= 5 ? { width: height, height: width } : { width, height } };
}

function sizeOf(head: Uint8Array): ReturnType<typeof imageSize> | null {
  try {
    return imageSize(head);
  } catch (error) {
    // The library throws TypeError and RangeError at bytes that it cannot read; both say the same.
    if (error instanceof Error) return null;
    throw error;
  }
}
