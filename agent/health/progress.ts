/**
 * Whether the agent gets on with its work, for the watchdog of the service manager: a restart must be able to help. So it looks at what turns
 * inside this process (deciding, the audio clock, storage, faces) and never at what is outside it: a network that is down, a card that was
 * pulled out, a full disk are no reasons. Pure.
 */
import type { Millis, Monotonic } from "../../playback/model/units.ts";

/** What one part counts; a part that has nothing to do says so. */
export interface Pulse {
  readonly part: string;
  /** Grows while the part works. */
  readonly count: number;
  /** It cannot work for reasons that a restart does not cure, or has nothing to do. */
  readonly excused: boolean;
}

interface Beat {
  readonly count: number;
  readonly at: Monotonic;
}

/** Assumed: longer than the slowest start of a card or commit of a worn disk, shorter than a listener's patience. */
export const STILL_FOR: Millis = 20_000;

export class Progress {
  readonly #beats = new Map<string, Beat>();

  /** Parts that have stood still for too long, or none. */
  observe(pulses: readonly Pulse[], now: Monotonic): readonly string[] {
    return pulses.flatMap(({ part, count, excused }) => {
      const last = this.#beats.get(part);
      if (last === undefined || last.count !== count || excused) this.#beats.set(part, { count, at: now });
      else if (now - last.at >= STILL_FOR) return [part];
      return [];
    });
  }
}
