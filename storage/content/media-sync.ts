/** The loop that fetches what is missing, one object at a time. */
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import { StationError } from "../../playback/model/station-error.ts";
import { MINUTE, SECOND, type Sha256 } from "../../playback/model/units.ts";
import { codeOf } from "../faults.ts";
import { DownloadError, download } from "./download.ts";
import type { MediaCacheOptions } from "./media-options.ts";
import type { ObjectStore } from "./object-store.ts";
import { openPartial } from "./partials.ts";
import { Distrust, Retry } from "./retry.ts";

/** What the loop asks of the cache around it. */
export interface SyncHost {
  /** What may be fetched now, the most urgent first. @throws StationError `storage-failed` */
  queue(): Promise<readonly ApprovedMedia[]>;
  /** Whether it is approved, not there and not given up. */
  wanted(sha256: Sha256): boolean;
  /** Where it may be asked for, in order. */
  addressesOf(media: ApprovedMedia): readonly string[];
  /** False where there is no room for it. @throws StationError `storage-failed` */
  makeRoom(media: ApprovedMedia): Promise<boolean>;
  /** Counts bytes that came; false where the download must not go on. @throws StationError `storage-failed` */
  received(media: ApprovedMedia, bytes: number): Promise<boolean>;
  arrived(sha256: Sha256): void;
  spoilt(sha256: Sha256): void;
}

/** What was broken off on the way, or is held back, is looked at again after this. */
const BROKEN_OFF_PAUSE = SECOND;
const LOOK_AGAIN = MINUTE;

/** How an unfinished file came about; unknown after a restart. */
interface Partial {
  source: string | null;
  /** After a mixture of addresses was wrong: from one address alone, so that a bad one cannot spoil a good one for ever. */
  pure: boolean;
  bytes: number;
}

export class MediaSync {
  readonly #objects: ObjectStore;
  readonly #options: Required<MediaCacheOptions>;
  readonly #host: SyncHost;
  readonly #retries = new Map<Sha256, Retry>();
  readonly #partials = new Map<Sha256, Partial>();
  readonly #distrust = new Distrust();
  #waking = new AbortController();
  #running: { media: ApprovedMedia; abort: AbortController } | null = null;

  constructor(objects: ObjectStore, options: Required<MediaCacheOptions>, host: SyncHost) {
    this.#objects = objects;
    this.#options = options;
    this.#host = host;
  }

  /** What is being downloaded. */
  get current(): Sha256 | null {
    return this.#running?.media.sha256 ?? null;
  }

  arrivedOf(sha256: Sha256): number {
    return this.#partials.get(sha256)?.bytes ?? 0;
  }

  /** Looks again at what there is to do. */
  wake(): void {
    this.#waking.abort();
  }

