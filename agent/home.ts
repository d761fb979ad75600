/** Where the station belongs: as installed, unless a signed command moved it to another commune since. */
import { z } from "zod";
import type { StationFile } from "./config/station-file.ts";
import { communeCode, identifier } from "./contract/primitives.ts";

export const HOME_NOTE = "home";

const home = z.strictObject({ commune: communeCode, hamlet: identifier.optional() });

/** The file with the commune that counts. What is noted and cannot be read counts for nothing. */
export function atHome(installed: StationFile, noted: unknown): StationFile {
  const parsed = home.safeParse(noted);
  if (!parsed.success) return installed;
  const { hamlet: _, ...rest } = installed;
  const { commune, hamlet } = parsed.data;
  return { ...rest, commune, ...(hamlet === undefined ? {} : { hamlet }) };
}
