/** Time as the station sees it. Everything that waits or asks for the time does it here, so that a test can move it. */
import type { ClockTrust } from "../model/clock-trust.ts";
import type { Instant, Millis, Monotonic } from "../model/units.ts";

/** How well the wall clock is kept, as the machine itself says. Horns are in step with each other as far as their clocks are. */
export interface ClockQuality {
  /** Who says so: `chrony`, `systemd-timesyncd`, `timedatectl`, `kernel`; `nobody` where none of them is there to ask. */
  readonly source: string;
  readonly synchronised: boolean;
  /** What is known to be still off, without its sign; `null` where nobody says. */
  readonly offsetMs: Millis | null;
  /** It is off by no more than this, if its servers are right; `null` where nobody says. */
  readonly errorMs: Millis | null;
  /** Servers between this clock and one that needs none. */
  readonly stratum?: number | undefined;
}

export interface Clock {
  /** Wall clock; may step either way at any moment. */
  now(): Instant;
  /** Never steps, stands still while the machine is suspended. */
  monotonic(): Monotonic;
  /** How far `now()` may be believed. */
  trust(): ClockTrust;
  /** As it was told lately; `null` while it was not, absent where nobody can. */
  readonly quality?: () => ClockQuality | null;
  /**
   * Resolves after `delay` (any length, also beyond 2^31 ms) or as soon as `signal` aborts; never rejects.
   * A negative or zero delay resolves in a later microtask.
   */
  wait(delay: Millis, signal?: AbortSignal): Promise<void>;
}
