/** The cache of approved media, as playback sees it. */
import type { Refusal } from "../model/refusal.ts";
import type { Millis, Sha256 } from "../model/units.ts";

/** A file whose bytes were just verified against its digest, held open so that what plays is what was verified. */
export interface OpenMedia {
  readonly sha256: Sha256;
  /** File descriptor, readable and seekable; valid until `close`. */
  readonly fd: number;
  /** IANA media type, as approved. */
  readonly type: string;
  /** As approved, until the decoder knows better. */
  readonly durationMs: Millis;
  close(): Promise<void>;
}

export interface MediaLibrary {
  /** Whether it is approved and here, as far as is known without reading it. */
  has(sha256: Sha256): boolean;
  /** Verifies and opens; a refusal says `digest-not-approved`, `media-missing` or `media-altered`. */
  open(sha256: Sha256): Promise<OpenMedia | Refusal>;
}

export function isRefusal(value: object): value is Refusal {
  return "reason" in value;
}
