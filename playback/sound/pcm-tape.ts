/**
 * What was read from a source lately, so that it can be read again: what was queued too far ahead is taken back after a break and put
 * elsewhere. Positions are counted from the first sample of the source.
 */
import type { PcmFeed } from "./pcm-feed.ts";
import type { PcmBlock } from "./pcm-source.ts";
import type { Samples } from "./units.ts";

export class PcmTape {
  readonly #feed: PcmFeed;
  #kept: { readonly from: Samples; readonly block: PcmBlock }[] = [];
  #taken: Samples = 0;
  #position: Samples = 0;

  constructor(feed: PcmFeed) {
    this.#feed = feed;
  }

  /** The sample that is read next. */
  get position(): Samples {
    return this.#position;
  }

  /** Whether nothing is left to read, for ever. */
  get isOver(): boolean {
    this.#take(this.#position);
    return this.#feed.end !== null && this.#position >= this.#taken;
  }

  /** What lies at the position, as far as one block goes, without moving on; `undefined` where it is not decoded yet. */
  peek(): PcmBlock | undefined {
    this.#take(this.#position);
    const found = this.#kept.find(({ from, block }) => from + block.length > this.#position);
    if (found === undefined) return undefined;
    const { from, block } = found;
    const skip = this.#position - from;
    return { length: block.length - skip, samples: block.samples?.subarray(skip) ?? null };
  }

  /** Goes to a sample: forwards without bound, backwards as far as it was not forgotten. */
  seek(position: Samples): void {
    this.#position = Math.max(this.#kept[0]?.from ?? this.#taken, position);
  }

  /** Samples from a position on, as many as are decoded; silence beyond them. */
  copy(from: Samples, length: Samples): Float32Array<ArrayBuffer> {
    this.#take(from + length);
    const copied = new Float32Array(length);
    for (const { from: start, block } of this.#kept) {
      const [first, last] = [Math.max(from, start), Math.min(from + length, start + block.length)];
      if (last > first && block.samples) copied.set(block.samples.subarray(first - start, last - start), first - from);
    }
    return copied;
  }

  /** What lies before a sample is not asked for again. */
  forget(before: Samples): void {
    while (this.#kept[0] !== undefined && this.#kept[0].from + this.#kept[0].block.length <= before) this.#kept.shift();
  }

  #take(until: Samples): void {
    while (this.#taken <= until) {
      const block = this.#feed.take();
      if (block === undefined) return;
      this.#kept.push({ from: this.#taken, block });
      this.#taken += block.length;
    }
  }
}
