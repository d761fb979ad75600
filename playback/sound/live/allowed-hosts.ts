/** Which hosts a live source may lead to: that of its address, and those that its pin names. Host and port count, never the name alone. Pure. */
import { isIP, isIPv4 } from "node:net";
import type { LivePin } from "../../model/live.ts";

export interface Endpoint {
  /** Lower case, without brackets and without the dot of the root. */
  readonly host: string;
  readonly port: number;
}

/** Source: RFC 9110, RFC 7826, Adobe RTMP 1.0. */
const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443, "rtsp:": 554, "rtmp:": 1935 };
const WEB_PORTS = [80, 443];

export function endpointOf(url: URL): Endpoint {
  return { host: plainHost(url.hostname), port: url.port === "" ? (PORTS[url.protocol] ?? 0) : Number(url.port) };
}

/** `host:port` as it stands in a request for a tunnel; `null` where it is none. */
export function parseAuthority(text: string): Endpoint | null {
  const found = /^(\[[0-9a-f:.]+\]|[^:/@\s]+):(\d{1,5})$/i.exec(text);
  return found === null ? null : { host: plainHost(found[1] ?? ""), port: Number(found[2]) };
}

export function allowedBy(pin: LivePin, { host, port }: Endpoint): boolean {
  const own = endpointOf(new URL(pin.url));
  if (own.host === host && own.port === port) return true;
  return pin.hosts.some((text) => {
    const exact = parseAuthority(text);
    return exact === null
      ? plainHost(text) === host && WEB_PORTS.includes(port)
      : exact.host === host && exact.port === port;
  });
}

/**
 * An address that no public name has any business with: this machine, this link (where clouds keep their secrets), nobody. A pin may give
 * such an address as a number; a name that leads there was tampered with.
 */
export function isInward(address: string): boolean {
  const plain = plainHost(address).replace(/^::ffff:(?=\d+\.)/, "");
  if (isIPv4(plain)) return /^(0|127)\.|^169\.254\./.test(plain);
  return plain === "::" || plain === "::1" || /^fe[89ab]/.test(plain) || plain.startsWith("::ffff:");
}

export const isAddress = (host: string) => isIP(host) !== 0;

function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
}
