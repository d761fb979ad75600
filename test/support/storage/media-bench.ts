/** A media cache on a real database and folder, its loop running, and what it said. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { ApprovedMedia } from "../../../playback/model/schedule.ts";
import type { Sha256 } from "../../../playback/model/units.ts";
import { MediaCache } from "../../../storage/content/media-cache.ts";
import type { MediaCacheOptions, MediaEvent } from "../../../storage/content/media-options.ts";
import type { Store } from "../../../storage/store.ts";
import { ManualClock } from "./manual-clock.ts";
import { temporaryStore } from "./temporary.ts";

export function sha256Of(body: Buffer): Sha256 {
  return createHash("sha256").update(body).digest("hex") as Sha256;
}

export function approved(body: Buffer, urls: readonly string[], change: Partial<ApprovedMedia> = {}): ApprovedMedia {
  return {
    ...{
      sha256: sha256Of(body),
      sizeBytes: body.length,
      type: "audio/mpeg",
      durationMs: 1_000,
      title: "Item",
      urls,
      pinned: false,
    },
    ...change,
  };
}

/** Bytes that differ by seed. */
export function bytes(length: number, seed = 1): Buffer {
  const body = Buffer.alloc(length);
  for (let n = 0, state = seed; n < length; n++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    body[n] = state >> 16;
  }
  return body;
}

export interface MediaBench {
  readonly cache: MediaCache;
  readonly folder: string;
  readonly clock: ManualClock;
  readonly store: Store;
  readonly events: MediaEvent[];
  readonly objectPath: (sha256: string) => string;
  readonly partialPath: (sha256: string) => string;
  /** Runs the loop until the test ends, or is stopped. */
  readonly run: () => { stop: () => Promise<void> };
}

/** In the folder of an earlier bench it is what a restart finds. */
export async function mediaBench(options: Partial<MediaCacheOptions> & { folder?: string } = {}): Promise<MediaBench> {
  const clock = new ManualClock();
  const { store, folder } = await temporaryStore({
    clock,
    ...(options.folder !== undefined && { folder: options.folder }),
  });
  const events: MediaEvent[] = [];
  const media = join(folder, "media");
  const cache = await MediaCache.open(media, store.database, {
    clock,
    onEvent: (_, fields) => void events.push(fields),
    ...options,
  });
  const run = () => {
    const abort = new AbortController();
    const running = cache.sync(abort.signal);
    const stop = () => {
      abort.abort();
      return running;
    };
    onTestFinished(stop);
    return { stop };
  };
  const objectPath = (sha256: string) => join(media, "objects", sha256.slice(0, 2), sha256);
  const partialPath = (sha256: string) => join(media, "partial", `${sha256}.part`);
  return { cache, folder, clock, store, events, objectPath, partialPath, run };
}

/** Waits for what happens in sockets and files, which no clock of ours moves. */
export async function eventually(condition: () => boolean, what = "it"): Promise<void> {
  const end = performance.now() + 8_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} did not happen within 8 s`);
    await sleep(5);
  }
}
