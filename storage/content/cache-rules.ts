/** What the cache may take of disk and network. Changeable while it runs; the caller merges what was installed with what was signed. */
import type { LocalDate } from "../../playback/model/schedule.ts";
import { DAY, type Instant, type Millis } from "../../playback/model/units.ts";

export interface CacheRules {
  /** What objects and unfinished files may take together. */
  readonly quotaBytes: number;
  /** Stays free on the disk whatever the quota says: it is the database's. */
  readonly reserveBytes: number;
  /** Address prefixes asked before the approval's own, as `<mirror>/<sha256>`. */
  readonly mirrors: readonly string[];
  /** What downloads may cost in a local day and a local month; `null` is no limit. Pinned media are exempt, and counted apart. */
  readonly dayBytes: number | null;
  readonly monthBytes: number | null;
  /** When downloads that nobody waits for may next begin; `null` where they may now. */
  readonly opensAt: (now: Instant) => Instant | null;
  /** The station's local date: this layer knows no zones. */
  readonly dateOf: (at: Instant) => LocalDate;
  /** Every object is read again once in about this time. */
  readonly scrubEveryMs: Millis;
}

/** No limits, dates in UTC. */
export const NO_RULES: CacheRules = {
  quotaBytes: Number.MAX_SAFE_INTEGER,
  reserveBytes: 0,
  mirrors: [],
  dayBytes: null,
  monthBytes: null,
  opensAt: () => null,
  dateOf: (at) => new Date(at).toISOString().slice(0, 10),
  scrubEveryMs: 7 * DAY,
};
