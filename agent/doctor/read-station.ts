/** `station.yaml` for whoever only looks: the file, or `null` where it cannot be read or has mistakes, which is the check `config`'s to say. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseStationFile, type StationFile } from "../config/station-file.ts";

export async function readStation(name: string): Promise<StationFile | null> {
  try {
    const parsed = parseStationFile(await readFile(name, "utf8"), dirname(resolve(name)));
    return "length" in parsed ? null : parsed;
  } catch {
    return null;
  }
}
