/**
 * Serves media by digest on the loopback, with ranges as RFC 9110 §14 has them, and misbehaves on request: the faults are
 * those of a cheap web host behind a mobile network.
 */
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";

/** What is wrong with one file. */
export type MediaFault =
  | { readonly kind: "status"; readonly status: number }
  /** The connection breaks after so many bytes of each answer. */
  | { readonly kind: "truncate"; readonly afterBytes: number }
  /** Every byte of the file at and after this offset is inverted: right length, wrong digest. */
  | { readonly kind: "swap"; readonly fromByte: number }
  | { readonly kind: "slow"; readonly bytesPerSecond: number }
  /** Answers 200 with the whole file though a range was asked for. */
  | { readonly kind: "no-ranges" };

/** What was asked of one file. */
export interface MediaTraffic {
  readonly requests: number;
  readonly ranged: number;
  /** Body bytes handed to the socket. */
  readonly bytes: number;
}

interface Entry {
  readonly file: string;
  readonly type: string;
  fault: MediaFault | null;
  traffic: MediaTraffic;
}

const NONE: MediaTraffic = { requests: 0, ranged: 0, bytes: 0 };

/** An HTTP server that can be stopped like a power cut and started again on its port. */
export class MediaServer {
  readonly #entries = new Map<string, Entry>();
  #server: Server | null = null;
  #port = 0;

  static async start(): Promise<MediaServer> {
    const server = new MediaServer();
    await server.restart();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  /** Address of a digest, whether it is served or not. */
  url(sha256: string): string {
    return `http://127.0.0.1:${this.#port}/${sha256}`;
  }

  /** Serves a file under its digest and returns its address. */
  add(media: { readonly sha256: string; readonly file: string; readonly type: string }): string {
    this.#entries.set(media.sha256, { file: media.file, type: media.type, fault: null, traffic: NONE });
    return this.url(media.sha256);
  }

  remove(sha256: string): void {
    this.#entries.delete(sha256);
  }

  /** Makes one file misbehave from the next request on; `null` heals it. */
  setFault(sha256: string, fault: MediaFault | null): void {
    this.#entry(sha256).fault = fault;
  }

  traffic(sha256: string): MediaTraffic {
    return this.#entry(sha256).traffic;
  }

  /** Closes the port and every open connection at once. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  }

  /** Serves again, on the port it had. */
  async restart(): Promise<void> {
    await this.stop();
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    const bound = server.address();
    if (bound === null || typeof bound === "string") throw new Error("the media server got no port");
    this.#port = bound.port;
    this.#server = server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #entry(sha256: string): Entry {
    const entry = this.#entries.get(sha256);
    if (entry === undefined) throw new Error(`${sha256} is not served`);
    return entry;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const digest = (request.url ?? "").slice(1);
    const entry = this.#entries.get(digest);
    if (entry === undefined) return end(response, 404);
    if (request.method !== "GET" && request.method !== "HEAD") return end(response, 405);
    count(entry, { requests: 1, ranged: request.headers.range === undefined ? 0 : 1 });
    const fault = entry.fault;
    if (fault?.kind === "status") return end(response, fault.status);

    const { size } = await stat(entry.file);
    const range = fault?.kind === "no-ranges" ? null : parseRange(request.headers.range, size);
    response.setHeader("accept-ranges", fault?.kind === "no-ranges" ? "none" : "bytes");
    response.setHeader("etag", `"${digest}"`);
    if (range === "unsatisfiable") {
      response.setHeader("content-range", `bytes */${size}`);
      return end(response, 416);
    }
    const { first, last } = range ?? { first: 0, last: size - 1 };
    response.setHeader("content-type", entry.type);
    response.setHeader("content-length", last - first + 1);
    if (range !== null) response.setHeader("content-range", `bytes ${first}-${last}/${size}`);
    response.writeHead(range === null ? 200 : 206);
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    await this.#send(entry, fault, first, last, response);
  }

  async #send(entry: Entry, fault: MediaFault | null, first: number, last: number, response: ServerResponse) {
    let sent = 0;
    const spoil = new Transform({
      async transform(chunk: Buffer, _encoding, done) {
        let part = chunk;
        if (fault?.kind === "truncate") part = part.subarray(0, Math.max(0, fault.afterBytes - sent));
        if (fault?.kind === "swap") part = invertFrom(part, fault.fromByte - first - sent);
        if (fault?.kind === "slow") await delay((part.length / fault.bytesPerSecond) * 1_000);
        sent += part.length;
        count(entry, { bytes: part.length });
        if (part.length < chunk.length) {
          // Written, then cut: the reader gets exactly so many bytes and a broken connection.
          if (part.length === 0) response.destroy();
          else response.write(part, () => response.destroy());
          done();
        } else done(null, part);
      },
    });
    const highWaterMark = fault?.kind === "slow" ? Math.max(1, Math.ceil(fault.bytesPerSecond / 20)) : 65_536;
    const file = createReadStream(entry.file, { start: first, end: last, highWaterMark });
    try {
      await pipeline(file, spoil, response);
    } catch (error) {
      // The other side went away, or we cut it: both are what this server is for. Anything else is a mistake in a test.
      if (!response.destroyed) throw error;
    }
  }
}

function count(entry: Entry, more: Partial<MediaTraffic>): void {
  const { requests, ranged, bytes } = entry.traffic;
  entry.traffic = {
    requests: requests + (more.requests ?? 0),
    ranged: ranged + (more.ranged ?? 0),
    bytes: bytes + (more.bytes ?? 0),
  };
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-length": 0 }).end();
}

/** One range of bytes; `null` where none, or none that is understood, was asked for. */
function parseRange(header: string | undefined, size: number) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return null;
  const first = match[1] === "" ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const last = match[1] === "" || match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  return first >= size || first > last ? "unsatisfiable" : { first, last };
}

function invertFrom(part: Buffer, offset: number): Buffer {
  if (offset >= part.length) return part;
  return Buffer.from(part.map((byte, index) => (index >= offset ? byte ^ 0xff : byte)));
}
