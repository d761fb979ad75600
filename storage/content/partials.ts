/** Unfinished files: `<sha256>.part`, kept for going on with them after a broken connection or a restart. */
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseSha256, type Sha256 } from "../../playback/model/units.ts";

/** Opens an unfinished file for going on with it, and creates it where it is missing. */
export async function openPartial(path: string): Promise<FileHandle> {
  return open(path, "a+").then(async (created) => {
    await created.close();
    // Not in append mode, which on Linux ignores the position of a write.
    return open(path, "r+");
  });
}

/** Which lie in the folder, and their bytes. */
export async function partialsIn(folder: string): Promise<Map<Sha256, number>> {
  const found = new Map<Sha256, number>();
  for (const name of await readdir(folder)) {
    const sha256 = parseSha256(name.replace(/\.part$/, ""));
    const size = sha256 === null ? null : await sizeOf(join(folder, name));
    if (sha256 !== null && size !== null) found.set(sha256, size);
  }
  return found;
}

/** `null` where it has been finished, or removed, meanwhile. */
async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
