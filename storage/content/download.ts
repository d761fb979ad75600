/**
 * One URL into one unfinished file. Goes on where the file ends, hashes while writing, stops at the approved length. What came is judged by
 * its digest alone; no header of the server is believed.
 */
import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Millis, Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import { hashInto } from "./files.ts";
import type { Wanted } from "./object-store.ts";

const MOST_REDIRECTS = 5;
/**
 * The least that must come within a window of so many stall limits: 64 KB a minute by default. A server that drips holds the only place to
 * download. Assumed: the poorest mobile link that is of any use carries three times as much.
 */
const LEAST_BYTES = 65_536;
const STALLS_A_WINDOW = 6;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface DownloadOptions {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Gives up when no byte came for this long, or fewer than 64 KB in six times as long. */
  readonly stallMs: Millis;
  readonly onBytes: (total: number) => void;
  /** Told of every byte of a body that came over the network, wanted or not; awaited. */
  readonly onReceived: (bytes: number) => Promise<void>;
}

/** The network or the server failed; what was received stays for the next try. */
export class DownloadError extends Error {
  override readonly name = "DownloadError";
}

/**
 * `complete`: the file holds exactly the wanted bytes and is synced. `wrong`: it was as long as approved, or longer, and is not the wanted
 * one; it is emptied. `fresh`: whether all bytes came in this very call.
 * @throws DownloadError, and errors of the file system
 */
export async function download(
  url: string,
  file: FileHandle,
  wanted: Wanted,
  signal: AbortSignal,
  options: DownloadOptions,
): Promise<{ outcome: "complete" | "wrong"; fresh: boolean }> {
  let hash = createHash("sha256");
  let offset = (await file.stat()).size;
  if (offset > wanted.sizeBytes) offset = await emptied(file);
  await hashInto(hash, file, offset);
  let fresh = offset === 0;
  if (offset < wanted.sizeBytes) {
    const watch = watched(signal, options);
    try {
      const response = await request(url, offset, watch.signal, options.fetch);
      if (response.status !== 206) {
        // The server gives the whole.
        offset = await emptied(file);
        hash = createHash("sha256");
        fresh = true;
      }
      offset = await receive(response, file, hash, offset, wanted.sizeBytes, async (total, came) => {
        watch.alive(came);
        if (total !== null) options.onBytes(total);
        await options.onReceived(came);
      });
    } catch (error) {
      throw watch.explained(error);
    } finally {
      watch.stop();
    }
  }
  if (offset < wanted.sizeBytes) throw new DownloadError(`ended after ${offset} of ${wanted.sizeBytes} bytes`);
  if (offset === wanted.sizeBytes && hash.digest("hex") === wanted.sha256) {
    await file.sync();
    return { outcome: "complete", fresh };
  }
  await emptied(file);
  return { outcome: "wrong", fresh };
}

async function request(url: string, offset: number, signal: AbortSignal, fetch: Fetch): Promise<Response> {
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (offset > 0) headers.range = `bytes=${offset}-`;
  let at = httpUrl(url);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await fetch(at.href, { headers, signal, redirect: "manual" }).catch((error: unknown) => {
      throw networkError(error);
    });
    if (response.ok) return checked(response, offset);
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null)
      throw new DownloadError(`answered ${response.status}`);
    const next = httpUrl(new URL(location, at).href);
    if (at.protocol === "https:" && next.protocol !== "https:")
      throw new DownloadError(`redirects from https to ${next.protocol}`);
    at = next;
  }
  throw new DownloadError(`redirects more than ${MOST_REDIRECTS} times`);
}

async function checked(response: Response, offset: number): Promise<Response> {
  if (response.status === 200) return response;
  const range = response.headers.get("content-range") ?? "";
  if (response.status === 206 && offset > 0 && range.startsWith(`bytes ${offset}-`)) return response;
  await response.body?.cancel();
  throw new DownloadError(`answered ${response.status} with range "${range}" to a request from byte ${offset}`);
}

/** Writes what comes, at most one byte more than `cap` being looked at. Resolves with the new length; above `cap` where there was more. */
async function receive(
  response: Response,
  file: FileHandle,
  hash: Hash,
  from: number,
  cap: number,
  onBytes: (total: number | null, came: number) => Promise<void>,
): Promise<number> {
  if (response.body === null) return from;
  let offset = from;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw networkError(error);
    });
    if (done) return offset;
    if (offset + value.length > cap) {
      await reader.cancel();
      await onBytes(null, value.length);
      return cap + 1;
    }
    await file.write(value, 0, value.length, offset);
    hash.update(value);
    offset += value.length;
    await onBytes(offset, value.length);
  }
}

/** A signal that also aborts when nothing was alive for `stallMs`, or too little came in a whole window. */
function watched(outer: AbortSignal, { clock, stallMs }: DownloadOptions) {
  const stalled = new AbortController();
  const over = new AbortController();
  const windowMs = STALLS_A_WINDOW * stallMs;
  let last = clock.monotonic();
  let window = { from: last, bytes: 0 };
  const problem = (now: Monotonic): string | null => {
    if (now >= last + stallMs) return `no byte for ${stallMs} ms`;
    if (now < window.from + windowMs) return null;
    if (window.bytes < LEAST_BYTES) return `only ${window.bytes} bytes in ${windowMs} ms`;
    window = { from: now, bytes: 0 };
    return null;
  };
  void (async () => {
    for (;;) {
      const now = clock.monotonic();
      const found = problem(now);
      if (found !== null) return stalled.abort(new DownloadError(found));
      await clock.wait(Math.min(last + stallMs, window.from + windowMs) - now, over.signal);
      if (over.signal.aborted) return;
    }
  })();
  return {
    signal: AbortSignal.any([outer, stalled.signal]),
    alive: (bytes: number) => {
      last = clock.monotonic();
      window.bytes += bytes;
    },
    explained: (error: unknown): unknown => (stalled.signal.aborted ? stalled.signal.reason : error),
    stop: () => over.abort(),
  };
}

async function emptied(file: FileHandle): Promise<0> {
  await file.truncate(0);
  return 0;
}

function httpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && ["http:", "https:"].includes(url.protocol)) return url;
  throw new DownloadError(`not an http or https address: ${text}`);
}

function networkError(error: unknown): DownloadError {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return new DownloadError(`${(error as Error).message}${cause}`, { cause: error });
}
