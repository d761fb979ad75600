/** What a technician carries to a pole: a commissioning file, the signed documents of the station, and their media. */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import type { commissionFile } from "../../agent/commission/commission.ts";
import { addressesOf } from "../../agent/identity.ts";
import type { MediaFile } from "./media.ts";
import type { ProvincialSource } from "./source.ts";

/** Writes `bundle.json`, the documents for this station and `media/<sha256>`; with `commissioning`, `commission.json` as well. */
export async function writeStick(
  folder: string,
  source: ProvincialSource,
  station: { station: string; commune: string; province: string; hamlet?: string },
  media: readonly MediaFile[],
  commissioning?: Omit<
    z.input<typeof commissionFile>,
    "version" | "root" | "station" | "commune" | "province" | "hamlet"
  >,
): Promise<void> {
  await mkdir(join(folder, "media"), { recursive: true });
  await mkdir(join(folder, "documents"), { recursive: true });
  const retained = source.retainedFor(addressesOf({ ...station, zone: "" }));
  const documents = await Promise.all(
    retained.map(async ({ topic, document }, n) => {
      const file = `documents/${n}.jws`;
      await writeFile(join(folder, file), Buffer.from(document, "base64"));
      return { topic, file };
    }),
  );
  await writeFile(join(folder, "bundle.json"), JSON.stringify({ version: 1, documents }));
  for (const one of media) await copyFile(one.file, join(folder, "media", one.sha256));
  if (commissioning === undefined) return;
  const file = { version: 1, ...station, root: source.ceremony.rootFile(), ...commissioning };
  await writeFile(join(folder, "commission.json"), JSON.stringify(file));
}
