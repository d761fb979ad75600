/**
 * The control socket: HTTP over a unix socket of mode 0660, so that the group of technicians may use it and nobody over a network.
 * A route table, JSON in and out; a refusal is a 4xx with a reason in words.
 */
import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { messageOf, StationError } from "../../playback/model/station-error.ts";
import { describePeer, peerOf } from "./peer.ts";

export interface ControlRequest {
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The caller as the kernel names it. */
  readonly by: string;
}

/** What the caller did wrong, in words; becomes a 400. */
export class BadRequest extends Error {}

export type Routes = Readonly<Record<string, (request: ControlRequest) => unknown>>;

const MAX_BODY = 65_536;

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY) throw new BadRequest(`a request may have ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  if (bytes === 0) return null;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw new BadRequest(`the request is not JSON: ${messageOf(error)}`);
  }
}

/** True where somebody answers on that socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

export class ControlServer {
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** Route names are `METHOD /path`. A socket left by a killed agent is replaced. @throws StationError `socket-in-use` */
  static async open(path: string, routes: Routes, onFault: (error: unknown) => void): Promise<ControlServer> {
    await mkdir(dirname(path), { recursive: true });
    if (await answers(path)) throw new StationError("socket-in-use", `an agent answers on ${path} already`);
    await rm(path, { force: true });
    const server = createServer((request, response) => {
      void handle(routes, request, response, onFault);
    });
    const mask = process.umask(0o117);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(path, () => resolve());
      });
    } finally {
      process.umask(mask);
    }
    await chmod(path, 0o660);
    return new ControlServer(server, path);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    await rm(this.#path, { force: true });
  }
}

async function handle(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
  onFault: (error: unknown) => void,
) {
  const reply = (status: number, value: unknown) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(value)}\n`);
  };
  try {
    const url = new URL(request.url ?? "/", "http://loa");
    const route = routes[`${request.method} ${url.pathname}`];
    if (route === undefined) return reply(404, { error: `there is no ${request.method} ${url.pathname}` });
    const body = await readBody(request);
    reply(200, (await route({ query: url.searchParams, body, by: describePeer(peerOf(request.socket)) })) ?? {});
  } catch (error) {
    if (error instanceof BadRequest) return reply(400, { error: error.message });
    onFault(error);
    reply(500, { error: messageOf(error) });
  }
}
