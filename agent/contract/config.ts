/** A configuration layer. Layers merge all < province < commune < station, and never pass the limits fixed at installation. */
import { z } from "zod";
import { durationMs, localTime, percent } from "./primitives.ts";

export const quietHours = z.strictObject({ from: localTime, to: localTime });

export const configBody = z.strictObject({
  policy: z
    .strictObject({
      quietHours: z.array(quietHours).max(8).optional(),
      volumeCeiling: percent.optional(),
      volume: percent.optional(),
      emergencyVolume: percent.optional(),
      resumeWithinMs: durationMs.max(3_600_000).optional(),
      sessionsPerDay: z.int().min(0).max(48).optional(),
      sessionLengthMs: durationMs.optional(),
    })
    .default({}),
  healthEveryMs: durationMs.min(1_000).max(3_600_000).optional(),
});
export type ConfigBody = z.infer<typeof configBody>;
