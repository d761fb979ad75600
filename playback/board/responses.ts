/** What the page's server answers: files of the page, media of the scene, and refusals that tell a stranger nothing. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseSha256, type Sha256 } from "../model/units.ts";
import { isRefusal } from "../ports/media.ts";
import { type Door, SECURITY_HEADERS } from "./doors.ts";
import type { MediaShelf, Visual } from "./media-shelf.ts";
import type { PageFiles } from "./page-files.ts";
import { partOf } from "./range.ts";
import { readRange } from "./read-range.ts";

export interface Rooms {
  readonly files: PageFiles;
  readonly shelf: MediaShelf;
  /** What could not be answered, and is nobody's but ours to know. */
  readonly onFault: (error: unknown) => void;
}

/** What a stream ends with when its reader goes away. */
const GONE: readonly unknown[] = ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"];

/** The size of a picture, `1920x1080`, so that the page unpacks it no larger than it needs. */
const SIZE_HEADER = "loa-size";

/** Answers one request; never rejects, because nobody waits for it. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  door: Door,
  rooms: Rooms,
): Promise<void> {
  try {
    await respond(request, response, door, rooms);
  } catch (error) {
    rooms.onFault(error);
    if (response.headersSent) response.destroy();
    else say(response, 500, "");
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  door: Door,
  { files, shelf }: Rooms,
): Promise<void> {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  if (!door.open) return say(response, door.status, "");
  const [room, name = ""] = door.path;
  const sha256 = room === "media" && door.path.length === 2 ? parseSha256(name) : null;
  if (sha256 !== null) return answerMedia(request, response, sha256, shelf);
  const file = files.get(door.path.join("/"));
  if (file === undefined) return say(response, 404, "");
  response.setHeader("content-type", file.type);
  if (request.method === "HEAD") return end(response);
  const body = file.open();
  if (body instanceof Readable) return send(body, response);
  end(response, body);
}

async function answerMedia(
  request: IncomingMessage,
  response: ServerResponse,
  sha256: Sha256,
  shelf: MediaShelf,
): Promise<void> {
  const visual = await shelf.take(sha256);
  if (isRefusal(visual)) return say(response, visual.reason === "media-unplayable" ? 415 : 404, visual.detail);
  try {
    await sendMedia(request, response, visual);
  } finally {
    visual.giveBack();
  }
}

async function sendMedia(request: IncomingMessage, response: ServerResponse, visual: Visual): Promise<void> {
  const { fd, type, bytes, size } = visual;
  const part = partOf(request.headers.range, bytes);
  response.setHeader("content-type", type);
  response.setHeader("accept-ranges", "bytes");
  if (size !== null) response.setHeader(SIZE_HEADER, `${size.width}x${size.height}`);
  if (part === "unsatisfiable") {
    response.setHeader("content-range", `bytes */${bytes}`);
    return say(response, 416, "");
  }
  const { start, end: last } = part ?? { start: 0, end: bytes - 1 };
  response.setHeader("content-length", last - start + 1);
  if (part !== null) response.setHeader("content-range", `bytes ${start}-${last}/${bytes}`);
  response.writeHead(part === null ? 200 : 206);
  if (request.method === "HEAD" || last < start) return end(response);
  await send(Readable.from(readRange(fd, start, last)), response);
}

/** A browser that goes away while it is sent something is no fault; the stream is closed either way. @throws Error of the file */
async function send(body: Readable, response: ServerResponse): Promise<void> {
  try {
    await pipeline(body, response);
  } catch (error) {
    response.destroy();
    if (!GONE.includes((error as NodeJS.ErrnoException).code)) throw error;
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.writeHead(status);
  end(response, Buffer.from(text));
}

function end(response: ServerResponse, body?: Uint8Array): void {
  response.on("error", () => response.destroy());
  response.end(body);
}

/** Turns an upgrade away before it is one. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
