/** What the media cache is given, and what it tells. */
import type { Millis, Sha256 } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Fetch } from "./download.ts";
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
  | { readonly kind: "quarantined"; readonly sha256: Sha256; readonly problem: string };

export interface MediaStatus {
  readonly sha256: Sha256;
  /** `quarantined`: was found altered and is not fetched again yet. */
  readonly state: "present" | "downloading" | "missing" | "quarantined";
  /** Of the object, or of what of it has arrived. */
  readonly bytes: number;
}

export interface MediaCacheOptions {
  readonly clock: Clock;
  readonly onEvent?: (kind: MediaEvent["kind"], fields: MediaEvent) => void;
  /** Default the runtime's own. */
  readonly fetch?: Fetch;
  readonly backOff?: BackOff;
  /** Gives up on an address when no byte came for this long. Default 10,000. */
  readonly stallMs?: Millis;
  /** Between 0 and 1, for the jitter. */
  readonly random?: () => number;
}
