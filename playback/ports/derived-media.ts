/**
 * Files made here from approved ones: a text as speech. Each is kept under (digest of its source, recipe) with its own digest, and what is
 * opened has the very bytes that were made. Losing one costs nothing but the work of making it again.
 */
import type { Refusal } from "../model/refusal.ts";
import type { Sha256 } from "../model/units.ts";

export interface OpenDerived {
  readonly sha256: Sha256;
  readonly fd: number;
  readonly sizeBytes: number;
  close(): Promise<void>;
}

export interface DerivedMedia {
  /** `null` where there is none, or it is no longer what was made. */
  open(source: Sha256, recipe: string): Promise<OpenDerived | null>;
  /** `make` writes to the path it is given, and says why it could not. @throws StationError `storage-failed` */
  make(source: Sha256, recipe: string, make: (path: string) => Promise<Refusal | null>): Promise<OpenDerived | Refusal>;
}
