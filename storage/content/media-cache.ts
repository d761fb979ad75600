/**
 * The cache of approved media. Invariants: only what is approved now is opened, only what hashes right is given out, and nothing is fetched
 * that no key approved. One download at a time, pinned media first, then by the hour at which they are needed, then in the order of the
 * approval.
 */
import { createHash } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import { SECOND, type Sha256 } from "../../playback/model/units.ts";
import type { MediaLibrary, OpenMedia } from "../../playback/ports/media.ts";
import type { Database } from "../database.ts";
import { asStation } from "../faults.ts";
import { Allowance } from "./allowance.ts";
import { type CacheRules, NO_RULES } from "./cache-rules.ts";
import type { Needs } from "./fetch-queue.ts";
import { hashInto, openPlain } from "./files.ts";
import type { CacheAccount, MediaCacheOptions, MediaStatus } from "./media-options.ts";
import { MediaSync } from "./media-sync.ts";
import { ObjectStore } from "./object-store.ts";
import { DEFAULT_BACK_OFF } from "./retry.ts";
import { Scrub } from "./scrub.ts";
import { Traffic } from "./traffic.ts";

type Options = Required<MediaCacheOptions>;

export class MediaCache implements MediaLibrary {
  readonly #objects: ObjectStore;
  readonly #options: Options;
  readonly #allowance: Allowance;
  readonly #sync: MediaSync;
  readonly #scrub: Scrub;
  readonly #quarantined = new Set<Sha256>();
  /** Held here so that none is collected, and so closed, while somebody uses the bare descriptor. */
  readonly #playing = new Map<FileHandle, Sha256>();
  #approved = new Map<Sha256, ApprovedMedia>();

