/**
 * What is surely past, and how the floor under the clock rises. Pure. Only signed time raises it, and by a capped step: an answer that lies
 * years ahead must not expire the world for good. A floor that lags costs little (it only tells a dead RTC from a living one), so the cap is
 * small and an honest source catches up over several answers.
 */
import type { Instant, Millis } from "../playback/model/units.ts";
import { DAY, HOUR } from "../playback/model/units.ts";
import type { Clock } from "../playback/ports/clock.ts";

/** A clock that can say more than how far it is trusted. */
export interface CertainClock extends Clock {
  /** An instant that is surely past, `null` where nothing is known. */
  notBefore?(): Instant | null;
}

/** An instant that is surely past by this clock: now where it is trusted, the floor where there is only that, else `null`. */
export function notBefore(clock: CertainClock): Instant | null {
  if (clock.notBefore !== undefined) return clock.notBefore();
  return clock.trust() === "unknown" ? null : clock.now();
}

/** When, on the boot clock, the floor last rose. */
export interface FloorStep {
  readonly bootId: string;
  readonly boottimeMs: Millis;
}

export interface Floor {
  readonly floor: Instant;
  readonly step: FloorStep;
}

/** How far one answer lifts the floor beyond the time that passed on the boot clock, and after how long without a rise one may. */
export const FLOOR_STEP: Millis = DAY;
export const FLOOR_STEP_EVERY: Millis = HOUR;

/**
 * The floor after signed time. The first is taken whole: a technician stands beside the station that has none. Later ones lift it by what passed
 * on this boot's own clock, and by a day more where it has not risen for an hour or since this boot.
 */
export function raisedFloor(
  before: { floor: Instant | null; step?: FloorStep | undefined },
  time: Instant,
  at: FloorStep,
): Floor {
  const { floor, step } = before;
  if (floor === null) return { floor: time, step: at };
  if (time <= floor) return { floor, step: step ?? at };
  const passed = step?.bootId === at.bootId ? Math.max(0, at.boottimeMs - step.boottimeMs) : null;
  const stepAllowed = passed === null || passed >= FLOOR_STEP_EVERY;
  const most = floor + (passed ?? 0) + (stepAllowed ? FLOOR_STEP : 0);
  return { floor: Math.min(time, most), step: at };
}
