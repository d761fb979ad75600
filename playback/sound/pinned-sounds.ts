/** Sounds held decoded in memory, because a decoder takes longer to start than an emergency may wait. */
import type { Levelling } from "../model/loudness.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import { amplitudeOf, MINUTE, type Sha256 } from "../model/units.ts";
import type { PcmSource } from "./pcm-source.ts";
import { type Samples, samplesOf } from "./units.ts";

/** All pinned sounds together: 46 MB of samples. */
const LIMIT: Samples = samplesOf(4 * MINUTE);
const TOO_MUCH = refusal("too-large", "pinned sounds are more than 4 minutes in all");

/** A sound as it was decoded: levelled for what it is pinned for. */
export interface PinnedSound {
  readonly samples: Float32Array<ArrayBuffer>;
  readonly levelling: Levelling | null;
}

export class PinnedSounds {
  readonly #sounds = new Map<Sha256, PinnedSound>();
  #total: Samples = 0;

  get(sha256: Sha256): PinnedSound | undefined {
    return this.#sounds.get(sha256);
  }

  /** Reads the source whole and keeps it in place of what was kept before; closes it. A refusal says `too-large` or what the source says. */
  async keep(sha256: Sha256, source: PcmSource, levelling: Levelling | null = null): Promise<Refusal | null> {
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
        if (this.#without(sha256) + length > LIMIT) return TOO_MUCH;
      }
    } finally {
      await source.close();
    }
    // Another call may have pinned something meanwhile.
    if (this.#without(sha256) + length > LIMIT) return TOO_MUCH;
    const whole = new Float32Array(length);
    let at = 0;
    for (const block of kept) {
      whole.set(block, at);
      at += block.length;
    }
    this.#total = this.#without(sha256) + length;
    this.#sounds.set(sha256, { samples: whole, levelling });
    return null;
  }

  /** Lets the others go. */
  keepOnly(wanted: ReadonlySet<Sha256>): void {
    for (const [sha256, { samples }] of this.#sounds) {
      if (wanted.has(sha256)) continue;
      this.#total -= samples.length;
      this.#sounds.delete(sha256);
    }
  }

  #without(sha256: Sha256): Samples {
    return this.#total - (this.#sounds.get(sha256)?.samples.length ?? 0);
  }
}

/**
 * A pinned sound must sound at once, so it is not decoded anew for another loudness: it is played softer where less is wanted now, and as it
 * is held where more would be. `softerBy` is linear.
 */
export function heldAs(
  held: Levelling | null,
  wanted: Levelling | null,
): { readonly softerBy: number; readonly levelling: Levelling | null } {
  if (wanted === null) return { softerBy: 1, levelling: null };
  const gainDb = Math.min(wanted.gainDb, held?.gainDb ?? 0);
  const softerBy = amplitudeOf(gainDb - (held?.gainDb ?? 0));
  return { softerBy, levelling: { ...wanted, gainDb, limitedDb: held === null ? null : held.limitedDb } };
}
