/**
 * A page that shows how the station is, for a browser on this machine or at the end of a tunnel. Off unless station.yaml asks for it. It only
 * reads: no script, no form, no address but its own. Invariants: the loopback only; a request whose Host is no name of the loopback is refused,
 * so that no web page elsewhere can read it through a name of its own.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { StationError } from "../../playback/model/station-error.ts";
import { STATUS_STYLE, statusHtml } from "./status-html.ts";
import type { StatusView } from "./views.ts";

const LOOPBACK = "127.0.0.1";
const NAMES: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];
const MOST_CONNECTIONS = 8;
const SLOWEST_MS = 10_000;
const style = createHash("sha256").update(STATUS_STYLE).digest("base64");
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Whether a Host header names the loopback; the port is the tunnel's own affair. Pure. */
export function isLoopback(host: string | undefined): boolean {
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(host ?? "")?.[1]?.toLowerCase();
  return name !== undefined && NAMES.includes(name);
}

export class StatusPage {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @throws StationError `socket-in-use` where the port is taken */
  static async open(port: number, status: () => Promise<StatusView>, onFault: (error: unknown) => void) {
    const server = createServer({ requestTimeout: SLOWEST_MS, headersTimeout: SLOWEST_MS }, (request, response) => {
      void answer(request, response, status, onFault);
    });
    server.maxConnections = MOST_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) =>
        reject(new StationError("socket-in-use", `statusPage: port ${port}: ${error.message}`, { cause: error })),
      );
      server.listen(port, LOOPBACK, () => resolve());
    });
    return new StatusPage(server);
  }

  /** Where it listens. */
  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === "string" ? 0 : address.port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: () => Promise<StatusView>,
  onFault: (error: unknown) => void,
): Promise<void> {
  const refuse = (code: number, text: string) => {
    response.writeHead(code, { ...HEADERS, "content-type": "text/plain; charset=utf-8", connection: "close" });
    response.end(`${text}\n`);
  };
  if (!isLoopback(request.headers.host)) return refuse(421, "only by a name of the loopback");
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "it only reads");
  if (request.url !== "/") return refuse(404, "there is only /");
  try {
    const html = statusHtml(await status());
    response.writeHead(200, HEADERS);
    response.end(request.method === "HEAD" ? undefined : html);
  } catch (error) {
    onFault(error);
    refuse(500, "the status cannot be read now");
  }
}
