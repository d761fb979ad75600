/** A folder that one test file has for itself. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** Makes a folder, and removes it after the file's last test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "loa-source-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
