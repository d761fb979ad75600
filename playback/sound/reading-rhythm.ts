/**
 * When the clock of a card is read. A steady rhythm that is near the card's own sees it at one age for seconds, then at another, and takes that for
 * lost samples: 20 ms and what a timer adds is just what a common card takes at a time (1024 frames, 21.3 ms). Pauses by the golden ratio come near no
 * period, and any few of them see a card at all its ages.
 * Source: H. Weyl 1916, equidistribution; of all numbers the golden ratio is the hardest to approach by fractions.
 */
import type { Millis } from "../model/units.ts";

const SHORTEST: Millis = 8;
const SPAN: Millis = 24;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The pause after the `n`-th reading: 8 to 31 ms, some 20 on average. */
export function pauseAfter(n: number): Millis {
  return SHORTEST + Math.floor(SPAN * ((n * GOLDEN) % 1));
}
