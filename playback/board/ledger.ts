/**
 * What one face really showed, from taking something up to leaving it: how long its page confirmed it by round trips, which items were painted,
 * what failed, and what the pictures of it looked like. Becomes one record of the journal.
 */
import type { Instant, Millis, Sha256 } from "../model/units.ts";
import type { ScreenReport } from "../ports/screen.ts";
import type { Verdict } from "./picture-judge.ts";

/** What is shown, and who stands behind it. */
export interface ShownHeader {
  readonly face: string;
  /** Key of the playlist's slot, `alert` or `pattern`. */
  readonly showing: string;
  readonly title: string;
  /** Digests of the signed documents behind it, none for a pattern. */
  readonly documents: readonly Sha256[];
}

/** How a picture of the face was judged. */
export interface LookedAt {
  readonly at: Instant;
  readonly verdict: Verdict;
  /** Equal only for the same pixels. */
  readonly pixels: string;
  /** SHA-256 of the thumbnail that was kept; `null` where none was. */
  readonly thumbnail: string | null;
}

export interface ShownRecord extends ShownHeader {
  readonly from: Instant;
  readonly to: Instant;
  /** For how long the page said that it painted this. */
  readonly confirmedMs: Millis;
  readonly frames: number;
  readonly worstFrameMs: Millis;
  /** `region/item`, each with the number of reports that found it painted. */
  readonly items: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  readonly looks: readonly LookedAt[];
  /** It goes on in another record. */
  readonly goesOn: boolean;
}

const MOST_ITEMS = 200;
const MOST_FAULTS = 20;
const MOST_LOOKS = 50;
/** A page that reports less often than this confirmed nothing in between. */
const LONGEST_BETWEEN: Millis = 5_000;

export class ShownLedger {
  readonly #header: ShownHeader;
  readonly #from: Instant;
  readonly #items = new Map<string, number>();
  readonly #faults = new Set<string>();
  readonly #looks: LookedAt[] = [];
  #last: ScreenReport | null = null;
  #confirmed: Millis = 0;
  #frames = 0;
  #worst: Millis = 0;

  constructor(header: ShownHeader, from: Instant) {
    this.#header = header;
    this.#from = from;
  }

  get header(): ShownHeader {
    return this.#header;
  }

  get from(): Instant {
    return this.#from;
  }

  get lastLook(): LookedAt | null {
    return this.#looks.at(-1) ?? null;
  }

  /** A round trip; counts where the page shows this on this face. */
  report(report: ScreenReport): void {
    const seen = report.faces.find(({ face }) => face === this.#header.face);
    if (seen === undefined || seen.showing !== this.#header.showing) {
      this.#last = null;
      return;
    }
    const before = this.#last;
    this.#last = report;
    for (const item of seen.items) {
      if (this.#items.size < MOST_ITEMS || this.#items.has(item))
        this.#items.set(item, (this.#items.get(item) ?? 0) + 1);
    }
    for (const fault of seen.faults) if (this.#faults.size < MOST_FAULTS) this.#faults.add(fault);
    if (before === null) return;
    // A page that was loaded anew counts its frames anew.
    this.#frames += Math.max(0, report.frames - before.frames);
    this.#worst = Math.max(this.#worst, report.worstFrameMs);
    const between = report.heardAt - before.heardAt;
    if (between <= LONGEST_BETWEEN) this.#confirmed += between;
  }

  look(look: LookedAt): void {
    this.#looks.push(look);
    if (this.#looks.length > MOST_LOOKS) this.#looks.shift();
  }

  close(to: Instant, goesOn: boolean): ShownRecord {
    return {
      ...this.#header,
      ...{ from: this.#from, to, goesOn },
      confirmedMs: Math.round(this.#confirmed),
      frames: this.#frames,
      worstFrameMs: Math.round(this.#worst),
      items: Object.fromEntries(this.#items),
      faults: [...this.#faults],
      looks: this.#looks,
    };
  }
}
