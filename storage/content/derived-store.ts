/**
 * Derived files on the disk, `<source>.<recipe>.<own digest>`: the name says what it was made from, how, and what it must hash to. The least
 * recently used go first when they become too many.
 */
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Refusal } from "../../playback/model/refusal.ts";
import type { Sha256 } from "../../playback/model/units.ts";
import type { DerivedMedia, OpenDerived } from "../../playback/ports/derived-media.ts";
import { asStation } from "../faults.ts";
import { digestOf } from "./files.ts";

/** Some hours of speech. */
const MOST_BYTES = 200_000_000;

export class DerivedStore implements DerivedMedia {
  readonly #folder: string;
  readonly #mostBytes: number;
  /** Held here so that none is collected, and so closed, while somebody uses the bare descriptor. */
  readonly #inUse = new Set<FileHandle>();
  #made = 0;

  private constructor(folder: string, mostBytes: number) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
  }

  /** What an interrupted `make` left is removed. @throws StationError `storage-failed` */
  static async open(folder: string, mostBytes = MOST_BYTES): Promise<DerivedStore> {
    return asStation(`open ${folder}`, async () => {
      await mkdir(folder, { recursive: true });
      for (const name of await readdir(folder)) if (name.startsWith("making-")) await rm(join(folder, name));
      return new DerivedStore(folder, mostBytes);
    });
  }

  async open(source: Sha256, recipe: string): Promise<OpenDerived | null> {
    const prefix = `${source}.${recipe}.`;
    return asStation("open a derived file", async () => {
      const name = (await readdir(this.#folder)).find((one) => one.startsWith(prefix));
      if (name === undefined) return null;
      const found = await this.#verified(name, name.slice(prefix.length));
      if (found === null) await rm(join(this.#folder, name), { force: true });
      return found;
    });
  }

  async make(
    source: Sha256,
    recipe: string,
    make: (path: string) => Promise<Refusal | null>,
  ): Promise<OpenDerived | Refusal> {
    this.#made += 1;
    const path = join(this.#folder, `making-${this.#made}`);
    try {
      return await asStation("make a derived file", async () => {
        const refused = await make(path);
        if (refused !== null) return refused;
        const file = await open(path, "r");
        const sha256 = await digestOf(file).finally(() => file.close());
        const name = `${source}.${recipe}.${sha256}`;
        await rename(path, join(this.#folder, name));
        await this.#makeRoom(name);
        const kept = await this.#verified(name, sha256);
        if (kept === null) throw new Error("it changed while it was put away");
        return kept;
      });
    } finally {
      await rm(path, { force: true });
    }
  }

  async #verified(name: string, digest: string): Promise<OpenDerived | null> {
    const path = join(this.#folder, name);
    const file = await open(path, "r");
    this.#inUse.add(file);
    const close = async () => {
      if (this.#inUse.delete(file)) await file.close();
    };
    try {
      const sha256 = await digestOf(file);
      if (sha256 !== digest) {
        await close();
        return null;
      }
      const now = new Date();
      // The order of use is worth keeping, not worth failing for: a card that has gone read-only still speaks.
      await utimes(path, now, now).catch(() => undefined);
      return { sha256, fd: file.fd, sizeBytes: (await file.stat()).size, close };
    } catch (error) {
      await close();
      throw error;
    }
  }

  async #makeRoom(newest: string): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => !name.startsWith("making-"));
    const files = await Promise.all(names.map(async (name) => ({ name, ...(await sizeOf(join(this.#folder, name))) })));
    files.sort((a, b) => b.usedAt - a.usedAt);
    let total = 0;
    for (const { name, bytes } of files) {
      total += bytes;
      if (total > this.#mostBytes && name !== newest) await rm(join(this.#folder, name), { force: true });
    }
  }
}

async function sizeOf(path: string): Promise<{ bytes: number; usedAt: number }> {
  const { size, mtimeMs } = await stat(path);
  return { bytes: size, usedAt: mtimeMs };
}
