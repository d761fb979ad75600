import { createHash } from "node:crypto";
import type { Sha256 } from "../model/units.ts";

/** Digest of a text as documents approve it, spoken or shown: SHA-256 of its NFC UTF-8 bytes. */
export function textDigest(text: string): Sha256 {
  return createHash("sha256").update(text.normalize("NFC"), "utf8").digest("hex") as Sha256;
}
