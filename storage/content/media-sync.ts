/** The loop that fetches what is missing, one object at a time. */
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import { StationError } from "../../playback/model/station-error.ts";
import type { Monotonic, Sha256 } from "../../playback/model/units.ts";
import { codeOf } from "../faults.ts";
import { DownloadError, download } from "./download.ts";
import type { MediaCacheOptions } from "./media-options.ts";
import { type ObjectStore, openPartial } from "./object-store.ts";
import { Distrust, Retry } from "./retry.ts";

/** What the loop asks of the cache around it. */
export interface SyncHost {
  /** What is missing, the most urgent first. */
  wanted(): readonly ApprovedMedia[];
  arrived(sha256: Sha256): void;
  spoilt(sha256: Sha256): void;
}

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
  #running: { sha256: Sha256; abort: AbortController } | null = null;

  constructor(objects: ObjectStore, options: Required<MediaCacheOptions>, host: SyncHost) {
    this.#objects = objects;
    this.#options = options;
    this.#host = host;
  }

  /** What is being downloaded. */
  get current(): Sha256 | null {
    return this.#running?.sha256 ?? null;
  }

  arrivedOf(sha256: Sha256): number {
    return this.#partials.get(sha256)?.bytes ?? 0;
  }

  /** Looks again at what there is to do. */
  wake(): void {
    this.#waking.abort();
  }

  /** The approvals changed: breaks off what is no longer wanted and forgets what was known of it. */
  reconsider(list: readonly ApprovedMedia[]): void {
    const wanted = new Set(list.map(({ sha256 }) => sha256));
    for (const known of [this.#retries, this.#partials]) {
      for (const sha256 of [...known.keys()]) if (!wanted.has(sha256)) known.delete(sha256);
    }
    this.#distrust.keep(new Set(list.flatMap(({ urls }) => urls)));
    const running = this.#running;
    if (running !== null && !this.#host.wanted().some(({ sha256 }) => sha256 === running.sha256)) running.abort.abort();
    this.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#waking = new AbortController();
      const now = this.#options.clock.monotonic();
      const wanted = this.#host.wanted();
      const next = wanted.find(({ sha256 }) => this.#retryOf(sha256).notBefore <= now);
      if (next !== undefined) {
        await this.#attempt(next, signal);
        continue;
      }
      const earliest = Math.min(...wanted.map(({ sha256 }) => this.#retryOf(sha256).notBefore));
      await this.#pause(earliest, AbortSignal.any([signal, this.#waking.signal]));
    }
  }

  async #pause(until: Monotonic, signal: AbortSignal): Promise<void> {
    // Nothing to do at all is a wait for the next `wake`.
    await this.#options.clock.wait(Math.min(until - this.#options.clock.monotonic(), 2 ** 40), signal);
  }

  async #attempt(media: ApprovedMedia, outer: AbortSignal): Promise<void> {
    const abort = new AbortController();
    const signal = AbortSignal.any([outer, abort.signal]);
    this.#running = { sha256: media.sha256, abort };
    try {
      if (await this.#isThere(media)) return;
      const now = this.#options.clock.monotonic();
      const urls = media.urls.filter((url) => this.#distrust.until(url) <= now);
      for (const url of urls) {
        const problem = await this.#tryUrl(media, url, signal);
        if (problem === null || signal.aborted) return;
        // The object waits only once all its addresses have failed.
        this.#failed(media, url, problem, url === urls.at(-1));
      }
      if (urls.length === 0) this.#noAddress(media);
    } catch (error) {
      // A disk that is full or fails today may have room tomorrow; a bug goes on up.
      if (signal.aborted) return;
      if (!(error instanceof StationError) && codeOf(error) === "") throw error;
      this.#failed(media, null, (error as Error).message, true);
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
  async #tryUrl(media: ApprovedMedia, url: string, signal: AbortSignal): Promise<string | null> {
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
      const { outcome, fresh } = await download(url, file, media, signal, { clock, fetch, stallMs, onBytes });
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
    const until = Math.min(...media.urls.map((url) => this.#distrust.until(url)));
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
