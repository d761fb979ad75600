/**
 * The verdict of the ear: whether a planned item stands in the recording, where, and how much of it. Pure, and knows nothing of what the
 * station says of itself.
 */
import { type Coverage, coverage, coverageFromEnd, findBeginning, findEnd } from "../support/sound/coverage.ts";
import { type Interval, unexplainedSound } from "../support/sound/levels.ts";
import { type Expectation, WALL_TOLERANCE_MS } from "./plan.ts";

const RATE = 48_000;
const WHOLE = 0.98;
/** To either side of where an item should begin; what is missing there is looked for this far away, to say where it went. */
const NEAR_MS = 1_000;
const FAR_MS = 10_000;

/** A recording with a time for each sample; the Recorder is one. */
export interface Heard {
  samples(): Float32Array;
  sampleAt(wall: number): number;
  wallTimeOf(sample: number): number;
}

export type Fault = "not-heard" | "wrong-time" | "incomplete" | "not-cut" | "repeated" | "out-of-order";

export interface Verdict {
  readonly id: string;
  readonly title: string;
  /** Wall times in milliseconds; `plannedAt` is `null` while what it follows has not been found. */
  readonly plannedAt: number | null;
  readonly foundAt: number | null;
  /** Where the last of it ends. */
  readonly endedAt: number | null;
  readonly startErrorMs: number | null;
  /** Of the recording that was looked for, and how much of it was heard (more, where some was heard twice). */
  readonly expectedMs: number;
  readonly lengthMs: number;
  /** Places where the sound stood still for a moment; what was heard around them counts. */
  readonly breaks: number;
  readonly score: number;
  readonly verdict: "heard" | Fault;
  /** Where it was heard, in samples. */
  readonly parts: readonly Interval[];
}

/** What the beginning of items is measured against. */
export interface Reference {
  readonly t0: number;
  readonly alertAt: number | null;
  /** What was found before, by id. */
  readonly earlier: ReadonlyMap<string, Verdict>;
}

export function judge(expected: Expectation, source: Float32Array, heard: Heard, reference: Reference): Verdict {
  const recording = heard.samples();
  const plannedAt = plannedStart(expected, reference);
  const around = heard.sampleAt(plannedAt ?? reference.t0 + expected.fromS * 1_000);
  const head =
    findBeginning(recording, source, nearby(around, NEAR_MS)) ??
    findBeginning(recording, source, nearby(around, FAR_MS));
  const base = {
    id: expected.id,
    title: expected.title,
    plannedAt,
    expectedMs: ms(source.length),
    score: head?.score ?? 0,
  };
  if (head === null) {
    return {
      ...base,
      foundAt: null,
      endedAt: null,
      startErrorMs: null,
      lengthMs: 0,
      breaks: 0,
      verdict: "not-heard",
      parts: [],
    };
  }
  const foundAt = heard.wallTimeOf(head.sample);
  const startErrorMs = plannedAt === null ? null : foundAt - plannedAt;
  const first = coverage(recording, source, head.sample);
  const parts: Coverage[] = [first];
  if (expected.cut !== null && first.matched < source.length) {
    const furthest = nearby(head.sample + source.length + FAR_MS * 48, FAR_MS + NEAR_MS);
    const last = findEnd(recording, source, furthest);
    if (last !== null) parts.push(coverageFromEnd(recording, source, last.sample));
  }
  const length = parts.reduce((sum, { matched }) => sum + matched, 0);
  const breaks = parts.reduce((sum, part) => sum + part.breaks, 0);
  const measured = { ...base, foundAt, startErrorMs, lengthMs: ms(length), breaks, parts };
  const endedAt = heard.wallTimeOf(parts.at(-1)?.to ?? head.sample);
  return {
    ...measured,
    endedAt,
    verdict: fault(expected, measured, first.matched >= source.length * WHOLE) ?? "heard",
  };
}

function fault(
  expected: Expectation,
  found: Pick<Verdict, "startErrorMs" | "lengthMs" | "expectedMs">,
  wholeAtOnce: boolean,
): Fault | null {
  const { startErrorMs, lengthMs, expectedMs } = found;
  if (startErrorMs === null) return "out-of-order";
  const { start, cut } = expected;
  const [least, most] = start.kind === "wall" ? [-WALL_TOLERANCE_MS, WALL_TOLERANCE_MS] : [-20, start.withinMs];
  if (startErrorMs < least || startErrorMs > most) return start.kind === "after" ? "out-of-order" : "wrong-time";
  if (lengthMs < expectedMs * WHOLE) return "incomplete";
  if (cut !== null && wholeAtOnce) return "not-cut";
  return cut !== null && lengthMs > expectedMs + cut.repeatMs ? "repeated" : null;
}

function plannedStart({ start }: Expectation, { t0, alertAt, earlier }: Reference): number | null {
  if (start.kind === "wall") return t0 + start.atS * 1_000;
  return start.kind === "alert" ? alertAt : (earlier.get(start.id)?.endedAt ?? null);
}

/** Sound that no found item explains. */
export interface Unplanned {
  readonly at: number;
  readonly lengthMs: number;
  readonly peakDb: number;
}

/** All sound before `until` (a wall time) that none of the verdicts explains. */
export function unplanned(verdicts: readonly Verdict[], heard: Heard, until: number): Unplanned[] {
  const recording = heard.samples().subarray(0, Math.max(0, heard.sampleAt(until)));
  const explained = verdicts.flatMap(({ parts }) => parts);
  return unexplainedSound(recording, explained).map(({ from, to, peakDb }) => ({
    at: heard.wallTimeOf(from),
    lengthMs: ms(to - from),
    peakDb,
  }));
}

function nearby(sample: number, withinMs: number) {
  return { sample, within: (withinMs * RATE) / 1_000 };
}

function ms(samples: number): number {
  return (samples * 1_000) / RATE;
}
