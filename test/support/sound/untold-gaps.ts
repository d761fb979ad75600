/** Holds the gaps that were heard against what the journal says of the same time. Pure. */
import type { Gap } from "./gap-listener.ts";

/** One unbroken stretch of one item, as the journal has it. Wall times. */
export interface WrittenStretch {
  readonly from: number;
  readonly to: number;
  readonly breaks: number;
}

/** What tears again within this is the same break: the engine needs a second and a half of a steady clock to tell one from the next. */
const EPISODE_MS = 1_500;
/** From a break until it is noticed. */
export const NOTICED_WITHIN_MS = 1_300;
/** What the listener's clock may be off. */
const ALIGNED_MS = 100;
/** Items that join to the sample leave less than this between them. */
const HOLE_MS = 3;

export interface GapVerdict {
  /** Between two stretches, where the journal says that nothing sounded: one programme gave way to another. */
  readonly between: readonly Gap[];
  /** Breaks, several gaps of which may be one. */
  readonly episodes: number;
  /** The first gap of each break that no stretch has written down. */
  readonly untold: readonly Gap[];
}

export function judgeGaps(gaps: readonly Gap[], stretches: readonly WrittenStretch[]): GapVerdict {
  const silences = silencesBetween(stretches);
  const isBetween = ({ at, ms }: Gap) =>
    silences.some(
      ({ from, to }) => from <= at + ALIGNED_MS && to >= at - ms - ALIGNED_MS && ms <= to - from + ALIGNED_MS,
    );
  const between = gaps.filter(isBetween);
  const torn = gaps.filter((gap) => !between.includes(gap));
  const episodes = torn.filter(({ at }, n) => n === 0 || at - (torn[n - 1]?.at ?? 0) > EPISODE_MS);
  // A gap takes the stretch that ends first of those that fit: a later gap may fit none but the others.
  const written = stretches.map((stretch) => ({ ...stretch })).sort((a, b) => a.to - b.to);
  const untold = episodes.filter(({ at, ms }) => {
    const stretch = written.find(
      ({ from, to, breaks }) => breaks > 0 && from <= at + NOTICED_WITHIN_MS && to >= at - ms - ALIGNED_MS,
    );
    if (stretch === undefined) return true;
    stretch.breaks -= 1;
    return false;
  });
  return { between, episodes: episodes.length, untold };
}

/** Where no stretch claims to have sounded. */
function silencesBetween(stretches: readonly WrittenStretch[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let reached = Number.POSITIVE_INFINITY;
  for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
    if (from - reached >= HOLE_MS) found.push({ from: reached, to: from });
    reached = Math.max(to, Number.isFinite(reached) ? reached : to);
  }
  return found;
}
