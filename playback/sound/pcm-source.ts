/** Where samples come from: a decoder, memory, or nothing at all. */
import type { Refusal } from "../model/refusal.ts";
import { BLOCK, type Samples } from "./units.ts";

/** A stretch of sound; `null` samples are silence, which costs no memory. */
export interface PcmBlock {
  readonly length: Samples;
  readonly samples: Float32Array<ArrayBuffer> | null;
}

/** How a source ended: whole, or with what is to be said about it. */
export interface PcmEnd {
  readonly refusal: Refusal | null;
}

export interface PcmSource {
  /** Where its first sample stands in the item. */
  readonly from: Samples;
  /** Exact length from `from`, where known beforehand. */
  readonly length: Samples | null;
  /** How far ahead of what is heard it may be asked, where that is less than usual: what is asked too early was not received yet. */
  readonly ahead?: Samples;
  /** The next block or the end; not called again after the end, nor before the last call is answered. Never rejects. */
  next(): Promise<PcmBlock | PcmEnd>;
  /** Lets go of everything, the media too; a pending `next` is answered. Idempotent. */
  close(): Promise<void>;
}

const WHOLE: PcmEnd = { refusal: null };

/** Sound that is already in memory, from a position on, at a linear gain. */
export function memorySource(samples: Float32Array<ArrayBuffer>, from: Samples, gain = 1): PcmSource {
  let at = Math.min(from, samples.length);
  return {
    from,
    length: samples.length - at,
    async next() {
      if (at >= samples.length) return WHOLE;
      const block = samples.subarray(at, at + BLOCK);
      at += block.length;
      return { length: block.length, samples: gain === 1 ? block : block.map((value) => value * gain) };
    },
    async close() {
      at = samples.length;
    },
  };
}

/** Planned silence. */
export function silenceSource(length: Samples): PcmSource {
  let left = Math.max(0, Math.round(length));
  return {
    from: 0,
    length: left,
    async next() {
      if (left === 0) return WHOLE;
      const block = { length: Math.min(left, BLOCK), samples: null };
      left -= block.length;
      return block;
    },
    async close() {
      left = 0;
    },
  };
}
