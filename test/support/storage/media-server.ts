/** A real HTTP server on the loopback that serves one body well or badly, as told per path, and remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type Manner =
  | { readonly kind: "good" }
  | { readonly kind: "no-ranges" }
  /** Promises everything and hangs up after some bytes of each answer. */
  | { readonly kind: "cut"; readonly after: number }
  /** Sends some bytes and then nothing more. */
  | { readonly kind: "stall"; readonly after: number }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "redirect"; readonly to: string }
  /** Never ends. */
  | { readonly kind: "endless" }
  /** Answers a range with another one. */
  | { readonly kind: "wrong-range" };

export interface Asked {
  readonly path: string;
  readonly range: string | null;
}

export class MediaServer {
  readonly asked: Asked[] = [];
  readonly #served = new Map<string, { body: Buffer; manner: Manner }>();
  #origin = "";
  /** Bytes of bodies that went out. */
  sent = 0;

  static async start(): Promise<MediaServer> {
    const server = new MediaServer();
    const http = createServer((request, response) => server.#answer(request, response));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    server.#origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    onTestFinished(() => {
      http.closeAllConnections();
      http.close();
    });
    return server;
  }

  /** Serves from now on, and gives the address. */
  serve(path: string, body: Buffer, manner: Manner = { kind: "good" }): string {
    this.#served.set(path, { body, manner });
    return this.#origin + path;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "";
    const range = request.headers.range ?? null;
    this.asked.push({ path, range });
    const found = this.#served.get(path);
    if (found === undefined) response.writeHead(404).end("not here");
    else if (found.manner.kind === "status") response.writeHead(found.manner.status).end("no");
    else if (found.manner.kind === "redirect") response.writeHead(302, { location: found.manner.to }).end();
    else if (found.manner.kind === "endless") this.#endless(response);
    else this.#send(response, found.body, found.manner, range);
  }

  #send(response: ServerResponse, body: Buffer, manner: Manner, range: string | null): void {
    const from = manner.kind === "no-ranges" ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    const told = manner.kind === "wrong-range" ? from + 1 : from;
    const headers = from > 0 ? { "content-range": `bytes ${told}-${body.length - 1}/${body.length}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { ...headers, "content-length": body.length - from });
    const rest = body.subarray(from);
    const part = manner.kind === "cut" || manner.kind === "stall" ? rest.subarray(0, manner.after) : rest;
    this.sent += part.length;
    if (manner.kind === "stall") response.write(part);
    else if (part.length < rest.length) response.write(part, () => response.destroy());
    else response.end(part);
  }

  #endless(response: ServerResponse): void {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536))) this.sent += 65_536;
    };
    response.on("drain", more);
    more();
  }
}
