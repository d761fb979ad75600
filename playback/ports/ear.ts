/** A microphone within hearing of the horns: what is really heard, not what was meant to be. Mono, 48 kHz. */
import type { Refusal } from "../model/refusal.ts";
import type { Millis } from "../model/units.ts";

export interface Listening {
  /** How much was heard so far. */
  heardMs(): Millis;
  /** Ends, and gives what was heard; a refusal says `no-output` where nothing was. Idempotent. */
  stop(): Promise<Float32Array | Refusal>;
}

export interface Ear {
  /** Hears from now on, at most for so long. */
  listen(mostMs: Millis): Listening;
}