  /** The approvals changed: breaks off what is no longer wanted, or less urgent, and forgets what was known of it. */
  reconsider(list: readonly ApprovedMedia[]): void {
    const wanted = new Set(list.map(({ sha256 }) => sha256));
    for (const known of [this.#retries, this.#partials]) {
      for (const sha256 of [...known.keys()]) if (!wanted.has(sha256)) known.delete(sha256);
    }
    this.#distrust.keep(new Set(list.flatMap((media) => this.#host.addressesOf(media))));
    const running = this.#running;
    if (running !== null) {
      const urgent = list.some(({ sha256, pinned }) => pinned && this.#host.wanted(sha256));
      if (!this.#host.wanted(running.media.sha256) || (urgent && !running.media.pinned)) running.abort.abort();
    }
    this.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      this.#waking = new AbortController();
      const waking = AbortSignal.any([signal, this.#waking.signal]);
      const queue = await this.#queue();
      const now = clock.monotonic();
      const next = queue.find(({ sha256 }) => this.#retryOf(sha256).notBefore <= now);
      if (next !== undefined) {
        await this.#attempt(next, signal);
        continue;
      }
      const earliest = Math.min(now + LOOK_AGAIN, ...queue.map(({ sha256 }) => this.#retryOf(sha256).notBefore));
      await clock.wait(earliest - now, waking);
    }
  }

  async #queue(): Promise<readonly ApprovedMedia[]> {
    try {
      return await this.#host.queue();
    } catch (error) {
      this.#options.onEvent("fault", { kind: "fault", problem: ofTheWorld(error).message });
      return [];
    }
  }

  async #attempt(media: ApprovedMedia, outer: AbortSignal): Promise<void> {
    const abort = new AbortController();
    const signal = AbortSignal.any([outer, abort.signal]);
    this.#running = { media, abort };
    try {
      if (await this.#isThere(media)) return;
      if (!(await this.#host.makeRoom(media))) return this.#failed(media, null, "there is no room for it", true);
      const now = this.#options.clock.monotonic();
      const urls = this.#host.addressesOf(media).filter((url) => this.#distrust.until(url) <= now);
      for (const url of urls) {
        const problem = await this.#tryUrl(media, url, abort, signal);
        if (problem === null) return;
        if (signal.aborted) return this.#retryOf(media.sha256).waitUntil(now + BROKEN_OFF_PAUSE);
        // The object waits only once all its addresses have failed.
        this.#failed(media, url, problem, url === urls.at(-1));
      }
      if (urls.length === 0) this.#noAddress(media);
    } catch (error) {
      // A disk that is full or fails today may have room tomorrow.
      if (!signal.aborted) this.#failed(media, null, ofTheWorld(error).message, true);
    } finally {
      this.#running = null;
    }
  }

  async #isThere(media: ApprovedMedia): Promise<boolean> {
    const found = await this.#objects.adopt(media);
    if (found === "adopted") this.#host.arrived(media.sha256);
    if (found === "spoilt") this.#host.spoilt(media.sha256);
    return found === "adopted";
  }

  /** `null` when the object has arrived, else what went wrong. */
  async #tryUrl(
    media: ApprovedMedia,
    url: string,
    abort: AbortController,
    signal: AbortSignal,
  ): Promise<string | null> {
    const { clock, fetch, stallMs, onEvent } = this.#options;
    const start = clock.monotonic();
    const partial = this.#partialOf(media.sha256);
    const path = this.#objects.partialPath(media.sha256);
    const file = await openPartial(path);
    try {
      if (partial.pure && partial.source !== url) await file.truncate(0);
      const had = (await file.stat()).size;
      const alone = had === 0 || partial.source === url;
      partial.source = alone ? url : null;
      const onBytes = (total: number) => {
        partial.bytes = total;
      };
      const onReceived = async (bytes: number) => {
        if (!(await this.#host.received(media, bytes))) abort.abort();
      };
      const ways = { clock, fetch, stallMs, onBytes, onReceived };
      const { outcome, fresh } = await download(url, file, media, signal, ways);
      if (outcome === "wrong") {
        if (alone || fresh) this.#distrust.wrong(url, clock.monotonic());
        else partial.pure = true;
        partial.bytes = 0;
        return "the bytes are not the approved ones";
      }
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      return error.message;
    } finally {
      await file.close();
    }
    await this.#objects.take(path, media);
    this.#retries.delete(media.sha256);
    this.#partials.delete(media.sha256);
    this.#host.arrived(media.sha256);
    const { sha256, sizeBytes: bytes } = media;
    onEvent("downloaded", { kind: "downloaded", sha256, url, bytes, tookMs: clock.monotonic() - start });
    return null;
  }

  #failed(media: ApprovedMedia, url: string | null, problem: string, waits: boolean): void {
    const retryInMs = waits ? this.#retryOf(media.sha256).failed(this.#options.clock.monotonic()) : 0;
    this.#options.onEvent("failed", { kind: "failed", sha256: media.sha256, url, problem, retryInMs });
  }

  #noAddress(media: ApprovedMedia): void {
    const until = Math.min(...this.#host.addressesOf(media).map((url) => this.#distrust.until(url)));
    this.#retryOf(media.sha256).waitUntil(until);
  }

  #retryOf(sha256: Sha256): Retry {
    const known = this.#retries.get(sha256) ?? new Retry(this.#options.backOff, this.#options.random);
    this.#retries.set(sha256, known);
    return known;
  }

  #partialOf(sha256: Sha256): Partial {
    const known = this.#partials.get(sha256) ?? { source: null, pure: false, bytes: 0 };
    this.#partials.set(sha256, known);
    return known;
  }
}

/** The error, where it says something about the disk; a bug is thrown on. */
function ofTheWorld(error: unknown): Error {
  if (error instanceof StationError || codeOf(error) !== "") return error as Error;
  throw error;
}
