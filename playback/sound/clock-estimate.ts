/**
 * When a rendered sample is heard: the offset between the audio clock and the monotonic one, estimated without rest.
 *
 * The audio clock moves in steps of one period of the card and is always read late, never early; the latency that the card states
 * belongs to the moment of the step. So `monotonic − current + latency` is the true offset plus the age of the reading: a
 * low quantile over a window of readings is near the truth, an average is not. The first second after opening is not
 * believed, because the card's buffers fill then.
 */
import type { Millis, Monotonic } from "../model/units.ts";

const WINDOW: Millis = 10_000;
const WARM_UP: Millis = 1_000;
const ENOUGH = 25;
const QUANTILE = 0.05;
/** An offset that moved this far within half a second was no drift: samples were lost. */
const JUMP: Millis = 6;
const RECALCULATE_EVERY: Millis = 200;
const DRIFT_POINT_EVERY: Millis = 5_000;
const DRIFT_POINTS = 120;
const DRIFT_NEEDS: Millis = 30_000;

interface Reading {
  readonly at: Monotonic;
  /** Monotonic time at which sample 0 of the audio clock would be heard, by this reading. */
  readonly heard: Millis;
  readonly latency: Millis;
}

export class ClockEstimate {
  #readings: Reading[] = [];
  #since: Monotonic | null = null;
  #calculatedAt: Monotonic = Number.NEGATIVE_INFINITY;
  #offset: Millis | null = null;
  #latency: Millis = 0;
  #drift: { at: Monotonic; offset: Millis }[] = [];
  #jumps = 0;

  /** One reading of both clocks, taken together, just after the audio clock moved. `current` in milliseconds of the audio clock. */
  observe(at: Monotonic, current: Millis, latency: Millis): void {
    this.#since ??= at;
    this.#readings.push({ at, heard: at - current + latency, latency });
    while ((this.#readings[0]?.at ?? at) < at - WINDOW) this.#readings.shift();
    if (this.#offset === null || at - this.#calculatedAt >= RECALCULATE_EVERY) this.#calculate(at);
  }

  /** Monotonic time at which sample 0 would have been heard; `null` before the first reading. */
  offset(): Millis | null {
    return this.#offset;
  }

  /** Typical latency the card states. */
  latency(): Millis {
    return this.#latency;
  }

  /** Rate error of the audio clock in parts per million, positive when it is fast; `null` before half a minute. */
  driftPpm(): number | null {
    const first = this.#drift[0];
    const last = this.#drift.at(-1);
    if (!first || !last || last.at - first.at < DRIFT_NEEDS) return null;
    return -slopeOf(this.#drift.map((point) => [point.at - first.at, point.offset - first.offset])) * 1e6;
  }

  /** Times samples were lost or won at once since opening. */
  jumps(): number {
    return this.#jumps;
  }

  #calculate(at: Monotonic): void {
    this.#calculatedAt = at;
    let believed = this.#readings.filter((reading) => reading.at - (this.#since ?? at) >= WARM_UP);
    if (believed.length >= 2 * ENOUGH) {
      const before = quantile(believed.slice(0, -ENOUGH), QUANTILE);
      const recent = quantile(believed.slice(-ENOUGH), QUANTILE);
      if (Math.abs(recent - before) > JUMP) {
        this.#jumps += 1;
        believed = believed.slice(-ENOUGH);
        this.#readings = believed;
        this.#drift = [];
      }
    }
    const used = believed.length >= ENOUGH ? believed : this.#readings;
    this.#offset = quantile(used, QUANTILE);
    this.#latency = used.map((reading) => reading.latency).sort((a, b) => a - b)[used.length >> 1] ?? 0;
    const lastPoint = this.#drift.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    if (believed.length < ENOUGH || at - lastPoint < DRIFT_POINT_EVERY) return;
    this.#drift.push({ at, offset: this.#offset });
    if (this.#drift.length > DRIFT_POINTS) this.#drift.shift();
  }
}

function quantile(readings: readonly Reading[], share: number): Millis {
  const sorted = readings.map((reading) => reading.heard).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}

/** Least-squares slope. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
