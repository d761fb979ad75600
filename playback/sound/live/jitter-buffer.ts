/**
 * What was received and not yet heard. It evens out the network, and follows the clock of the source by playing a trace faster or slower.
 * Pure: samples in, samples out.
 *
 * Invariants: bounded; what is missing is silence of the same length, never a shift; every edge that it makes is faded.
 */
import { MicroResampler, WIDEST } from "../micro-resampler.ts";
import { millisOf, type Samples, samplesOf } from "../units.ts";
import type { LiveDepth } from "./arguments.ts";

type Block = Float32Array<ArrayBuffer>;

const FADE: Samples = samplesOf(5);
/** How much of a new reading counts: at 25 pulls a second a memory of some 8 s. */
const SHARE = 0.005;
/** Within this share of the target nothing is corrected. */
const TOLERANCE = 0.15;
const STEEPNESS = 0.01;
/** Taken in at a time while playing. */
const TAKE: Samples = 960;

export class JitterBuffer {
  readonly #target: Samples;
  readonly #most: Samples;
  readonly #patient: boolean;
  #blocks: Block[] = [];
  #held: Samples = 0;
  #average: Samples;
  #resampler = new MicroResampler();
  #made: Block = new Float32Array(0);
  /** Waits until enough is held again. */
  #dry = true;
  #seam = true;

  constructor({ targetMs, mostMs, patient }: LiveDepth) {
    this.#target = samplesOf(targetMs);
    this.#most = samplesOf(mostMs);
    this.#patient = patient;
    this.#average = this.#target;
  }

  /** Samples held. */
  get held(): Samples {
    return this.#held;
  }
  /** Enough to begin. */
  get ready(): boolean {
    return this.#held >= this.#target;
  }
  /** What is held, in milliseconds. */
  get heldMs(): number {
    return millisOf(this.#held);
  }

  /** Takes in what was received; what is more than may be held goes, the oldest first. */
  push(samples: Block): void {
    if (samples.length === 0) return;
    this.#blocks.push(samples);
    this.#held += samples.length;
    if (this.#held > this.#most) this.trim();
  }

  /** Forgets all but the newest, so that what is heard next is near. */
  trim(): void {
    if (this.#held <= this.#target) return;
    this.#take(this.#held - this.#target);
    this.#seam = true;
    this.#average = this.#target;
  }

  /** Somebody begins to listen. */
  begin(): void {
    if (!this.#patient) this.trim();
    this.#resampler = new MicroResampler();
    this.#made = new Float32Array(0);
    this.#dry = !this.ready;
    this.#seam = true;
  }

  /** The next so many samples; `null` is silence. */
  pull(length: Samples): Block | null {
    if (this.#dry && !this.ready) return null;
    this.#dry = false;
    this.#average += (this.#held - this.#average) * SHARE;
    const output = new Float32Array(length);
    let filled = 0;
    while (filled < length) {
      if (this.#made.length === 0) {
        if (this.#held === 0) break;
        this.#made = this.#resampler.process(this.#take(Math.min(TAKE, this.#held)), this.#speed());
        continue;
      }
      const part = this.#made.subarray(0, length - filled);
      output.set(part, filled);
      filled += part.length;
      this.#made = this.#made.subarray(part.length);
    }
    if (this.#seam) fade(output, 0, 1);
    this.#seam = false;
    if (filled < length || this.#held === 0) {
      fade(output, Math.max(0, filled - FADE), -1);
      this.#dry = true;
      this.#seam = true;
    }
    return output;
  }

  /** More than 1 while too much is held. A server that waits keeps the level by itself. */
  #speed(): number {
    const off = (this.#average - this.#target) / this.#target;
    if (this.#patient || Math.abs(off) < TOLERANCE) return 1;
    return 1 + Math.max(-WIDEST, Math.min(WIDEST, off * STEEPNESS));
  }

  /** The oldest so many samples. */
  #take(length: Samples): Block {
    const taken = new Float32Array(length);
    let filled = 0;
    while (filled < length) {
      const block = this.#blocks[0];
      if (block === undefined) break;
      const part = block.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === block.length) this.#blocks.shift();
      else this.#blocks[0] = block.subarray(part.length);
    }
    this.#held -= filled;
    return taken;
  }
}

/** Ramps up from a sample on, or down from it to the end of the fade. */
function fade(samples: Float32Array, from: Samples, way: 1 | -1): void {
  for (let at = 0; at < FADE && from + at < samples.length; at++) {
    const gain = way === 1 ? at / FADE : 1 - at / FADE;
    samples[from + at] = (samples[from + at] ?? 0) * gain;
  }
}
