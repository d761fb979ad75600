/** How fast an offset changes: the median slope between points of the last minute, which no single bad second moves. */
import type { Millis, Monotonic } from "../model/units.ts";
import { ordered } from "./ordered.ts";

const POINT_EVERY: Millis = 1_000;
const KEPT: Millis = 60_000;
/** From here on the noise of a reading, some tenths of a millisecond, looks like 40 ppm at most; a card may be off by more. */
const USABLE_AFTER: Millis = 5_000;
const KNOWN_AFTER: Millis = 28_000;
/** Beyond this it is no crystal. Source: crystals of sound cards are within 100 ppm; PulseAudio's null sink was 300 off. */
const WIDEST = 1e-3;

interface Point {
  readonly at: Monotonic;
  readonly offset: Millis;
}

export class RateEstimate {
  #points: Point[] = [];
  #slope = 0;
  #known = false;

  /** A point, taken where the last one is a second old. */
  add(at: Monotonic, offset: () => Millis): void {
    if (at - (this.#points.at(-1)?.at ?? Number.NEGATIVE_INFINITY) < POINT_EVERY) return;
    this.#points.push({ at, offset: offset() });
    while ((this.#points[0]?.at ?? at) < at - KEPT) this.#points.shift();
    const span = at - (this.#points[0]?.at ?? at);
    // After a restart the rate of before is better than one from a few seconds.
    if (span < (this.#known ? KNOWN_AFTER : USABLE_AFTER)) return;
    this.#known ||= span >= KNOWN_AFTER;
    this.#slope = Math.max(-WIDEST, Math.min(WIDEST, medianSlope(this.#points, span / 3)));
  }

  /** The offset jumped: the points of before no longer count, what is known of the rate does. */
  restart(): void {
    this.#points = [];
  }

  /** Change per millisecond; 0 while unknown. */
  slope(): number {
    return this.#slope;
  }

  /** Whether it stands on half a minute at least. */
  isKnown(): boolean {
    return this.#known;
  }
}

/** Theil–Sen estimator over pairs at least `apart` from each other. */
function medianSlope(points: readonly Point[], apart: Millis): number {
  const slopes: number[] = [];
  for (const [n, first] of points.entries()) {
    for (const second of points.slice(n + 1)) {
      if (second.at - first.at >= apart) slopes.push((second.offset - first.offset) / (second.at - first.at));
    }
  }
  return ordered(slopes, (slope) => slope)[slopes.length >> 1] ?? 0;
}
