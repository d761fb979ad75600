/** Brightness in per cent and in the steps that a controller has. Pure. */
import type { Percent } from "../../playback/model/units.ts";

/** The step, 0 to `most`, nearest to a brightness; above 0 % never 0, so that a board turned low does not look broken. */
export function stepOf(brightness: Percent, most: number): number {
  const bounded = Math.min(100, Math.max(0, brightness));
  return bounded === 0 ? 0 : Math.max(1, Math.round((bounded * most) / 100));
}

/** Whole per cent of a step; 0 only for step 0. */
export function percentOf(step: number, most: number): Percent {
  return step <= 0 ? 0 : Math.max(1, Math.round((Math.min(step, most) * 100) / most));
}

/** What a controller with so many steps takes, and afterwards reports, for a brightness. */
export function brightnessTaken(most: number): (asked: Percent) => Percent {
  return (asked) => percentOf(stepOf(asked, most), most);
}
