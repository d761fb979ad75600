/** Levels of stretches of a recording, and sound that nobody planned. Positions in samples at 48 kHz, levels in dBFS. */

const RATE = 48_000;

/** RMS and peak of a stretch; outside the recording there is silence. */
export function levelBetween(
  samples: Float32Array,
  from: number,
  to: number,
): { readonly rms: number; readonly peak: number } {
  let squares = 0;
  let peak = 0;
  const first = Math.max(0, Math.round(from));
  const last = Math.min(samples.length, Math.round(to));
  for (let at = first; at < last; at++) {
    const value = samples[at] ?? 0;
    squares += value * value;
    peak = Math.max(peak, Math.abs(value));
  }
  return { rms: 10 * Math.log10(squares / Math.max(1, to - from)), peak: 20 * Math.log10(peak) };
}

/** A stretch from the first sample to the one after the last. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Sound that no plan explains. */
export interface UnexplainedSound extends Interval {
  readonly peakDb: number;
}

/** How strictly to look. */
export interface UnexplainedOptions {
  /** RMS over 20 ms above which something sounds; default −55. */
  readonly thresholdDb?: number;
  /** How far a planned sound may stand over its interval at both ends; default 100 ms. */
  readonly marginMs?: number;
}

/** Stretches louder than the threshold outside all explained intervals; those closer than 100 ms are one. */
export function unexplainedSound(
  recording: Float32Array,
  explained: readonly Interval[],
  options: UnexplainedOptions = {},
): UnexplainedSound[] {
  const { thresholdDb = -55, marginMs = 100 } = options;
  const margin = (marginMs * RATE) / 1_000;
  const window = RATE / 50;
  const found: UnexplainedSound[] = [];
  for (let from = 0; from < recording.length; from += window) {
    const to = Math.min(recording.length, from + window);
    if (explained.some((interval) => from >= interval.from - margin && to <= interval.to + margin)) continue;
    // The part of a window that is explained is not held against it.
    const open = outside({ from, to }, explained, margin);
    const level = levelBetween(recording, open.from, open.to);
    if (open.to <= open.from || level.rms < thresholdDb) continue;
    const last = found.at(-1);
    if (last && open.from - last.to < RATE / 10) {
      found[found.length - 1] = { from: last.from, to: open.to, peakDb: Math.max(last.peakDb, level.peak) };
    } else found.push({ ...open, peakDb: level.peak });
  }
  return found;
}

/** Moments in which a sound is silent for longer than `longerThan` samples: stretches below an amplitude. */
export function gapsIn(samples: Float32Array, below: number, longerThan: number): Interval[] {
  const gaps: Interval[] = [];
  let from = 0;
  for (let at = 0; at <= samples.length; at++) {
    if (at < samples.length && Math.abs(samples[at] ?? 0) < below) continue;
    if (at - from > longerThan) gaps.push({ from, to: at });
    from = at + 1;
  }
  return gaps;
}

function outside(part: Interval, explained: readonly Interval[], margin: number): Interval {
  let { from, to } = part;
  for (const interval of explained) {
    if (interval.from - margin <= from && interval.to + margin > from) from = Math.min(to, interval.to + margin);
    if (interval.from - margin < to && interval.to + margin >= to) to = Math.max(from, interval.from - margin);
  }
  return { from: Math.round(from), to: Math.round(to) };
}
