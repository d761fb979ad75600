/** How far off a sound was and for how long, in bounded memory however long it plays. */
import type { Millis } from "../model/units.ts";
import type { Samples } from "./units.ts";

const BUCKET: Millis = 0.05;
/** Up to 100 ms; what is beyond counts as that much in the percentile, the worst is kept as it was. */
const BUCKETS = 2_000;
/** What lies between two notes further apart than a second was not watched. */
const LONGEST: Samples = 48_000;

export class OffsetHistogram {
  readonly #heard = new Float64Array(BUCKETS + 1);
  #total: Samples = 0;
  #worst: Millis = 0;
  #last: Samples | null = null;

  /** It was off by so much since the last call, up to this sample. */
  add(offset: Millis, heard: Samples): void {
    const since = Math.min(LONGEST, Math.max(0, heard - (this.#last ?? heard - 1)));
    this.#last = heard;
    const bucket = Math.min(BUCKETS, Math.floor(Math.abs(offset) / BUCKET));
    this.#heard[bucket] = (this.#heard[bucket] ?? 0) + since;
    this.#total += since;
    if (Math.abs(offset) > Math.abs(this.#worst)) this.#worst = offset;
  }

  /** Worst with its sign (positive is late), and what 95 % of the time stayed within; `null` where nothing was noted. */
  spread(): { readonly worstMs: Millis; readonly p95Ms: Millis } | null {
    if (this.#total === 0) return null;
    let sum = 0;
    const bucket = this.#heard.findIndex((heard) => {
      sum += heard;
      return sum >= this.#total * 0.95;
    });
    return { worstMs: this.#worst, p95Ms: Math.min((bucket + 1) * BUCKET, Math.abs(this.#worst)) };
  }
}
