/**
 * The station's key pairs and certificates on the disk: the one in use, and, during a renewal, the next one beside it. Invariant: there is
 * always one usable pair as soon as there was one; a pair is named by one file, replaced whole.
 */
import { X509Certificate } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readIfPresent, replaceFile } from "../../storage/durable-file.ts";

const pair = z.strictObject({
  /** PKCS #8, PEM. */
  key: z.string(),
  /** PKCS #10, PEM: sent again unchanged when an answer was lost. */
  request: z.string(),
  /** PEM chain, the station's own first; empty until it was issued. */
  certificate: z.string(),
  /** Connections that it carried. */
  worked: z.int().min(0),
});
export type Pair = z.infer<typeof pair>;

const SLOTS = ["current", "next"] as const;
export type PairSlot = (typeof SLOTS)[number];

export class IdentityStore {
  readonly #folder: string;
  readonly #pairs: Record<PairSlot, Pair | null>;

  private constructor(folder: string, pairs: Record<PairSlot, Pair | null>) {
    this.#folder = folder;
    this.#pairs = pairs;
  }

  /** What cannot be read is no pair: the other one serves, or the station enrols anew. */
  static async open(folder: string): Promise<IdentityStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const [current, next] = await Promise.all(SLOTS.map((slot) => readPair(join(folder, `${slot}.json`))));
    return new IdentityStore(folder, { current: current ?? null, next: next ?? null });
  }

  get(slot: PairSlot): Pair | null {
    return this.#pairs[slot];
  }

  async put(slot: PairSlot, value: Pair): Promise<void> {
    await replaceFile(this.#file(slot), JSON.stringify(value));
    this.#pairs[slot] = value;
  }

  /** The next pair takes the place of the current one, whose key is gone then. */
  async promote(): Promise<void> {
    const { next } = this.#pairs;
    if (next === null) return;
    await this.put("current", next);
    await rm(this.#file("next"), { force: true });
    this.#pairs.next = null;
  }

  async drop(slot: PairSlot): Promise<void> {
    await rm(this.#file(slot), { force: true });
    this.#pairs[slot] = null;
  }

  #file(slot: PairSlot): string {
    return join(this.#folder, `${slot}.json`);
  }
}

async function readPair(path: string): Promise<Pair | null> {
  const text = await readIfPresent(path);
  if (text === null) return null;
  try {
    const read = pair.parse(JSON.parse(text));
    if (read.certificate !== "") new X509Certificate(read.certificate);
    return read;
  } catch {
    // A torn or foreign file is no identity; the caller says which state follows from that.
    return null;
  }
}
