/** Time as the station sees it. Everything that waits or asks for the time does it here, so that a test can move it. */
import type { ClockTrust } from "../model/clock-trust.ts";
import type { Instant, Millis, Monotonic } from "../model/units.ts";

export interface Clock {
  /** Wall clock; may step either way at any moment. */
  now(): Instant;
  /** Never steps, stands still while the machine is suspended. */
  monotonic(): Monotonic;
  /** How far `now()` may be believed. */
  trust(): ClockTrust;
  /**
   * Resolves after `delay` (any length, also beyond 2^31 ms) or as soon as `signal` aborts; never rejects.
   * A negative or zero delay resolves in a later microtask.
   */
  wait(delay: Millis, signal?: AbortSignal): Promise<void>;
}
