/**
 * Plays mono sound a trace faster or slower, so that the drift of a crystal is taken up without a click.
 *
 * Invariants: the position in the input is one number that never jumps, whatever the speed does from block to block, so no seam is heard;
 * while it is whole and the speed is 1, samples pass unaltered; every input sample is played once, and `position` says exactly how far.
 * Interpolation is a windowed sinc: cubic curves are 30 dB worse at the upper end of speech.
 */
import type { Samples } from "./units.ts";

/** Input samples that one output sample is made from. */
const TAPS = 24;
const BEFORE = TAPS / 2 - 1;
const AFTER = TAPS / 2;
/** Places between two samples that the kernel is known at; in between it is drawn straight, which errs by less than −90 dB. */
const PHASES = 256;
/** Kaiser window; Assumed: 8 keeps speech and music up to 16 kHz within −80 dB. */
const BETA = 8;
/** Greatest departure from speed 1. Assumed: 0.5 % is a twelfth of a semitone, beyond that it is no micro-resampling. */
export const WIDEST = 0.005;

export class MicroResampler {
  /** The last inputs that later outputs still need. Before the first sample there is silence. */
  #kept = new Float32Array(BEFORE);
  /** Position of the next output behind sample `BEFORE` of `#kept`: whole and fraction apart, so that an hour is counted exactly. */
  #whole = 0;
  #fraction = 0;
  /** Input samples before sample `BEFORE` of `#kept`. */
  #forgotten: Samples = 0;
  #consumed: Samples = 0;
  #produced: Samples = 0;

  /** Input samples taken in. */
  get consumed(): Samples {
    return this.#consumed;
  }

  /** Output samples given. */
  get produced(): Samples {
    return this.#produced;
  }

  /** Where in the input the next output sample stands, in samples with fractions; at most 12 behind `consumed`. */
  get position(): number {
    return this.#forgotten + this.#whole + this.#fraction;
  }

  /**
   * Takes in a block and gives what can be made of it at this speed: input samples per output sample, 1 ± 0.005; more than 1 is faster.
   * The last 12 samples wait for the next block or `flush`. The result may share the block's memory.
   */
  process(input: Float32Array<ArrayBuffer>, speed: number): Float32Array<ArrayBuffer> {
    const source = joined(this.#kept, input);
    this.#consumed += input.length;
    return this.#make(source, Math.max(0, source.length - BEFORE - AFTER), speed);
  }

  /** The end: gives the samples that were still waiting. After speed 1 throughout, as many were given as taken. Nothing may follow. */
  flush(speed = 1): Float32Array<ArrayBuffer> {
    const end = this.#kept.length - BEFORE;
    return this.#make(joined(this.#kept, new Float32Array(AFTER)), end, speed);
  }

  /** All outputs before position `end` of the source; what lies before the next one is forgotten. */
  #make(source: Float32Array<ArrayBuffer>, end: Samples, speed: number): Float32Array<ArrayBuffer> {
    const step = Math.max(-WIDEST, Math.min(WIDEST, speed - 1));
    const count = this.#count(end, step);
    let output: Float32Array<ArrayBuffer>;
    if (step === 0 && this.#fraction === 0) {
      output = source.slice(BEFORE + this.#whole, BEFORE + this.#whole + count);
      this.#whole += count;
    } else {
      output = new Float32Array(count);
      const first = this.#whole;
      const fraction = this.#fraction;
      for (let n = 0; n < count; n++) {
        const behind = fraction + n * step;
        const whole = Math.floor(behind);
        output[n] = interpolated(source, first + n + whole, behind - whole);
      }
      const behind = fraction + count * step;
      this.#whole = first + count + Math.floor(behind);
      this.#fraction = behind - Math.floor(behind);
    }
    this.#produced += count;
    const done = Math.min(this.#whole, source.length - BEFORE);
    this.#kept = source.slice(done);
    this.#whole -= done;
    this.#forgotten += done;
    return output;
  }

  /** How many outputs stand before `end`. */
  #count(end: Samples, step: number): Samples {
    const left = end - this.#whole - this.#fraction;
    if (left <= 0) return 0;
    let count = Math.ceil(left / (1 + step));
    // Rounding must neither read beyond the source nor leave one out.
    while (count > 0 && (count - 1) * (1 + step) >= left) count -= 1;
    while (count * (1 + step) < left) count += 1;
    return count;
  }
}

function joined(kept: Float32Array, input: Float32Array): Float32Array<ArrayBuffer> {
  const source = new Float32Array(kept.length + input.length);
  source.set(kept);
  source.set(input, kept.length);
  return source;
}

/** The value at `fraction` behind sample `BEFORE + at` of the source. */
function interpolated(source: Float32Array, at: number, fraction: number): number {
  const place = fraction * PHASES;
  const phase = Math.floor(place);
  const row = phase * TAPS;
  let here = 0;
  let next = 0;
  for (let tap = 0; tap < TAPS; tap++) {
    const value = source[at + tap] ?? 0;
    here += value * (KERNEL[row + tap] ?? 0);
    next += value * (KERNEL[row + TAPS + tap] ?? 0);
  }
  return here + (next - here) * (place - phase);
}

/** One row per phase, the last one being the first one a sample later. */
const KERNEL = kernel();

function kernel(): Float64Array {
  const rows = new Float64Array((PHASES + 1) * TAPS);
  for (let phase = 0; phase <= PHASES; phase++) {
    for (let tap = 0; tap < TAPS; tap++) {
      const distance = tap - BEFORE - phase / PHASES;
      rows[phase * TAPS + tap] = sinc(distance) * kaiser(distance / (TAPS / 2));
    }
    const row = rows.subarray(phase * TAPS, (phase + 1) * TAPS);
    const sum = row.reduce((total, value) => total + value, 0);
    for (let tap = 0; tap < TAPS; tap++) row[tap] = (row[tap] ?? 0) / sum;
  }
  return rows;
}

function sinc(x: number): number {
  if (Number.isInteger(x)) return x === 0 ? 1 : 0;
  return Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) > 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/** Modified Bessel function of the first kind, order 0. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 40; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
