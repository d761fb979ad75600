/** A forward proxy (RFC 9110 §7.6, §9.3.6) that knows the hosts of one pin. Redirects pass through it and are judged when they are followed. */
import { createServer, type IncomingMessage } from "node:http";
import type { Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { LivePin } from "../../model/live.ts";
import { type Endpoint, endpointOf, parseAuthority } from "./allowed-hosts.ts";
import { dial, forbidden } from "./dial.ts";
import type { Refuse } from "./gate.ts";

/** Belong to one connection only, or to the proxy. */
const HOP = new Set([
  "connection",
  "proxy-connection",
  "proxy-authorization",
  "keep-alive",
  "te",
  "upgrade",
  "trailer",
]);

export function httpGate(pin: LivePin, refuse: Refuse): Server {
  const turnAway = (client: Duplex, status: string, why: string) => {
    refuse(why, status.startsWith("403"));
    if (client.destroyed) return;
    client.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${why}\n`);
  };
  const reach = (client: Duplex, to: Endpoint, ready: (server: Socket) => void) => {
    const why = forbidden(pin, to);
    if (why !== null) return turnAway(client, "403 Forbidden", why);
    const server = dial(to);
    let connected = false;
    server.once("connect", () => {
      connected = true;
      ready(server);
    });
    server.on("error", ({ message }) => (connected ? client.destroy() : turnAway(client, "502 Bad Gateway", message)));
    client.on("close", () => server.destroy());
    server.on("close", () => connected && client.end());
  };
  const gate = createServer({ maxHeaderSize: 16_384 });
  gate.on("request", (request) => {
    const client = request.socket;
    const url = URL.parse(request.url ?? "");
    const plain = request.method === "GET" || request.method === "HEAD";
    if (url?.protocol !== "http:" || !plain) return turnAway(client, "400 Bad Request", "only sound is fetched here");
    reach(client, endpointOf(url), (server) => {
      server.write(originForm(request, url));
      // Raw, because old Shoutcast servers answer "ICY 200 OK", which is no HTTP.
      server.pipe(client, { end: false });
    });
  });
  gate.on("connect", (request: IncomingMessage, client: Duplex, head: Buffer) => {
    // The server hands the connection over bare: a decoder killed right now resets it, and nobody else would hear of that.
    client.on("error", () => client.destroy());
    const to = parseAuthority(request.url ?? "");
    if (to === null) return turnAway(client, "400 Bad Request", "a tunnel leads to host:port");
    reach(client, to, (server) => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      server.write(head);
      server.pipe(client, { end: false });
      client.pipe(server);
    });
  });
  return gate;
}

/** The request as the server itself is asked; one connection, one answer, so that nothing follows unjudged. */
function originForm({ method, rawHeaders }: IncomingMessage, url: URL): string {
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (!HOP.has((rawHeaders[at] ?? "").toLowerCase())) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  return `${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`;
}
