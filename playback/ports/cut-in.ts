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
  /** From the moment when `play` asks for the rest until its first sample is heard at the card; less than 0 where it is heard by then. */
  readonly latencyMs: Millis;
  /**
   * Begins at once with `first`, mono at 48 kHz, and goes on with the rest, which is asked for as soon as it has begun: how long that takes is not known
   * before. All together at most a second. False where it cannot. It takes a millisecond or two and never waits for the sound; for some tenths of a second
   * after it, it refuses.
   */
  play(first: Float32Array, rest: () => Float32Array): boolean;
  /** Lets go of the card. Never rejects. */
  close(): Promise<void>;
}

/** Resolves with why there is none: many cards do not mix. Never rejects, never waits for a card that is taken. `onLost` hears why it can be used no more. */
export type OpenCutIn = (place: CutInPlace, onLost: (why: string) => void) => Promise<CutInPcm | string>;
