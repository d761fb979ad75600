/** Holds the gaps that were heard against what was planned and what was written down. Pure. */
import type { Gap } from "./gap-listener.ts";

/** One unbroken stretch of one item, as the journal has it. Wall times. */
export interface WrittenStretch {
  readonly from: number;
  readonly to: number;
  readonly breaks: number;
}

/** What tears again within this is the same break: the engine needs a second of a steady clock to tell one from the next. */
const EPISODE_MS = 1_200;
/** From a break until it is noticed, and what a listener's clock is off. */
const NOTICED_WITHIN_MS = 1_200;
/** A hand-over from one programme to another is planned; it fades one out and the other in. */
const HAND_OVER = { withinMs: 400, longestMs: 150 };

export interface GapVerdict {
  readonly planned: readonly Gap[];
  /** Breaks, several gaps of which may be one. */
  readonly episodes: number;
  /** The first gap of each break that no stretch has written down. */
  readonly untold: readonly Gap[];
}

/** `handOvers`: wall times at which one programme gave way to another. */
export function judgeGaps(
  gaps: readonly Gap[],
  stretches: readonly WrittenStretch[],
  handOvers: readonly number[],
): GapVerdict {
  const isPlanned = ({ at, ms }: Gap) =>
    ms <= HAND_OVER.longestMs && handOvers.some((edge) => Math.abs(at - edge) <= HAND_OVER.withinMs);
  const planned = gaps.filter(isPlanned);
  const torn = gaps.filter((gap) => !planned.includes(gap));
  const episodes = torn.filter(({ at }, n) => n === 0 || at - (torn[n - 1]?.at ?? 0) > EPISODE_MS);
  const written = stretches.map((stretch) => ({ ...stretch }));
  const untold = episodes.filter(({ at, ms }) => {
    const stretch = written.find(
      ({ from, to, breaks }) => breaks > 0 && from <= at + NOTICED_WITHIN_MS && to >= at - ms - HAND_OVER.withinMs,
    );
    if (stretch === undefined) return true;
    stretch.breaks -= 1;
    return false;
  });
  return { planned, episodes: episodes.length, untold };
}
