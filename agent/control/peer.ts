/** Who is at the other end of the control socket, as the kernel says it (SO_PEERCRED): a name in a request is only a claim. The one file that knows the foreign-function library. */
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import koffi from "koffi";

export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Values of Linux on every architecture that Loa runs on. */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const UCRED_BYTES = 12;

type GetSockOpt = (fd: number, level: number, name: number, value: object, length: number[]) => number;
let getsockopt: GetSockOpt | null = null;

function loaded(): GetSockOpt {
  if (getsockopt !== null) return getsockopt;
  koffi.struct("loa_ucred", { pid: "int32", uid: "uint32", gid: "uint32" });
  const signature = "int getsockopt(int fd, int level, int name, _Out_ loa_ucred *value, _Inout_ uint32_t *length)";
  getsockopt = koffi.load("libc.so.6").func(signature) as GetSockOpt;
  return getsockopt;
}

/** `null` where the runtime gives no descriptor or the kernel no answer; then nobody is named. */
export function peerOf(socket: Socket): Peer | null {
  const handle = (socket as unknown as { _handle?: { fd?: number } })._handle;
  if (handle?.fd === undefined || handle.fd < 0) return null;
  const value = { pid: 0, uid: 0, gid: 0 };
  return loaded()(handle.fd, SOL_SOCKET, SO_PEERCRED, value, [UCRED_BYTES]) === 0 ? value : null;
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
