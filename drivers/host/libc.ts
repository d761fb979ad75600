/**
 * The few things that only the C library tells: who is at the other end of a socket, and what the kernel holds of its own clock. The one
 * file that knows the foreign-function library; it is loaded with the first call.
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

interface Library {
  getsockopt(fd: number, level: number, name: number, value: object, length: number[]): number;
  adjtimex(timex: object): number;
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
  library = {
    getsockopt: libc.func(
      "int getsockopt(int fd, int level, int name, _Out_ loa_ucred *value, _Inout_ uint32_t *length)",
    ) as Library["getsockopt"],
    adjtimex: libc.func("int adjtimex(_Inout_ loa_timex *timex)") as Library["adjtimex"],
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
