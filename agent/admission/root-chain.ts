/**
 * The chain of root documents, from the file pinned at installation to the newest: each link was carried by the one before. The pinned file is the
 * start whatever is stored; what does not follow from it is left. Invariants: versions rise by one; what waits is bounded.
 */
import { z } from "zod";
import { StationError } from "../../playback/model/station-error.ts";
import type { Sha256 } from "../../playback/model/units.ts";
import type { Transaction } from "../../storage/database.ts";
import type { Notes } from "../../storage/notes.ts";
import type { Adopted } from "../adopted.ts";
import type { DownlinkTopic } from "../contract/topics.ts";
import type { RootFile } from "../contract/trust.ts";
import { KeyError, Keyring } from "../keyring.ts";

const NOTE = "root-chain";
/** Enough for a station that was away over many ceremonies; a root of 16 keys and 32 signatures stays far below the size. */
const MOST_EARLY = 16;
const LARGEST_EARLY = 32_768;

/** A link as it was stored: the exact bytes, and the topic they came by. */
export interface StoredRoot {
  readonly topic: DownlinkTopic;
  readonly bytes: Buffer;
  readonly adoptedAt: number;
}

interface EarlyRoot extends Pick<StoredRoot, "topic" | "bytes"> {
  readonly version: number;
}

const storedLinks = z
  .array(z.object({ address: z.string(), detail: z.string(), bytes: z.base64(), adoptedAt: z.number() }))
  .catch([]);

export class RootChain {
  readonly #pinned: RootFile;
  #keyring: Keyring;
  #links: readonly Adopted[] = [];
  #early: readonly EarlyRoot[] = [];

  private constructor(pinned: RootFile, keyring: Keyring) {
    this.#pinned = pinned;
    this.#keyring = keyring;
  }

  /** Only the pinned file; `add` the stored links that hold. @throws StationError `config-invalid` where its keys are weak or too few */
  static async pin(root: RootFile): Promise<RootChain> {
    try {
      return new RootChain(root, await Keyring.create(root, null));
    } catch (error) {
      if (!(error instanceof KeyError)) throw error;
      throw new StationError("config-invalid", `the pinned root cannot be used: ${error.message}`, { cause: error });
    }
  }

  /** Links as they were stored, in order. A note that cannot be read is none: the documents come again. */
  static stored(notes: Notes): StoredRoot[] {
    return storedLinks.parse(notes.get(NOTE) ?? []).map(({ address, detail, bytes, adoptedAt }) => ({
      topic: { kind: "root", address, detail },
      bytes: Buffer.from(bytes, "base64"),
      adoptedAt,
    }));
  }

  /** The root that counts. */
  get current(): RootFile {
    const body = this.newest?.body;
    return body?.kind === "root" ? body.value : this.#pinned;
  }
  /** The newest adopted document; `null` while the pinned file is all there is. */
  get newest(): Adopted | null {
    return this.#links.at(-1) ?? null;
  }
  /** The current root's keys, and nothing that they delegated. */
  get keyring(): Keyring {
    return this.#keyring;
  }

  /** Whether a version that is not above the current one is a link of this chain, or lies below it. */
  knows(version: number, sha256: Sha256): boolean {
    return version <= this.#pinned.version || this.#links.some((link) => link.sha256 === sha256);
  }

  /** Writes the chain with this link, which `examineRoot` let pass. @throws StationError `storage-failed` */
  async write(tx: Transaction, notes: Notes, link: Adopted | null): Promise<void> {
    const links = link === null ? this.#links : [...this.#links, link];
    const value = links.map(({ key, bytes, adoptedAt }) => ({
      address: key.address,
      detail: key.identifier,
      bytes: bytes.toString("base64"),
      adoptedAt,
    }));
    await notes.set(tx, NOTE, value);
  }

  /** Makes it the root that counts. */
  async add(link: Adopted): Promise<void> {
    if (link.body.kind !== "root") throw new Error(`a ${link.body.kind} is no root`);
    this.#keyring = await Keyring.create(link.body.value, null);
    this.#links = [...this.#links, link];
    this.#early = this.#early.filter(({ version }) => version > this.current.version);
  }

  /** Keeps one that came too early. The nearest versions are kept: those can follow soonest. */
  keep(version: number, topic: DownlinkTopic, bytes: Buffer): void {
    if (bytes.length > LARGEST_EARLY || this.#early.some((other) => other.bytes.equals(bytes))) return;
    this.#early = [...this.#early, { version, topic, bytes }]
      .sort((a, b) => a.version - b.version)
      .slice(0, MOST_EARLY);
  }

  /** Those that may follow now. */
  following(): readonly Pick<StoredRoot, "topic" | "bytes">[] {
    return this.#early.filter(({ version }) => version === this.current.version + 1);
  }
}
