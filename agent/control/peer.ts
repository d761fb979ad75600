/** Who is at the other end of the control socket, as the kernel says it (SO_PEERCRED): a name in a request is only a claim. */
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { type PeerCredentials, peerCredentials } from "../../drivers/host/libc.ts";

export type Peer = PeerCredentials;

/** `null` where the runtime gives no descriptor or the kernel no answer; then nobody is named. */
export function peerOf(socket: Socket): Peer | null {
  const handle = (socket as unknown as { _handle?: { fd?: number } })._handle;
  return handle?.fd === undefined || handle.fd < 0 ? null : peerCredentials(handle.fd);
}

/** `lan (uid 1000)`, for the journal. */
export function describePeer(peer: Peer | null): string {
  if (peer === null) return "unknown caller";
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.split(":")[2] === String(peer.uid));
  const name = line?.split(":")[0];
  return name === undefined ? `uid ${peer.uid}` : `${name} (uid ${peer.uid})`;
}
