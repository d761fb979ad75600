/**
 * Bounds what one slot's record holds. A jingle of ten seconds that loops for a day is 8,640 stretches, some 5 MB: no broker takes such a message, and
 * what stands behind it would never leave. Beyond a bound, stretches that say the same of the same item become one that stands for all of them. Pure.
 */
import { amplitudeOf, type Decibels } from "../playback/model/units.ts";
import type { Segment } from "../playback/ports/play-log.ts";

/** A programme has at most 200 items; at some 650 bytes each this is a quarter of the least that brokers take (1 MB). */
export const MOST_SEGMENTS = 400;

/** One stretch, or several: `toMs − fromMs` is then their length all together, and what is measured is of all. */
export type FoldedSegment = Segment & { readonly times?: number | undefined };

export function foldSegments(segments: readonly Segment[], most = MOST_SEGMENTS): readonly FoldedSegment[] {
  if (segments.length <= most) return segments;
  const alike = Map.groupBy(segments, ({ itemId, sha256, outcome, amplifier, refusal, live }) =>
    JSON.stringify([itemId, sha256, outcome, amplifier, refusal?.reason, live?.source, live?.state]),
  );
  return [...alike.values()].map(fold);
}

function fold(alike: readonly Segment[]): FoldedSegment {
  const first = alike[0] as Segment;
  const last = alike.at(-1) as Segment;
  if (alike.length === 1) return first;
  const sum = (value: (segment: Segment) => number) => alike.reduce((total, segment) => total + value(segment), 0);
  const breaks = sum((segment) => segment.breaks ?? 0);
  const { inStep, ...rest } = first;
  return {
    ...rest,
    times: alike.length,
    toMs: first.fromMs + sum(({ fromMs, toMs }) => toMs - fromMs),
    startedAt: alike.find(({ startedAt }) => startedAt !== null)?.startedAt ?? null,
    endedAt: alike.findLast(({ endedAt }) => endedAt !== null)?.endedAt ?? null,
    rms: meanLevel(alike),
    peak: highest(alike.map(({ peak }) => peak)),
    audibleMs: sum(({ audibleMs }) => audibleMs),
    ...(breaks === 0 ? {} : { breaks }),
    ...(inStep === undefined ? {} : { inStep: worstInStep(alike) }),
    // How well the clock was kept, and what was done to the loudness, may have changed: the last word counts.
    ...(last.clock === undefined ? {} : { clock: last.clock }),
    ...(last.levelling === undefined ? {} : { levelling: last.levelling }),
  };
}

/** Of the energy of all, each weighed by how long it was heard. */
function meanLevel(segments: readonly Segment[]): Decibels | null {
  const heard = segments.filter(({ rms, audibleMs }) => rms !== null && audibleMs > 0);
  const length = heard.reduce((total, { audibleMs }) => total + audibleMs, 0);
  if (length === 0) return highest(segments.map(({ rms }) => rms));
  const energy = heard.reduce((total, { rms, audibleMs }) => total + amplitudeOf(rms ?? 0) ** 2 * audibleMs, 0);
  return 10 * Math.log10(energy / length);
}

function highest(levels: readonly (Decibels | null)[]): Decibels | null {
  const known = levels.filter((level) => level !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function worstInStep(segments: readonly Segment[]): NonNullable<Segment["inStep"]> {
  const all = segments.flatMap(({ inStep }) => inStep ?? []);
  const sum = (value: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + value(one), 0);
  return {
    worstMs: all.reduce((worst, { worstMs }) => (Math.abs(worstMs) > Math.abs(worst) ? worstMs : worst), 0),
    p95Ms: Math.max(...all.map(({ p95Ms }) => p95Ms)),
    pulledMs: sum(({ pulledMs }) => pulledMs),
    inPauses: sum(({ inPauses }) => inPauses),
    afterBreaks: sum(({ afterBreaks }) => afterBreaks),
  };
}
