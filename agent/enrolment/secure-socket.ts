/** TLS to the province's services: certificates are judged by the station's own clock and its own authorities, nothing else. */

import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import type { Instant, Millis } from "../../playback/model/units.ts";
import { distrust } from "./certificates.ts";

const HANDSHAKE_LIMIT: Millis = 15_000;

export interface SecureOptions {
  readonly host: string;
  readonly port: number;
  readonly authorities: readonly X509Certificate[];
  /** The station's own, where the other side asks who it is. */
  readonly own: { readonly key: string; readonly certificate: string } | null;
  readonly now: () => Instant;
}

/**
 * A socket that is destroyed with a reason before any application data is read, unless the other side is who it should be. The library's own
 * verdict is replaced, not switched off: it knows only the system's clock.
 */
export function secureSocket({ host, port, authorities, own, now }: SecureOptions): TLSSocket {
  const options: ConnectionOptions = {
    host,
    port,
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(own === null ? {} : { key: own.key, cert: own.certificate }),
  };
  const socket = connect(options);
  socket.prependListener("secureConnect", () => {
    const problem = problemOf(socket, host, authorities, now());
    if (problem !== null) socket.destroy(new Error(problem));
  });
  return socket;
}

/** Resolves when the other side has shown who it is: only then may a secret be sent. @throws Error with the reason */
export function secureConnection(options: SecureOptions): Promise<TLSSocket> {
  const socket = secureSocket(options);
  return new Promise((resolve, reject) => {
    socket.setTimeout(HANDSHAKE_LIMIT, () => socket.destroy(new Error("no TLS handshake in time")));
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      if (socket.destroyed) return;
      socket.setTimeout(0);
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

function problemOf(
  socket: TLSSocket,
  host: string,
  authorities: readonly X509Certificate[],
  at: Instant,
): string | null {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return "the server showed no certificate";
  const named = isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host);
  if (named === undefined) return `the certificate of ${host} is for somebody else`;
  const given: X509Certificate[] = [];
  for (let one = leaf.issuerCertificate; one !== undefined && given.length < 8; one = one.issuerCertificate) {
    if (given.some((known) => known.fingerprint256 === one?.fingerprint256)) break;
    given.push(one);
  }
  return distrust(leaf, given, authorities, at);
}
