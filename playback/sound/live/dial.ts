/** The only way out of a gate: a connection to an endpoint that the pin allows, to no address that a name should not have. */
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { connect, type LookupFunction, type Socket } from "node:net";
import type { LivePin } from "../../model/live.ts";
import { allowedBy, type Endpoint, isAddress, isInward } from "./allowed-hosts.ts";

const CONNECT_MS = 5_000;
const IDLE_MS = 30_000;

/** Why it is not allowed, in words without secrets; `null` where it is. */
export function forbidden(pin: LivePin, to: Endpoint): string | null {
  return allowedBy(pin, to)
    ? null
    : `the source leads to ${to.host}:${to.port}, which the pin '${pin.id}' does not name`;
}

/** Connects; the socket ends with an error where it cannot. Names are looked up here, once, so that what was judged is what is reached. */
export function dial({ host, port }: Endpoint): Socket {
  const socket = connect({ host, port, lookup: outward, noDelay: true });
  socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error(`${host}:${port} does not answer`)));
  socket.once("connect", () => socket.setTimeout(IDLE_MS));
  return socket;
}

/** The address of a host, for what is no connection. @throws Error where the name leads nowhere, or to where no name should */
export async function outwardAddress(host: string): Promise<string> {
  return isAddress(host) ? host : outside(host, await lookup(host, { all: true }))[0].address;
}

const outward: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true })
    .then((found) => outside(host, found))
    .then(
      (all) => (options.all === true ? callback(null, all) : callback(null, all[0].address, all[0].family)),
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
};

/** @throws Error where none is left */
function outside(host: string, found: readonly LookupAddress[]): [LookupAddress, ...LookupAddress[]] {
  const [first, ...more] = found.filter(({ address }) => !isInward(address));
  if (first === undefined) throw new Error(`${host} leads to this machine or link itself`);
  return [first, ...more];
}
