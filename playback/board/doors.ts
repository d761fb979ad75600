/**
 * Who may come in. The server listens on the loopback, where every program of the machine and every page of any browser on it could knock:
 * only a request that names this server, comes from no other page and carries the token of this start is answered.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Where the server listens: `127.0.0.1:41234`. */
export type Authority = string;

/** `method-not-allowed` and `not-found` are all that a stranger hears. */
export type Door =
  | { readonly open: true; readonly path: readonly string[] }
  | { readonly open: false; readonly status: 403 | 404 | 405 };

export interface Knock {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

const LONGEST_URL = 400;
/** One segment: no separator, no escape, no dot alone. */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/**
 * Judges a request. `upgrade`: it wants to become a WebSocket, and then must say where it comes from. The path is given without the token;
 * the page itself is the empty path.
 */
export function judge(knock: Knock, token: string, authority: Authority, upgrade: boolean): Door {
  const { method, url = "", headers } = knock;
  const origin = `http://${authority}`;
  if (headers.host !== authority) return { open: false, status: 403 };
  if (headers.origin === undefined ? upgrade : headers.origin !== origin) return { open: false, status: 403 };
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return { open: false, status: 403 };
  if (url.length > LONGEST_URL || !url.startsWith("/")) return { open: false, status: 404 };
  const [given = "", ...rest] = url.slice(1).split("/");
  if (!isSame(given, token)) return { open: false, status: 404 };
  if (method !== "GET" && method !== "HEAD") return { open: false, status: 405 };
  // `/<token>/` is the page; `/<token>` would make its relative addresses lose the token.
  const path = rest.length === 1 && rest[0] === "" ? [] : rest;
  if (rest.length === 0 || !path.every((segment) => SEGMENT.test(segment))) return { open: false, status: 404 };
  return { open: true, path };
}

/** Takes the same time whatever is given, also its length. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** Everything comes from here, nothing is inline, nothing is evaluated, and no text can become markup. */
export const SECURITY_HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "media-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), bluetooth=()",
} as const;
