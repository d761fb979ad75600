/** Folders of one run: made for it, gone after it; what a killed agent left is removed by the next. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { StationError } from "../../playback/model/station-error.ts";

/** @throws StationError `storage-failed` */
export async function ownFolder(parent: string, prefix: string): Promise<string> {
  try {
    await mkdir(parent, { recursive: true });
    return await mkdtemp(join(parent, prefix));
  } catch (error) {
    throw new StationError("storage-failed", `${parent}: ${(error as Error).message}`, { cause: error });
  }
}

/** Never rejects: what cannot be removed now is removed before the next run. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
}

/** Those of runs that were killed. */
export async function removeLeftovers(parent: string, prefixes: readonly string[]): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const left = names.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
  await Promise.all(left.map((name) => removeFolder(join(parent, name))));
}
