/**
 * The few things that only the C library does: who is at the other end of a socket, what the kernel holds of its own clock, requests to a device. It is
 * loaded with the first call.
 */
import koffi from "koffi";

/** Values of Linux on every architecture that Loa runs on. Source: socket(7), adjtimex(2). */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const UCRED_BYTES = 12;
const STA_UNSYNC = 0x40;
const STA_NANO = 0x2000;

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** What whoever disciplines the clock told the kernel. */
export interface KernelTime {
  readonly synchronised: boolean;
  /** What is still to be slewed, without its sign. */
  readonly offsetMs: number;
  /** Bound of the error; grows by 0.5 ms a second until somebody lowers it. */
  readonly errorMs: number;
}

interface Timex {
  readonly offset: number | bigint;
  readonly maxerror: number | bigint;
  readonly status: number;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const MSG_DONTWAIT = 0x40;
/** `sun_path`. */
const PATH_BYTES = 108;
const POLLIN = 1;
/** `struct pollfd`: the descriptor, what is asked, what is so. */
const POLLFD_BYTES = 8;

interface Library {
  socket(domain: number, type: number, protocol: number): number;
  sendto(fd: number, bytes: Uint8Array, length: number, flags: number, address: object, size: number): number;
  close(fd: number): number;
  getsockopt(fd: number, level: number, name: number, value: object, length: number[]): number;
  adjtimex(timex: object): number;
  ioctl(fd: number, request: number, bytes: Uint8Array): number;
  poll(fds: Uint8Array, count: number, timeoutMs: number): number;
}

let library: Library | null = null;

function loaded(): Library {
  if (library !== null) return library;
  const libc = koffi.load("libc.so.6");
  koffi.struct("loa_ucred", { pid: "int32", uid: "uint32", gid: "uint32" });
  // Only the head is read; the rest is room for what the kernel writes.
  koffi.struct("loa_timex", {
    modes: "uint",
    offset: "long",
    freq: "long",
    maxerror: "long",
    esterror: "long",
    status: "int",
    rest: koffi.array("uint8", 240),
  });
  koffi.struct("loa_sockaddr_un", { family: "uint16", path: koffi.array("uint8", PATH_BYTES) });
  library = {
    socket: libc.func("int socket(int domain, int type, int protocol)") as Library["socket"],
    sendto: libc.func(
      "intptr_t sendto(int fd, const uint8_t *bytes, size_t length, int flags, loa_sockaddr_un *address, uint32_t size)",
    ) as Library["sendto"],
    close: libc.func("int close(int fd)") as Library["close"],
    getsockopt: libc.func(
      "int getsockopt(int fd, int level, int name, _Out_ loa_ucred *value, _Inout_ uint32_t *length)",
    ) as Library["getsockopt"],
    adjtimex: libc.func("int adjtimex(_Inout_ loa_timex *timex)") as Library["adjtimex"],
    ioctl: libc.func("int ioctl(int fd, unsigned long request, _Inout_ uint8_t *bytes)") as Library["ioctl"],
    poll: libc.func("int poll(_Inout_ uint8_t *fds, unsigned long count, int timeoutMs)") as Library["poll"],
  };
  return library;
}

/** `null` where the kernel gives no answer. */
export function peerCredentials(fd: number): PeerCredentials | null {
  const value = { pid: 0, uid: 0, gid: 0 };
  return loaded().getsockopt(fd, SOL_SOCKET, SO_PEERCRED, value, [UCRED_BYTES]) === 0 ? value : null;
}

/** Reads, never sets. `null` where the kernel or a sandbox refuses. */
export function kernelTime(): KernelTime | null {
  const timex = { modes: 0, offset: 0, freq: 0, maxerror: 0, esterror: 0, status: 0, rest: new Array(240).fill(0) };
  if (loaded().adjtimex(timex) < 0) return null;
  const { offset, maxerror, status }: Timex = timex;
  return {
    synchronised: (status & STA_UNSYNC) === 0,
    offsetMs: Math.abs(Number(offset)) / (status & STA_NANO ? 1e6 : 1e3),
    errorMs: Number(maxerror) / 1e3,
  };
}

/** Sends one datagram to a Unix socket (`@name` is an abstract one) without ever waiting. False where nobody takes it. */
export function sendDatagram(path: string, text: string): boolean {
  const { socket, sendto, close } = loaded();
  const name = Buffer.from(path.startsWith("@") ? `\0${path.slice(1)}` : path);
  if (name.length >= PATH_BYTES) return false;
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bytes = Buffer.from(text);
  const address = { family: AF_UNIX, path: [...name, ...new Array(PATH_BYTES - name.length).fill(0)] };
  // An abstract name is as long as is said, a file's ends with its first zero.
  const size = 2 + name.length + (path.startsWith("@") ? 0 : 1);
  const sent = sendto(fd, bytes, bytes.length, MSG_NOSIGNAL | MSG_DONTWAIT, address, size);
  close(fd);
  return sent === bytes.length;
}

/** Gives a device a request, which reads and fills `bytes`. 0, or the number of the error (`ENODEV` 19, …) where the kernel refuses. */
export function deviceRequest(fd: number, request: number, bytes: Uint8Array): number {
  return loaded().ioctl(fd, request, bytes) < 0 ? koffi.errno() : 0;
}

/** Whether something can be read from the descriptor now; never waits. False also where it is none. */
export function readableNow(fd: number): boolean {
  const asked = Buffer.alloc(POLLFD_BYTES);
  asked.writeInt32LE(fd, 0);
  asked.writeInt16LE(POLLIN, 4);
  return loaded().poll(asked, 1, 0) === 1 && (asked.readInt16LE(6) & POLLIN) !== 0;
}

/** Loads the library, so that a process that may need it later does not need the disk then. */
export function loadLibc(): void {
  loaded();
}
