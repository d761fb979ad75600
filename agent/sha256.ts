import { createHash } from "node:crypto";
import type { Sha256 } from "../playback/model/units.ts";

/** SHA-256 of bytes, or of a text in UTF-8. What is too large to hold is digested in pieces where it is read. */
export function sha256Of(content: string | Uint8Array): Sha256 {
  return createHash("sha256").update(content).digest("hex") as Sha256;
}
