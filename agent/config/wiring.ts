/** Lines and places as every section of `station.yaml` writes them. */
import { z } from "zod";

/** Of a file or folder; a relative one counts from the folder of `station.yaml`. */
export const path = z.string().min(1).max(500);

export const gpioLine = z.strictObject({
  chip: z.string().min(1),
  offset: z.int().min(0).max(1023),
  activeLow: z.boolean().default(false),
});

/** An amplifier's lines; also a relay that feeds something else. */
export const amplifier = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("gpio"),
    power: gpioLine,
    mute: gpioLine.optional(),
    fault: gpioLine.optional(),
    sense: gpioLine.optional(),
    sysfsRoot: path.optional(),
  }),
  z.strictObject({ kind: z.literal("simulated"), socket: path }),
  z.strictObject({ kind: z.literal("none") }),
]);
