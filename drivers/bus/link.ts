/** How bytes reach a controller. TCP and a serial line are both a stream of bytes in either direction; nobody above knows which it is. */
import type { Duplex } from "node:stream";
import type { Millis } from "../../playback/model/units.ts";
import { SerialLink, type SerialLinkConfig } from "./serial-link.ts";
import { TcpLink, type TcpLinkConfig } from "./tcp-link.ts";

export interface Link {
  /** The same for two controllers on one line. */
  readonly address: string;
  /** A connected stream. @throws WireFault within `timeoutMs` */
  connect(timeoutMs: Millis): Promise<Duplex>;
}

/** `port` is for TCP where the protocol has a usual one. */
export type LinkConfig =
  | ({ readonly kind: "tcp" } & Omit<TcpLinkConfig, "port"> & { readonly port?: number | undefined })
  | ({ readonly kind: "serial" } & SerialLinkConfig);

/** @throws RangeError where a TCP link has no port and the protocol no usual one */
export function createLink(config: LinkConfig, usualPort?: number): Link {
  if (config.kind === "serial") return new SerialLink(config);
  const port = config.port ?? usualPort;
  if (port === undefined) throw new RangeError(`the controller at ${config.host} needs a port`);
  return new TcpLink({ host: config.host, port });
}
