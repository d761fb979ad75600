/** What the media cache is given, and what it tells. */
import type { Millis, Sha256 } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { CacheRules } from "./cache-rules.ts";
import type { Fetch } from "./download.ts";
import type { Hold } from "./fetch-queue.ts";
import type { BackOff } from "./retry.ts";

export type MediaEvent =
  | {
      readonly kind: "downloaded";
      readonly sha256: Sha256;
      readonly url: string;
      readonly bytes: number;
      readonly tookMs: Millis;
    }
  | {
      readonly kind: "failed";
      readonly sha256: Sha256;
      readonly url: string | null;
      readonly problem: string;
      readonly retryInMs: Millis;
    }
  | { readonly kind: "quarantined"; readonly sha256: Sha256; readonly problem: string; readonly strikes: number }
  | { readonly kind: "evicted"; readonly sha256: Sha256; readonly bytes: number }
  /** The disk failed under the cache's own housekeeping, which tries again. */
  | { readonly kind: "fault"; readonly problem: string };

export interface MediaStatus {
  readonly sha256: Sha256;
  /** `quarantined`: was found altered and is not fetched again yet. The holds say why it is not fetched at all. */
  readonly state: "present" | "downloading" | "missing" | "quarantined" | Hold;
  /** Of the object, or of what of it has arrived. */
  readonly bytes: number;
}

/** Where the cache stands against its rules, as it last looked. */
export interface CacheAccount {
  readonly usedBytes: number;
  /** What it may use: of the quota and of what is free beyond the reserve. */
  readonly capacityBytes: number;
  readonly freeBytes: number;
  /** Body bytes of downloads on this local day and in its month, without and with pinned media. */
  readonly dayBytes: number;
  readonly monthBytes: number;
  readonly exemptMonthBytes: number;
  /** Needed or pinned, and no room even after everything else has left. */
  readonly squeezed: readonly Sha256[];
  readonly overBudget: readonly Sha256[];
  readonly givenUp: readonly Sha256[];
}

export interface MediaCacheOptions {
  readonly clock: Clock;
  readonly onEvent?: (kind: MediaEvent["kind"], fields: MediaEvent) => void;
  /** Default the runtime's own. */
  readonly fetch?: Fetch;
  readonly backOff?: BackOff;
  /** Gives up on an address when no byte came for this long, or fewer than 64 KB in six times as long. Default 10,000. */
  readonly stallMs?: Millis;
  /** Between 0 and 1, for the jitter. */
  readonly random?: () => number;
  /** What may be taken of disk and network, until `setRules` says otherwise. Default no limits. */
  readonly rules?: CacheRules;
  /** Bytes free on the disk; default what the file system says. */
  readonly free?: () => Promise<number>;
}
