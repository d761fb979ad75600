/**
 * What set-up is told: by whoever sits at the terminal, or by a file (`loa setup --from FILE.yaml`), which has the same words. Everything may be
 * left out; what is missing is found, asked, or left as it is.
 */
import { z } from "zod";
import { hardware } from "../config/hardware-file.ts";
import { path } from "../config/wiring.ts";
import { communeCode, identifier, percent, provinceCode } from "../contract/primitives.ts";

/** Tried, or left out on purpose. */
const trial = z.enum(["try", "skip"]).default("try");

export const answers = z.strictObject({
  /** Who does this; stands in the report. */
  technician: z.string().max(100).optional(),
  /** Folder that the province wrote for this board. */
  commission: path.optional(),
  /** Name of the station whose board is replaced. */
  replace: identifier.optional(),
  station: identifier.optional(),
  commune: communeCode.optional(),
  province: provinceCode.optional(),
  hamlet: identifier.optional(),
  /** Where no folder brings it. */
  root: path.optional(),
  brokers: z
    .array(z.url({ protocol: /^mqtts?$/ }))
    .max(4)
    .optional(),
  state: path.optional(),
  socket: path.optional(),
  place: z
    .strictObject({
      name: z.string().max(200).optional(),
      latitude: z.number().min(-90).max(90).optional(),
      longitude: z.number().min(-180).max(180).optional(),
    })
    .prefault({}),
  /** As the section of `station.yaml`. */
  hardware: z.record(z.string(), z.unknown()).prefault({}),
  volumeCeiling: percent.optional(),
  wiring: trial,
  /** `read`: where nobody sits at a terminal contacts are read and told as not tested; `try`: somebody moves each in its turn. */
  contacts: z.enum(["try", "read", "skip"]).default("read"),
  /** For each movement of a contact. */
  contactSeconds: z.int().min(1).max(120).default(30),
  tone: trial,
  pattern: trial,
  /** A network that is not there yet is left for later, or is a fault. */
  network: z.enum(["later", "needed"]).default("later"),
  /** Whether a horn was heard, of those that no microphone hears. */
  heard: z.record(identifier, z.boolean()).prefault({}),
  /** Pictures of the place, JPEG or PNG, for the report. */
  photos: z.array(path).max(6).default([]),
  /** Stops an agent that runs, so that its lines may be moved. */
  stopAgent: z.boolean().default(false),
  start: z.enum(["now", "later"]).default("later"),
});
export type Answers = z.infer<typeof answers>;

/** The hardware that the answers describe, with its defaults. @throws z.ZodError */
export function hardwareOf({ hardware: told }: Pick<Answers, "hardware">) {
  return hardware.parse(told);
}
