/** Sounds held decoded in memory, because a decoder takes longer to start than an emergency may wait. */
import { type Refusal, refusal } from "../model/refusal.ts";
import { MINUTE, type Sha256 } from "../model/units.ts";
import type { PcmSource } from "./pcm-source.ts";
import { type Samples, samplesOf } from "./units.ts";

/** All pinned sounds together: 46 MB of samples. */
const LIMIT: Samples = samplesOf(4 * MINUTE);
const TOO_MUCH = refusal("too-large", "pinned sounds are more than 4 minutes in all");

export class PinnedSounds {
  readonly #sounds = new Map<Sha256, Float32Array<ArrayBuffer>>();
  #total: Samples = 0;

  get(sha256: Sha256): Float32Array<ArrayBuffer> | undefined {
    return this.#sounds.get(sha256);
  }

  /** Reads the source whole and keeps it; closes it. A refusal says `too-large` or what the source says. */
  async keep(sha256: Sha256, source: PcmSource): Promise<Refusal | null> {
    const kept: Float32Array[] = [];
    let length = 0;
    try {
      for (;;) {
        const next = await source.next();
        if ("refusal" in next) {
          if (next.refusal) return next.refusal;
          break;
        }
        kept.push(next.samples ?? new Float32Array(next.length));
        length += next.length;
        if (this.#total + length > LIMIT) return TOO_MUCH;
      }
    } finally {
      await source.close();
    }
    // Another call may have pinned the same digest meanwhile.
    if (this.#sounds.has(sha256)) return null;
    if (this.#total + length > LIMIT) return TOO_MUCH;
    const whole = new Float32Array(length);
    let at = 0;
    for (const block of kept) {
      whole.set(block, at);
      at += block.length;
    }
    this.#sounds.set(sha256, whole);
    this.#total += length;
    return null;
  }
}
