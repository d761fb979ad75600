/**
 * The one-time claim: as the commissioning bundle left it beside `station.yaml`, or as a technician typed it. The agent may not write where the
 * first one lies, so a claim that was used is remembered by its digest.
 *
 * Invariant: a claim that has done its duty is never shown again.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readIfPresent, replaceFile } from "../../storage/durable-file.ts";
import { sha256Of } from "../sha256.ts";

export class Claims {
  readonly #given: string | null;
  readonly #folder: string;

  /** `given`: the file that `station.yaml` names. `folder`: the agent's own, for what was typed and what was used. */
  constructor(given: string | null, folder: string) {
    this.#given = given;
    this.#folder = folder;
  }

  /** The claim to show; `null` where there is none, or it was used. What was typed comes first. */
  async current(): Promise<string | null> {
    const used = await readIfPresent(this.#path("claim.used"));
    for (const path of [this.#path("claim"), ...(this.#given === null ? [] : [this.#given])]) {
      const claim = (await readIfPresent(path))?.trim() ?? "";
      if (claim !== "" && sha256Of(claim) !== used?.trim()) return claim;
    }
    return null;
  }

  async type(claim: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await replaceFile(this.#path("claim"), `${claim}\n`);
  }

  /** The certificate is on the disk. What a thief finds on the card opens nothing: the province takes a claim once. */
  async used(claim: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await replaceFile(this.#path("claim.used"), `${sha256Of(claim)}\n`);
    await rm(this.#path("claim"), { force: true });
    if (this.#given === null) return;
    try {
      await rm(this.#given, { force: true });
    } catch (error) {
      // The service sees /etc read-only; its digest is remembered instead.
      if (!["EROFS", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