  private constructor(objects: ObjectStore, traffic: Traffic, options: Options) {
    const { clock, rules, free, onEvent } = options;
    this.#objects = objects;
    this.#options = options;
    this.#allowance = new Allowance({
      ...{ objects, traffic, clock, rules, free },
      inUse: () => new Set([...this.#playing.values(), ...(this.#sync.current === null ? [] : [this.#sync.current])]),
      onEvicted: (sha256, bytes) => onEvent("evicted", { kind: "evicted", sha256, bytes }),
    });
    this.#sync = new MediaSync(objects, options, {
      queue: () => asStation("look after the media cache", () => this.#allowance.queue()),
      wanted: (sha256) =>
        this.#approved.has(sha256) && objects.bytesOf(sha256) === null && !objects.strikes.outOf(sha256),
      addressesOf: ({ sha256, urls }) => [...this.#allowance.rules.mirrors.map((one) => joined(one, sha256)), ...urls],
      makeRoom: (media) => asStation("make room", () => this.#allowance.makeRoom(media)),
      received: (media, bytes) => this.#allowance.received(media, bytes),
      arrived: (sha256) => this.#quarantined.delete(sha256),
      spoilt: (sha256) => this.#spoilt(sha256, "an object found in its place has other bytes than its name says"),
    });
    this.#scrub = new Scrub({
      objects,
      clock,
      everyMs: () => this.#allowance.rules.scrubEveryMs,
      onSpoilt: async (sha256, problem) => {
        await objects.quarantine(sha256);
        this.#spoilt(sha256, problem);
      },
      onFault: (problem) => onEvent("fault", { kind: "fault", problem }),
    });
  }

  /** @throws StationError `storage-failed` */
  static async open(folder: string, database: Database, options: MediaCacheOptions): Promise<MediaCache> {
    const objects = await asStation(`open the media cache ${folder}`, () =>
      ObjectStore.open(folder, database, options.clock),
    );
    return new MediaCache(objects, await Traffic.open(database), {
      ...{
        onEvent: () => undefined,
        fetch: globalThis.fetch,
        backOff: DEFAULT_BACK_OFF,
        stallMs: 10 * SECOND,
        random: Math.random,
        rules: NO_RULES,
        free: () => objects.free(),
      },
      ...options,
    });
  }

  has(sha256: Sha256): boolean {
    return this.#approved.has(sha256) && this.#objects.bytesOf(sha256) !== null;
  }

  /** What it may take of disk and network, from now on. */
  setRules(rules: CacheRules): void {
    this.#allowance.setRules(rules);
    this.#sync.reconsider([...this.#approved.values()]);
  }

  /**
   * What is needed in the next days and when first; it is fetched in that order and never evicted. `null` where nobody can say, as under a
   * clock that is not trusted: then everything approved counts as needed.
   */
  setNeeds(needs: Needs): void {
    this.#allowance.setNeeds(needs);
    this.#sync.wake();
  }

  /** What may be played and is wanted on the disk, from now on. A download of anything else is broken off. */
  setApproved(list: readonly ApprovedMedia[]): void {
    this.#approved = new Map(list.map((media) => [media.sha256, media]));
    this.#allowance.setApproved(this.#approved);
    for (const sha256 of this.#quarantined) if (!this.#approved.has(sha256)) this.#quarantined.delete(sha256);
    this.#sync.reconsider(list);
  }

  /**
   * Once after the first `setApproved`: puts right what a power cut left. Where nothing is approved, or not all of it is known (`keep`), nothing
   * is deleted. @throws StationError `storage-failed`
   */
  async reconcile(keep = false): Promise<void> {
    const spoilt = await asStation("reconcile the media cache", () =>
      this.#objects.reconcile([...this.#approved.values()], keep),
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
      this.#playing.set(file, sha256);
      this.#objects.use(sha256);
      return { sha256, fd: file.fd, type: media.type, durationMs: media.durationMs, close };
    });
  }

  /**
   * Fetches what is approved and missing, and goes on as approvals and objects come and go, until the signal aborts. Never rejects for the
   * network's or the disk's sake.
   */
  async sync(signal: AbortSignal): Promise<void> {
    await this.#sync.run(signal);
    // The order of use is worth keeping, not worth failing for.
    await this.#allowance.keepBooks().catch((error: unknown) => {
      this.#options.onEvent("fault", { kind: "fault", problem: (error as Error).message });
    });
  }

  /** Reads every object again once per `scrubEveryMs`, until the signal aborts; what rotted is put away and fetched anew. */
  scrub(signal: AbortSignal): Promise<void> {
    return this.#scrub.run(signal);
  }

  /** Where it stands against its rules; `null` before the loop has looked. */
  account(): CacheAccount | null {
    return this.#allowance.account();
  }

  /** Every approved object, in the order of the approval. */
  status(): MediaStatus[] {
    return [...this.#approved.keys()].map((sha256) => {
      const bytes = this.#objects.bytesOf(sha256);
      if (bytes !== null) return { sha256, state: "present", bytes };
      const arrived = this.#sync.arrivedOf(sha256);
      if (this.#sync.current === sha256) return { sha256, state: "downloading", bytes: arrived };
      const otherwise = this.#quarantined.has(sha256) ? "quarantined" : "missing";
      return { sha256, state: this.#allowance.holdOf(sha256) ?? otherwise, bytes: arrived };
    });
  }

  /**
   * Copies a file in, as from a USB stick, and forgets how often the object was spoilt here: a person stands behind it. Refuses what is not
   * approved (`digest-not-approved`), not what it should be (`media-altered`) or has no room (`over-budget`).
   * @throws StationError `storage-failed`
   */
  async importFile(path: string, sha256: Sha256): Promise<Refusal | null> {
    const media = this.#approved.get(sha256);
    if (media === undefined) return refusal("digest-not-approved", `no valid approval names ${sha256}`);
    const target = `${this.#objects.partialPath(sha256)}.import`;
    return asStation(`import ${path}`, async () => {
      const altered = refusal("media-altered", `${path} is not ${sha256}`);
      const source = await openPlain(path);
      if (source === null) return refusal("media-altered", `${path} is no plain file`);
      try {
        if ((await source.stat()).size !== media.sizeBytes) return altered;
        if (!(await this.#allowance.makeRoom(media)))
          return refusal("over-budget", `the cache has no room for ${media.sizeBytes} bytes (${media.title})`);
        if ((await copied(source, target, media.sizeBytes)) !== sha256) return altered;
        await this.#objects.take(target, media);
        await this.#objects.strikes.forgive(sha256);
      } finally {
        await source.close();
        await rm(target, { force: true });
      }
      this.#quarantined.delete(sha256);
      this.#sync.reconsider([...this.#approved.values()]);
      return null;
    });
  }

  #spoilt(sha256: Sha256, problem: string): void {
    this.#quarantined.add(sha256);
    const strikes = this.#objects.strikes.of(sha256);
    this.#options.onEvent("quarantined", { kind: "quarantined", sha256, problem, strikes });
    this.#sync.wake();
  }
}

/** Copies at most `cap` bytes, synced, and gives their digest: of what was written, not of what may be read again. */
async function copied(source: FileHandle, to: string, cap: number): Promise<string> {
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
    await target.close();
  }
}

/** The address of an object at a mirror. */
function joined(mirror: string, sha256: Sha256): string {
  return `${mirror.replace(/\/+$/, "")}/${sha256}`;
}
