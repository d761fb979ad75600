/**
 * The station's key pairs and certificates on the disk: the one in use, and, during a renewal, the next one beside it. Invariant: there is
 * always one usable pair as soon as there was one; a pair is named by one file, replaced whole.
 */
import { X509Certificate } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readIfPresent, replaceFile, syncFolder } from "../../storage/durable-file.ts";

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

/** Told of a file that cannot be used; never of what stands in it, for that may be a private key. */
export type DamageTold = (slot: PairSlot, why: string) => Promise<void>;

export class IdentityStore {
  readonly #folder: string;
  readonly #pairs: Record<PairSlot, Pair | null> = { current: null, next: null };
  readonly #damaged = new Set<PairSlot>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * What cannot be read is no pair: the other one serves, or the station enrols anew. The damaged file is told of once and put aside until a
   * certificate is on the disk again.
   */
  static async open(folder: string, tell: DamageTold): Promise<IdentityStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = new IdentityStore(folder);
    for (const slot of SLOTS) {
      const read = await lookAtPair(folder, slot);
      if (typeof read === "string") {
        // First told, then put aside: a power cut between the two tells it twice, which is better than never.
        await tell(slot, read);
        await rename(store.#file(slot), store.#aside(slot));
        await syncFolder(folder);
      } else store.#pairs[slot] = read;
      if ((await readIfPresent(store.#aside(slot))) !== null) store.#damaged.add(slot);
    }
    return store;
  }

  /** Pairs that were lost by damage and not replaced since. */
  get damaged(): readonly PairSlot[] {
    return [...this.#damaged];
  }

  get(slot: PairSlot): Pair | null {
    return this.#pairs[slot];
  }

  async put(slot: PairSlot, value: Pair): Promise<void> {
    await replaceFile(this.#file(slot), JSON.stringify(value));
    this.#pairs[slot] = value;
    if (value.certificate === "") return;
    for (const lost of this.#damaged) await rm(this.#aside(lost), { force: true });
    this.#damaged.clear();
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

  #aside(slot: PairSlot): string {
    return `${this.#file(slot)}.damaged`;
  }

  #file(slot: PairSlot): string {
    return fileOf(this.#folder, slot);
  }
}

const fileOf = (folder: string, slot: PairSlot) => join(folder, `${slot}.json`);

/** The pair of a slot, `null` where there is no file, or why it cannot be used. Moves nothing. */
export async function lookAtPair(folder: string, slot: PairSlot): Promise<Pair | string | null> {
  const text = await readIfPresent(fileOf(folder, slot));
  if (text === null) return null;
  const json = parseJson(text);
  if (json === undefined) return "it is torn: no JSON";
  const read = pair.safeParse(json);
  if (!read.success) return `it lacks or spoils: ${read.error.issues.map(({ path: at }) => at.join(".")).join(", ")}`;
  if (read.data.certificate !== "" && !isCertificate(read.data.certificate)) return "its certificate cannot be read";
  return read.data;
}

/** `undefined` for what is no JSON; the parser's own words would quote the key. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).serialNumber !== "";
  } catch {
    return false;
  }
}
