/**
 * Frames of NovaStar's sender cards, on TCP and on a serial line alike. Pure.
 * Source: NovaStar, RS232 Protocol for Nova M3 Control System V1.9, section 2; its examples are the test vectors.
 */
import type { Taken } from "../../bus/connection.ts";
import { shown, WireFault } from "../../bus/wire-fault.ts";

export const NOVASTAR_PORT = 5200;

/** Port and receiver that mean all of them. */
export const ALL_PORTS = 0xff;
export const ALL_RECEIVERS = 0xffff;

export const DEVICE = { sender: 0, receiver: 1, function: 2 } as const;

export interface NovastarFrame {
  readonly direction: "request" | "reply";
  /** 0 in requests; in replies 0 is good, see `ACK_WORDS`. */
  readonly ack: number;
  readonly serial: number;
  /** The sender card, from 0; the computer is always the other end. */
  readonly sender: number;
  readonly device: number;
  readonly port: number;
  readonly receiver: number;
  readonly write: boolean;
  readonly register: number;
  /** Bytes that a read asks for; elsewhere the length of `data`. */
  readonly length: number;
  readonly data: Uint8Array;
}

export const ACK_WORDS: Readonly<Record<number, string>> = {
  1: "the part addressed does not answer",
  2: "the request's checksum was wrong",
  3: "the answer's checksum was wrong on the way",
  4: "it does not know this command",
};

const COMPUTER = 0xfe;
const HEADER = 18;
const CHECKSUM = 2;
/** Assumed: the longest read here is the monitoring block of 256 bytes; a length field beyond it is rubbish. */
const MOST_DATA = 256;

/** All bytes between the two of the head and the checksum itself, plus 0x5555, modulo 2^16. */
function checksumOf(bytes: Uint8Array): number {
  let sum = 0x5555;
  for (let index = 2; index < bytes.length - CHECKSUM; index++) sum += bytes[index] ?? 0;
  return sum & 0xffff;
}

export function encodeFrame(frame: NovastarFrame): Buffer {
  const bytes = Buffer.alloc(HEADER + frame.data.length + CHECKSUM);
  const isRequest = frame.direction === "request";
  bytes.writeUInt16BE(isRequest ? 0x55aa : 0xaa55, 0);
  bytes[2] = frame.ack;
  bytes[3] = frame.serial;
  bytes[4] = isRequest ? COMPUTER : frame.sender;
  bytes[5] = isRequest ? frame.sender : COMPUTER;
  bytes[6] = frame.device;
  bytes[7] = frame.port;
  bytes.writeUInt16LE(frame.receiver, 8);
  bytes[10] = frame.write ? 1 : 0;
  bytes.writeUInt32LE(frame.register, 12);
  bytes.writeUInt16LE(frame.length, 16);
  bytes.set(frame.data, HEADER);
  bytes.writeUInt16LE(checksumOf(bytes), bytes.length - CHECKSUM);
  return bytes;
}

/** The next frame of that direction; what stands before its head is passed over. @throws WireFault for a wrong length or checksum */
export function takeFrame(direction: NovastarFrame["direction"]): (bytes: Buffer) => Taken<NovastarFrame> {
  const head = Buffer.from(direction === "request" ? [0x55, 0xaa] : [0xaa, 0x55]);
  return (bytes) => {
    const start = bytes.indexOf(head);
    // The last byte may be the first half of a head.
    if (start < 0) return { used: Math.max(0, bytes.length - 1), message: null };
    const frame = bytes.subarray(start);
    if (frame.length < HEADER) return { used: start, message: null };
    const write = frame[10] === 1;
    const length = frame.readUInt16LE(16);
    // A read's request names how much it wants and carries nothing.
    const carried = direction === "request" && !write ? 0 : length;
    if (length > MOST_DATA) throw new WireFault(`a frame says that it has ${length} bytes of data`);
    const whole = HEADER + carried + CHECKSUM;
    if (frame.length < whole) return { used: start, message: null };
    return { used: start + whole, message: decoded(frame.subarray(0, whole), direction, write, length) };
  };
}

function decoded(bytes: Buffer, direction: NovastarFrame["direction"], write: boolean, length: number): NovastarFrame {
  if (bytes.readUInt16LE(bytes.length - CHECKSUM) !== checksumOf(bytes)) {
    throw new WireFault(`a frame with a wrong checksum: ${shown(bytes)}`);
  }
  return {
    direction,
    ack: bytes[2] ?? 0,
    serial: bytes[3] ?? 0,
    sender: (direction === "request" ? bytes[5] : bytes[4]) ?? 0,
    device: bytes[6] ?? 0,
    port: bytes[7] ?? 0,
    receiver: bytes.readUInt16LE(8),
    write,
    register: bytes.readUInt32LE(12),
    length,
    data: Uint8Array.from(bytes.subarray(HEADER, bytes.length - CHECKSUM)),
  };
}
