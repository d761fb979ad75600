/**
 * Amplifiers of one cluster are switched on one after the other: together their inrush would trip what feeds them, and then all horns are silent.
 * An emergency goes before the others and waits for the shortest gap only.
 */
import type { Millis, Monotonic } from "./model/units.ts";
import type { Clock } from "./ports/clock.ts";

/** Between two amplifiers. Assumed: makers and installers ask for 200–500 ms. */
const GAP: Millis = 300;
const URGENT_GAP: Millis = 200;
const LOOK_EVERY: Millis = 50;

/** Who waits to be switched on, first come first. */
export interface PowerOnWish {
  readonly urgent: boolean;
}

/** Whose turn is next, and from when; `null` where nobody waits. Pure. */
export function nextPowerOn<W extends PowerOnWish>(
  waiting: readonly W[],
  lastOn: Monotonic,
): { readonly who: W; readonly at: Monotonic } | null {
  const who = waiting.find(({ urgent }) => urgent) ?? waiting[0];
  return who === undefined ? null : { who, at: lastOn + (who.urgent ? URGENT_GAP : GAP) };
}

/** Hands out the turns of one cluster. */
export class PowerOnTurns {
  readonly #clock: Clock;
  readonly #waiting: PowerOnWish[] = [];
  #lastOn: Monotonic = Number.NEGATIVE_INFINITY;
  /** How long before its time the last of them must want to be on. */
  readonly longestMs: Millis;

  /** `amplifiers`: how many there are. */
  constructor(clock: Clock, amplifiers: number) {
    this.#clock = clock;
    this.longestMs = Math.max(0, amplifiers - 1) * GAP;
  }

  /** Resolves when an amplifier may be switched on, which must then happen. What is urgent is asked anew each time. Never rejects. */
  async turn(isUrgent: () => boolean): Promise<void> {
    const mine: PowerOnWish = {
      get urgent() {
        return isUrgent();
      },
    };
    this.#waiting.push(mine);
    for (;;) {
      const now = this.#clock.monotonic();
      const next = nextPowerOn(this.#waiting, this.#lastOn);
      if (next?.who === mine && next.at <= now) break;
      // Looked at again before its time: an emergency may come and go first.
      await this.#clock.wait(Math.min(LOOK_EVERY, Math.max(1, (next?.at ?? now) - now)));
    }
    this.#waiting.splice(this.#waiting.indexOf(mine), 1);
    this.#lastOn = this.#clock.monotonic();
  }
}
