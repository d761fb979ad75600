/** Reads a source ahead of what is played, as far as it is told to and no further. */
import type { Refusal } from "../model/refusal.ts";
import type { PcmBlock, PcmSource } from "./pcm-source.ts";
import { BLOCK, type Samples } from "./units.ts";

export class PcmFeed {
  readonly #source: PcmSource;
  #blocks: PcmBlock[] = [];
  #decoded: Samples = 0;
  #demanded: Samples;
  #end: { readonly refusal: Refusal | null } | null = null;
  #reading = false;
  #closed = false;
  readonly #ready = Promise.withResolvers<void>();

  constructor(source: PcmSource) {
    this.#source = source;
    this.#demanded = Math.min(BLOCK, source.ahead ?? BLOCK);
    void this.#read();
  }

  /** Resolves when there is something to play, or the end is known. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Where the first sample stands in the item. */
  get from(): Samples {
    return this.#source.from;
  }

  /** How far ahead of what is heard the source may be asked, where it says so. */
  get ahead(): Samples | undefined {
    return this.#source.ahead;
  }

  /** Samples read so far, counted from `from`. */
  get decoded(): Samples {
    return this.#decoded;
  }

  /** Exact length from `from`, once known. */
  get length(): Samples | null {
    return this.#source.length ?? (this.#end ? this.#decoded : null);
  }

  /** The end, once everything was read. */
  get end(): { readonly refusal: Refusal | null } | null {
    return this.#end;
  }

  /** The first block, as long as nothing was taken; `null` where it is silence or not decoded yet. */
  get head(): Float32Array<ArrayBuffer> | null {
    const [first] = this.#blocks;
    return first?.samples && first.length === this.#decoded ? first.samples : null;
  }

  /** Asks for sound up to this sample, counted from `from`. */
  demand(until: Samples): void {
    this.#demanded = Math.max(this.#demanded, until);
    void this.#read();
  }

  /** Takes the next block, where one is there. */
  take(): PcmBlock | undefined {
    return this.#blocks.shift();
  }

  /** Gives up; resolves when the media is closed. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#blocks = [];
    this.#ready.resolve();
    await this.#source.close();
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    while (!this.#closed && this.#end === null && this.#decoded < this.#demanded) {
      const next = await this.#source.next();
      if (this.#closed) break;
      if ("refusal" in next) this.#end = next;
      else {
        this.#blocks.push(next);
        this.#decoded += next.length;
      }
      this.#ready.resolve();
    }
    this.#reading = false;
  }
}
