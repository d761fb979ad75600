/**
 * The cache of approved media. Invariants: only what is approved now is opened, only what hashes right is given out, and nothing is fetched
 * that no key approved. One download at a time, pinned media first, then in the order of the approval.
 */
import { createHash } from "node:crypto";
import { type FileHandle, open, rm, stat } from "node:fs/promises";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import { SECOND, type Sha256 } from "../../playback/model/units.ts";
import type { MediaLibrary, OpenMedia } from "../../playback/ports/media.ts";
import type { Database } from "../database.ts";
import { fromFileSystem } from "../faults.ts";
import { hashInto } from "./files.ts";
import type { MediaCacheOptions, MediaStatus } from "./media-options.ts";
import { MediaSync } from "./media-sync.ts";
import { ObjectStore } from "./object-store.ts";
import { DEFAULT_BACK_OFF } from "./retry.ts";

export class MediaCache implements MediaLibrary {
  readonly #objects: ObjectStore;
  readonly #options: Required<MediaCacheOptions>;
  readonly #sync: MediaSync;
  readonly #quarantined = new Set<Sha256>();
  /** Held here so that none is collected, and so closed, while somebody uses the bare descriptor. */
  readonly #playing = new Set<FileHandle>();
  #approved = new Map<Sha256, ApprovedMedia>();

  private constructor(objects: ObjectStore, options: Required<MediaCacheOptions>) {
    this.#objects = objects;
    this.#options = options;
    this.#sync = new MediaSync(objects, options, {
      wanted: () => this.#missing(),
      arrived: (sha256) => this.#quarantined.delete(sha256),
      spoilt: (sha256) => this.#spoilt(sha256, "an object found in its place has other bytes than its name says"),
    });
  }

  /** @throws StationError `storage-failed` */
  static async open(folder: string, database: Database, options: MediaCacheOptions): Promise<MediaCache> {
    const objects = await asStation(`open the media cache ${folder}`, () =>
      ObjectStore.open(folder, database, options.clock),
    );
    return new MediaCache(objects, {
      ...{
        onEvent: () => undefined,
        fetch: globalThis.fetch,
        backOff: DEFAULT_BACK_OFF,
        stallMs: 10 * SECOND,
        random: Math.random,
      },
      ...options,
    });
  }

  /** What may be played and is wanted on the disk, from now on. A download of anything else is broken off. */
  setApproved(list: readonly ApprovedMedia[]): void {
    this.#approved = new Map(list.map((media) => [media.sha256, media]));
    for (const sha256 of this.#quarantined) if (!this.#approved.has(sha256)) this.#quarantined.delete(sha256);
    this.#sync.reconsider(list);
  }

  /**
   * Once after the first `setApproved`: puts right what a power cut left. Where nothing is approved, nothing is deleted.
   * @throws StationError `storage-failed`
   */
  async reconcile(): Promise<void> {
    const spoilt = await asStation("reconcile the media cache", () =>
      this.#objects.reconcile([...this.#approved.values()]),
    );
    for (const sha256 of spoilt) this.#spoilt(sha256, "found spoilt at start");
    this.#sync.wake();
  }

  /** @throws StationError `storage-failed` where the disk cannot be read */
  async open(sha256: Sha256): Promise<OpenMedia | Refusal> {
    const media = this.#approved.get(sha256);
    if (media === undefined) return refusal("digest-not-approved", `no valid approval names ${sha256}`);
    return asStation(`open ${sha256}`, async () => {
      const file = await this.#objects.openVerified(media);
      if (file === "missing") return refusal("media-missing", `${sha256} (${media.title}) is not on the disk`);
      if (file === "altered") {
        await this.#objects.quarantine(sha256);
        this.#spoilt(sha256, "its bytes changed on the disk");
        return refusal("media-altered", `${sha256} (${media.title}) was altered on the disk`);
      }
      let closing: Promise<void> | null = null;
      const close = () => {
        this.#playing.delete(file);
        closing ??= file.close();
        return closing;
      };
      this.#playing.add(file);
      return { sha256, fd: file.fd, type: media.type, durationMs: media.durationMs, close };
    });
  }

  /**
   * Fetches what is approved and missing, and goes on as approvals and objects come and go, until the signal aborts. Never rejects for the
   * network's or the disk's sake.
   */
  sync(signal: AbortSignal): Promise<void> {
    return this.#sync.run(signal);
  }

  /** Every approved object, in the order of the approval. */
  status(): MediaStatus[] {
    return [...this.#approved.keys()].map((sha256) => {
      const bytes = this.#objects.bytesOf(sha256);
      if (bytes !== null) return { sha256, state: "present", bytes };
      const arrived = this.#sync.arrivedOf(sha256);
      if (this.#sync.current === sha256) return { sha256, state: "downloading", bytes: arrived };
      return { sha256, state: this.#quarantined.has(sha256) ? "quarantined" : "missing", bytes: arrived };
    });
  }

  /** Copies a file in, as from a USB stick. `digest-not-approved` or `media-altered` where it is not approved or not what it should be. @throws StationError `storage-failed` */
  async importFile(path: string, sha256: Sha256): Promise<Refusal | null> {
    const media = this.#approved.get(sha256);
    if (media === undefined) return refusal("digest-not-approved", `no valid approval names ${sha256}`);
    const target = `${this.#objects.partialPath(sha256)}.import`;
    return asStation(`import ${path}`, async () => {
      try {
        if ((await stat(path)).size !== media.sizeBytes || (await copied(path, target, media.sizeBytes)) !== sha256) {
          return refusal("media-altered", `${path} is not ${sha256}`);
        }
        await this.#objects.take(target, media);
      } finally {
        await rm(target, { force: true });
      }
      this.#quarantined.delete(sha256);
      this.#sync.reconsider([...this.#approved.values()]);
      return null;
    });
  }

  #missing(): ApprovedMedia[] {
    const missing = [...this.#approved.values()].filter(({ sha256 }) => this.#objects.bytesOf(sha256) === null);
    return [...missing.filter(({ pinned }) => pinned), ...missing.filter(({ pinned }) => !pinned)];
  }

  #spoilt(sha256: Sha256, problem: string): void {
    this.#quarantined.add(sha256);
    this.#options.onEvent("quarantined", { kind: "quarantined", sha256, problem });
    this.#sync.wake();
  }
}

/** Copies at most `cap` bytes, synced, and gives their digest: of what was written, not of what may be read again. */
async function copied(from: string, to: string, cap: number): Promise<string> {
  const source = await open(from, "r");
  const target = await open(to, "w+");
  try {
    const buffer = Buffer.allocUnsafe(256 * 1024);
    for (let at = 0; at < cap; ) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, cap - at), at);
      if (bytesRead === 0) break;
      await target.write(buffer, 0, bytesRead, at);
      at += bytesRead;
    }
    await target.sync();
    const hash = createHash("sha256");
    await hashInto(hash, target);
    return hash.digest("hex");
  } finally {
    await source.close();
    await target.close();
  }
}

async function asStation<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fromFileSystem(error, doing);
  }
}
