/**
 * When a rendered sample is heard: the offset between the audio clock and the monotonic one, estimated without rest.
 *
 * The audio clock moves in steps of one period of the card and is always read late, never early; the latency that the card states
 * belongs to the moment of the step. So `monotonic − current + latency` is the true offset plus the age of the reading: a
 * low quantile over a window of readings is near the truth, an average is not. A crystal that is off tilts the window, so the readings are
 * levelled by its rate first, and the offset is drawn out by that rate to the moment it is asked for. The first second after opening is not
 * believed, because the card's buffers fill then.
 */
import type { Millis, Monotonic } from "../model/units.ts";
import { ordered } from "./ordered.ts";
import { RateEstimate } from "./rate-estimate.ts";

const WINDOW: Millis = 10_000;
const WARM_UP: Millis = 1_000;
/** Readings that a quantile is taken from: half a second. */
const ENOUGH = 25;
const QUANTILE = 0.05;
/**
 * An offset that has moved so far, by so many readings, was no drift: samples were lost. The less they are, the longer it takes to be sure; a glitch of
 * 5 ms, which listeners hear, needs a second.
 */
const JUMPS: readonly { readonly readings: number; readonly ms: Millis }[] = [
  { readings: ENOUGH, ms: 6 },
  { readings: 2 * ENOUGH, ms: 3 },
];
/** Of those readings, what surely came behind it. */
const BEHIND_JUMP = 0.8;
/** So many readings in a row, all off by more than any reading is old, need no half second. */
const QUICK = { readings: 5, ms: 6 };
const QUICK_JUMP: Millis = 40;
const RECALCULATE_EVERY: Millis = 200;

interface Reading {
  readonly at: Monotonic;
  /** Monotonic time at which sample 0 of the audio clock would be heard, by this reading: at the latest, and at the earliest. */
  readonly heard: Millis;
  readonly earliest: Millis;
  readonly latency: Millis;
}

export class ClockEstimate {
  #readings: Reading[] = [];
  #since: Monotonic | null = null;
  #lookedAt: Monotonic = Number.NEGATIVE_INFINITY;
  #current: Millis = Number.NEGATIVE_INFINITY;
  #calculatedAt: Monotonic = Number.NEGATIVE_INFINITY;
  /** True at `#calculatedAt`. */
  #offset: Millis | null = null;
  #latency: Millis = 0;
  readonly #rate = new RateEstimate();
  #jumps = 0;
  #lastJump: Millis = 0;

  /**
   * One reading of both clocks, taken together, whether or not the audio clock has moved. `current` in milliseconds of the audio clock, `period` the
   * length of its steps where that is known.
   */
  observe(at: Monotonic, current: Millis, latency: Millis, period: Millis = Number.POSITIVE_INFINITY): void {
    const lookedAt = this.#lookedAt;
    this.#lookedAt = at;
    if (current <= this.#current) return;
    this.#current = current;
    this.#since ??= at;
    // At the last look the clock had not come here yet, and by now it has not made another step.
    const earliest = Math.max(lookedAt, at - period) - current + latency;
    this.#readings.push({ at, heard: at - current + latency, earliest, latency });
    while ((this.#readings[0]?.at ?? at) < at - WINDOW) this.#readings.shift();
    const due = this.#readings.length < ENOUGH || at - this.#calculatedAt >= RECALCULATE_EVERY;
    if (due || this.#jumpedFar(at)) this.#calculate(at);
  }

  /** Monotonic time at which sample 0 would have been heard, for what is heard at `at`; `null` before the first reading. */
  offset(at: Monotonic = this.#calculatedAt): Millis | null {
    return this.#offset === null ? null : this.#offset + this.slope * (at - this.#calculatedAt);
  }

  /** By how much the offset changes per millisecond: negative for a fast card. */
  get slope(): number {
    return this.#rate.slope();
  }

  /** Whether there were enough readings since opening or since the last jump to act upon. */
  isSure(): boolean {
    const last = this.#readings.at(-1);
    return this.#readings.length >= ENOUGH && last !== undefined && last.at - (this.#since ?? last.at) >= WARM_UP;
  }

  /** Typical latency the card states. */
  latency(): Millis {
    return this.#latency;
  }

  /** Rate error of the audio clock in parts per million, positive when it is fast; `null` before half a minute. */
  driftPpm(): number | null {
    return this.#rate.isKnown() ? -this.slope * 1e6 : null;
  }

  /** Times samples were lost or won at once since opening. */
  jumps(): number {
    return this.#jumps;
  }

  /** By how much the last of them put off what is heard: more than 0 where silence came in between, less where the card caught up. */
  lastJump(): Millis {
    return this.#lastJump;
  }

  #calculate(at: Monotonic): void {
    const believed = this.#believed(at);
    const used = believed.length >= ENOUGH || this.#jumps > 0 ? believed : this.#readings;
    this.#offset = this.#quantile(used, at);
    this.#calculatedAt = at;
    this.#latency = ordered(used, (reading) => reading.latency)[used.length >> 1] ?? 0;
    if (believed.length < ENOUGH) return;
    const second = believed.filter((reading) => reading.at > at - 1_000);
    this.#rate.add(at, () => lowest(ordered(second, (reading) => reading.heard)));
  }

  /** Readings after the first second and since the last jump, which is found here. */
  #believed(at: Monotonic): Reading[] {
    const believed = this.#readings.filter((reading) => reading.at - (this.#since ?? at) >= WARM_UP);
    const ways = this.#jumpedFar(at) ? [QUICK] : JUMPS;
    for (const way of ways) {
      const moved = this.#moved(believed, way, at);
      if (moved === null) continue;
      this.#jumps += 1;
      this.#lastJump = moved;
      // The oldest of them may have come before it; left in, they would be a jump of their own.
      this.#readings = believed.slice(-Math.floor(way.readings * BEHIND_JUMP));
      this.#rate.restart();
      return this.#readings;
    }
    return believed;
  }

  /**
   * How far the last readings are off from those before, in a way that no age of theirs explains: where the rhythm of reading is near the card's own,
   * all readings of a second may be old. `null` where they are not.
   */
  #moved(believed: readonly Reading[], { readings, ms }: (typeof JUMPS)[number], at: Monotonic): Millis | null {
    if (believed.length < readings + ENOUGH) return null;
    const [before, recent] = [believed.slice(0, -readings), believed.slice(-readings)];
    const moved = this.#quantile(recent, at) - this.#quantile(before, at);
    if (Math.abs(moved) <= ms) return null;
    const [first, second] = moved > 0 ? [before, recent] : [recent, before];
    return this.#quantile(first, at) < this.#earliest(second, at) ? moved : null;
  }

  #jumpedFar(at: Monotonic): boolean {
    const expected = this.offset(at);
    if (expected === null || !this.isSure()) return false;
    return this.#readings.slice(-QUICK.readings).every(({ heard }) => Math.abs(heard - expected) > QUICK_JUMP);
  }

  /** Of the readings, levelled to `at`. */
  #quantile(readings: readonly Reading[], at: Monotonic): Millis {
    const { slope } = this;
    return lowest(ordered(readings, (reading) => reading.heard + slope * (at - reading.at)));
  }

  /** The offset is no less than that, but for a few readings in a hundred. */
  #earliest(readings: readonly Reading[], at: Monotonic): Millis {
    const { slope } = this;
    return -lowest(ordered(readings, (reading) => -(reading.earliest + slope * (at - reading.at))));
  }
}

/** Of values in order. */
function lowest(values: Float64Array): Millis {
  return values[Math.floor((values.length - 1) * QUANTILE)] ?? 0;
}
