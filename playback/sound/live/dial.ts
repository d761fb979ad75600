/** The only way out of a gate: a connection to an endpoint that the pin allows, to no address that a name should not have. */
import { lookup as resolve } from "node:dns";
import { connect, type LookupFunction, type Socket } from "node:net";
import type { LivePin } from "../../model/live.ts";
import { allowedBy, type Endpoint, isInward } from "./allowed-hosts.ts";

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

const outward: LookupFunction = (host, options, callback) => {
  resolve(host, { ...options, all: true }, (error, found) => {
    if (error !== null) return callback(error, []);
    const outside = found.filter(({ address }) => !isInward(address));
    const [first] = outside;
    if (first === undefined) return callback(new Error(`${host} leads to this machine or link itself`), []);
    if (options.all === true) callback(null, outside);
    else callback(null, first.address, first.family);
  });
};
