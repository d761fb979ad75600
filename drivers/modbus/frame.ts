/**
 * Modbus requests and answers as bytes, framed for a serial line (RTU) or for TCP (MBAP). Pure. Only what relay boards need: read coils (1), read
 * inputs (2), write one coil (5). What arrives is untrusted.
 * Source: MODBUS Application Protocol Specification V1.1b3, 6.1, 6.2, 6.5, 7; MODBUS over Serial Line V1.02, 2.5.1; MODBUS Messaging on TCP/IP
 * V1.0b, 3.1.3.
 */
import { checksumBytes } from "../bus/checksums.ts";
import type { Take } from "../bus/connection.ts";
import { Refused, shown, WireFault } from "../bus/wire-fault.ts";

export const FRAMINGS = ["rtu", "tcp"] as const;
/** `rtu` also goes through TCP, as serial servers carry it. */
export type Framing = (typeof FRAMINGS)[number];

/** The usual port. Source: MODBUS Messaging on TCP/IP, 4.2.1. */
export const MODBUS_PORT = 502;

export interface ModbusQuestion {
  readonly unit: number;
  readonly code: 1 | 2 | 5;
  readonly address: number;
  /** How many are asked for, or what is written: `FF00` on, `0000` off, what else a board understands. */
  readonly value: number;
}

export const COIL_ON = 0xff00;
export const COIL_OFF = 0x0000;

const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: "it has no such function",
  2: "it has no such coil or input",
  3: "it does not take this value",
  4: "it failed to do it",
  6: "it is busy",
};

/** `exchange` tells answers apart on TCP, 0–65,535; RTU has no room for it. */
export function encode(framing: Framing, { unit, code, address, value }: ModbusQuestion, exchange: number): Buffer {
  const body = Buffer.alloc(6);
  body.writeUInt8(unit, 0);
  body.writeUInt8(code, 1);
  body.writeUInt16BE(address, 2);
  body.writeUInt16BE(value, 4);
  if (framing === "rtu") return Buffer.concat([body, checksumBytes("crc16-modbus", body)]);
  const head = Buffer.alloc(6);
  head.writeUInt16BE(exchange, 0);
  head.writeUInt16BE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** An answer without its framing. */
export interface ModbusAnswer {
  /** `null` where the framing has none. */
  readonly exchange: number | null;
  /** Unit, function, data. */
  readonly body: Buffer;
}

/** Finds the answer to a question at the start of the bytes. */
export function takeAnswer(framing: Framing, question: ModbusQuestion): Take<ModbusAnswer> {
  return framing === "rtu" ? (bytes) => takeRtu(bytes, question) : takeTcp;
}

const NOTHING = { used: 0, message: null } as const;

function takeRtu(bytes: Buffer, { unit, code }: ModbusQuestion): ReturnType<Take<ModbusAnswer>> {
  const [from, answered, count] = bytes;
  if (from === undefined || answered === undefined || count === undefined) return NOTHING;
  // Without an end of its own, a frame is only as long as the question lets it be.
  if (from !== unit || (answered & 0x7f) !== code) throw new WireFault(`not an answer to this: ${shown(bytes)}`);
  const length = (answered & 0x80) !== 0 ? 3 : code === 5 ? 6 : 3 + count;
  if (bytes.length < length + 2) return NOTHING;
  const body = bytes.subarray(0, length);
  if (!checksumBytes("crc16-modbus", body).equals(bytes.subarray(length, length + 2))) {
    throw new WireFault(`wrong checksum: ${shown(bytes.subarray(0, length + 2))}`);
  }
  return { used: length + 2, message: { exchange: null, body: Buffer.from(body) } };
}

function takeTcp(bytes: Buffer): ReturnType<Take<ModbusAnswer>> {
  if (bytes.length < 6) return NOTHING;
  const length = bytes.readUInt16BE(4);
  if (bytes.readUInt16BE(2) !== 0 || length < 3 || length > 254) throw new WireFault(`not Modbus TCP: ${shown(bytes)}`);
  if (bytes.length < 6 + length) return NOTHING;
  const body = Buffer.from(bytes.subarray(6, 6 + length));
  return { used: 6 + length, message: { exchange: bytes.readUInt16BE(0), body } };
}

/** The bits of an answer, or nothing for a write. @throws Refused where the board says no, WireFault where this answers something else */
export function decode({ unit, code, address, value }: ModbusQuestion, body: Buffer): readonly boolean[] {
  if (body[0] !== unit) throw new WireFault(`unit ${body[0]} answered instead of ${unit}`);
  if (body[1] === (code | 0x80)) throw new Refused(EXCEPTIONS[body[2] ?? 0] ?? `it refuses with code ${body[2]}`);
  if (body[1] !== code) throw new WireFault(`not an answer to this: ${shown(body)}`);
  if (code === 5) {
    if (body.length !== 6 || body.readUInt16BE(2) !== address || body.readUInt16BE(4) !== value) {
      throw new WireFault(`repeats another order than was given: ${shown(body)}`);
    }
    return [];
  }
  const bytes = Math.ceil(value / 8);
  if (body[2] !== bytes || body.length !== 3 + bytes) throw new WireFault(`not ${value} bits: ${shown(body)}`);
  return Array.from({ length: value }, (_, bit) => (((body[3 + (bit >> 3)] ?? 0) >> (bit & 7)) & 1) === 1);
}
