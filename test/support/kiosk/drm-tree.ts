/** Connectors as the kernel shows them, in a folder that a test may change. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export class DrmTree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async set(connector: string, status: "connected" | "disconnected", modes: readonly string[]): Promise<void> {
    const folder = join(this.root, `card0-${connector}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "modes"), modes.map((mode) => `${mode}\n`).join(""));
    await writeFile(join(folder, "enabled"), status === "connected" ? "enabled\n" : "disabled\n");
    await writeFile(join(folder, "status"), `${status}\n`);
  }
}
