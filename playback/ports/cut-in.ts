/**
 * A second way onto a card that mixes what several programs play: what is played there is heard before what the card has queued already. Only the
 * beginning of an alert goes this way, until the queue has let the same sound through.
 */
import type { Millis } from "../model/units.ts";

/** Where on which card; as the output itself is opened. */
export interface CutInPlace {
  /** As the sound library lists it; without it the system's default. */
  readonly label: string | undefined;
  /** 1 … `channels`. */
  readonly channel: number;
  readonly channels: number;
}

export interface CutInPcm {
  /** From a call of `play` to the card; what the card itself adds is in it. */
  readonly latencyMs: Millis;
  /**
   * Begins at once: mono at 48 kHz, at most a second. False where it cannot, and then nothing of it sounds. It takes a millisecond or two and never waits for
   * the sound; for some tenths of a second after it, it refuses.
   */
  play(samples: Float32Array): boolean;
  /** Lets go of the card. Never rejects. */
  close(): Promise<void>;
}

/** Resolves with why there is none: many cards do not mix. Never rejects, never waits for a card that is taken. `onLost` hears why it can be used no more. */
export type OpenCutIn = (place: CutInPlace, onLost: (why: string) => void) => Promise<CutInPcm | string>;
