/**
 * Frames of Onbon's BX-5 and BX-6 cards: eight A5, header, data and checksum with A5, A6, 5A and 5B escaped, one 5A. Pure.
 * Source: Onbon, 动态区域用户手册 (5th and 6th generation), sections 2 and 4; its ping and the vendor's own test of the escapes are the test vectors.
 */
import { crc16Arc } from "../../bus/checksums.ts";
import type { Take } from "../../bus/connection.ts";
import { shown, WireFault } from "../../bus/wire-fault.ts";

export const ONBON_PORT = 5005;
/** Any screen number, any type of card. */
export const ANY = 0xfffe;

export interface OnbonAddress {
  /** The screen's number. */
  readonly screen: number;
  readonly deviceType: number;
}

const HEADER = 16;
const CHECKSUM = 2;
const COMPUTER = 0x8000;
const PROTOCOL = 0xf0;
const START = 0xa5;
const END = 0x5a;
const START_ESCAPE = 0xa6;
const END_ESCAPE = 0x5b;

export function encodeFrame({ screen, deviceType }: OnbonAddress, data: Uint8Array): Buffer {
  const plain = Buffer.alloc(HEADER + data.length + CHECKSUM);
  plain.writeUInt16LE(screen, 0);
  plain.writeUInt16LE(COMPUTER, 2);
  plain[4] = PROTOCOL;
  plain.writeUInt16LE(deviceType, 6);
  plain.writeUInt32LE(data.length, 12);
  plain.set(data, HEADER);
  plain.writeUInt16LE(crc16Arc(plain.subarray(0, -CHECKSUM)), plain.length - CHECKSUM);
  return wrapped(plain);
}

/** Between its marks and with the marks' bytes escaped. */
export function wrapped(plain: Uint8Array): Buffer {
  const escaped = plain.reduce((count, byte) => count + (isMark(byte) ? 1 : 0), 0);
  const wire = Buffer.alloc(8 + plain.length + escaped + 1, START);
  let at = 8;
  for (const byte of plain) {
    if (!isMark(byte)) {
      wire[at++] = byte;
      continue;
    }
    // The escape itself is 01, the mark below it 02.
    const isStart = byte === START || byte === START_ESCAPE;
    wire[at++] = isStart ? START_ESCAPE : END_ESCAPE;
    wire[at++] = byte === START || byte === END ? 0x02 : 0x01;
  }
  wire[at] = END;
  return wire;
}

/** What was between the marks; `null` where an escape is none. */
export function unwrapped(escaped: Uint8Array): Buffer | null {
  const plain = Buffer.alloc(escaped.length);
  let length = 0;
  for (let at = 0; at < escaped.length; at++) {
    const byte = escaped[at] ?? 0;
    if (byte !== START_ESCAPE && byte !== END_ESCAPE) {
      plain[length++] = byte;
      continue;
    }
    const kind = escaped[++at];
    if (kind !== 1 && kind !== 2) return null;
    plain[length++] = kind === 1 ? byte : byte === START_ESCAPE ? START : END;
  }
  return plain.subarray(0, length);
}

function isMark(byte: number): boolean {
  return byte === START || byte === START_ESCAPE || byte === END || byte === END_ESCAPE;
}

/** The data of the next frame of at most `longest` bytes on the wire. @throws WireFault where it is broken, or longer */
export function takeFrame(longest: number): Take<Buffer> {
  return (bytes) => {
    const first = bytes.indexOf(START);
    if (first < 0) return { used: bytes.length, message: null };
    const end = bytes.indexOf(END, first);
    if ((end < 0 ? bytes.length : end) - first > longest) throw new WireFault(`a frame without end: ${shown(bytes)}`);
    if (end < 0) return { used: first, message: null };
    // A frame that was cut off is followed by the start of the next.
    const start = bytes.lastIndexOf(START, end) + 1;
    return { used: end + 1, message: decoded(bytes.subarray(start, end)) };
  };
}

function decoded(escaped: Uint8Array): Buffer {
  const plain = unwrapped(escaped);
  const data = plain?.subarray(HEADER, -CHECKSUM);
  if (plain === null || data === undefined || plain.length < HEADER + CHECKSUM) {
    throw new WireFault(`a broken frame: ${shown(escaped)}`);
  }
  if (plain.readUInt16LE(plain.length - CHECKSUM) !== crc16Arc(plain.subarray(0, -CHECKSUM))) {
    throw new WireFault(`a frame with a wrong checksum: ${shown(escaped)}`);
  }
  if (plain.readUInt32LE(12) !== data.length) throw new WireFault(`a frame with a wrong length: ${shown(escaped)}`);
  return Buffer.from(data);
}
