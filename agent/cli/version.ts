/** The version that package.json states. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Walks up, because the program runs from the source tree, from `dist/` and from a package. */
function find(folder: string): string {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      name?: string;
      version?: string;
    };
    if (name === "loa" && version !== undefined) return version;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const above = dirname(folder);
  if (above === folder) throw new Error("package.json of loa was not found");
  return find(above);
}

export const VERSION = find(import.meta.dirname);
