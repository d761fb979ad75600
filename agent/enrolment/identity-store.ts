/**
 * The station's key pairs and certificates on the disk: the one in use, and, during a renewal, the next one beside it. Invariant: there is
 * always one usable pair as soon as there was one; a pair is named by one file, replaced whole.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { z } from "zod";
import { readIfPresent, replaceFile, syncFolder } from "../../storage/durable-file.ts";
import { codeOf } from "../../storage/faults.ts";

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
   * What cannot be used is no pair: the other one serves, or the station enrols anew. A damaged file is told of once and put aside until a
   * certificate is on the disk again; one that could not be read stays, for the card may read it at the next start. Never rejects for the disk's
   * sake, because a station without a certificate plays: `onFault` hears of what could not be told, or put aside.
   */
  static async open(folder: string, tell: DamageTold, onFault: (error: unknown) => void): Promise<IdentityStore> {
    const store = new IdentityStore(folder);
    const attempt = (work: () => Promise<void>) => work().catch(onFault);
    await attempt(async () => void (await mkdir(folder, { recursive: true, mode: 0o700 })));
    for (const slot of SLOTS) await attempt(() => store.#load(slot, tell));
    await attempt(async () => {
      const names = await readdir(folder);
      for (const slot of SLOTS) if (names.includes(asideOf(slot))) store.#damaged.add(slot);
    });
    return store;
  }

  async #load(slot: PairSlot, tell: DamageTold): Promise<void> {
    const found = await look(this.#folder, slot);
    if (!("why" in found)) {
      this.#pairs[slot] = found.pair;
      return;
    }
    this.#damaged.add(slot);
    // First told, then put aside: a power cut between the two tells it twice, which is better than never.
    await tell(slot, found.why);
    if (!found.read) return;
    await rename(this.#file(slot), this.#aside(slot));
    await syncFolder(this.#folder);
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
    return join(this.#folder, asideOf(slot));
  }

  #file(slot: PairSlot): string {
    return fileOf(this.#folder, slot);
  }
}

const fileOf = (folder: string, slot: PairSlot) => join(folder, `${slot}.json`);
const asideOf = (slot: PairSlot) => `${slot}.json.damaged`;

/** The pair of a slot, `null` where there is no file, or why it cannot be used. Moves nothing; never rejects. */
export async function lookAtPair(folder: string, slot: PairSlot): Promise<Pair | string | null> {
  const found = await look(folder, slot);
  return "why" in found ? found.why : found.pair;
}

/** `read`: the bytes came, and they are no pair. */
type Found = { readonly pair: Pair | null } | { readonly why: string; readonly read: boolean };

async function look(folder: string, slot: PairSlot): Promise<Found> {
  try {
    const text = await readIfPresent(fileOf(folder, slot));
    if (text === null) return { pair: null };
    const judged = judge(text);
    return typeof judged === "string" ? { why: judged, read: true } : { pair: judged };
  } catch (error) {
    return { why: `it cannot be read: ${codeOf(error)}`, read: false };
  }
}

/** The pair that a text holds, or why it cannot be used. */
function judge(text: string): Pair | string {
  const json = parseJson(text);
  if (json === undefined) return "it is torn: no JSON";
  const read = pair.safeParse(json);
  if (!read.success) return `it lacks or spoils: ${read.error.issues.map(({ path: at }) => at.join(".")).join(", ")}`;
  const { key, certificate } = read.data;
  if (certificate !== "" && !holds(() => new X509Certificate(certificate))) return "its certificate cannot be read";
  if (!holds(() => createPrivateKey(key))) return "its key cannot be read";
  // As a connection is made with them.
  if (certificate !== "" && !holds(() => createSecureContext({ key, cert: certificate })))
    return "its key and certificate do not go together";
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

/** Whether it can be made at all; the libraries' own words may quote a key. */
function holds(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}
