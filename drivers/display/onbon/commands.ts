/**
 * What is said to an Onbon card and what it answers. Pure.
 * Source: Onbon, 动态区域用户手册, section 5, 5th and 6th generation (the 5th has a shorter record of an area, and its pixels within the page).
 */
import { WireFault } from "../../bus/wire-fault.ts";

/** Brightness 0 to 15. */
export const BRIGHTEST = 15;
/** Areas 0 to 31. */
export const AREAS = 32;
/** What the card keeps of one area. */
export const MOST_PIXEL_BYTES = 300 * 1024;

export const COMMAND = {
  ping: [0xa2, 0x00],
  setBrightness: [0xa2, 0x07],
  askBrightness: [0xa2, 0x19],
  writeArea: [0xa7, 0x00],
  deleteAreas: [0xa7, 0x01],
} as const satisfies Record<string, readonly [number, number]>;

const ERRORS: Readonly<Record<number, string>> = {
  1: "it does not know this group of commands",
  2: "it does not know this command",
  3: "it is busy",
  4: "it has no memory for that",
  5: "the checksum was wrong on the way",
  17: "its type is another than configured",
  18: "a value is not for this card",
  19: "its number is another than configured",
};

function request(command: readonly [number, number], ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Uint8Array.of(1, ...command), ...parts]);
}

export function ping(): Buffer {
  return request(COMMAND.ping, Uint8Array.of(0, 0));
}

/** By hand and not by the clock: the same step for all 48 half hours. */
export function setBrightness(step: number): Buffer {
  return request(COMMAND.setBrightness, Uint8Array.of(0x31, 0, 0), new Uint8Array(48).fill(step));
}

export function askBrightness(): Buffer {
  return request(COMMAND.askBrightness, Uint8Array.of(0, 0));
}

export function deleteArea(area: number): Buffer {
  return request(COMMAND.deleteAreas, Uint8Array.of(0, 0, 1, area));
}

export function deleteAllAreas(): Buffer {
  return request(COMMAND.deleteAreas, Uint8Array.of(0, 0, 0xff));
}

export interface AreaRecord {
  readonly area: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Whole seconds after which it disappears unless written again; `null` stays. */
  readonly timeoutSeconds: number | null;
  /** As the card keeps them: see `pixels.ts`. */
  readonly pixels: Uint8Array;
}

/** One standing page, shown at once and in place of what the card has stored. */
export function writeArea(record: AreaRecord, generation: 5 | 6): Buffer {
  const { pixels } = record;
  const page = pageOf(record, generation);
  const parameters = Buffer.concat([
    areaOf(record, generation),
    uint32(page.length + (generation === 5 ? pixels.length : 0)),
    page,
  ]);
  if (generation === 5) {
    const whole = Buffer.concat([parameters, pixels]);
    return request(COMMAND.writeArea, Uint8Array.of(0, 0), uint32(whole.length), whole);
  }
  // Source: the vendor's bx.dual.dyn.java counts the parameters only, though the manual can be read otherwise.
  return request(COMMAND.writeArea, Uint8Array.of(0, 0, 1, 0), uint32(parameters.length), parameters, pixels);
}

function areaOf({ area, x, y, width, height, timeoutSeconds }: AreaRecord, generation: 5 | 6): Buffer {
  // 0 shows without end, 2 until the time-out.
  const runMode = timeoutSeconds === null ? 0 : 2;
  const start = Uint8Array.of(area, runMode);
  // Related to no stored programme and shown at once: then the card does not look at the first two.
  const programmes = Uint8Array.of(0, 0, 0, 1);
  const type = Uint8Array.of(0, 0, 0, 0, 0x10);
  const place = Buffer.concat([x, y, width, height].map(uint16));
  const noFrame = Uint8Array.of(0);
  // Background, transparency, equal sizes, no sound, five reserved.
  const more = generation === 6 ? new Uint8Array(9) : new Uint8Array();
  return Buffer.concat([start, uint16(timeoutSeconds ?? 0), programmes, type, place, noFrame, more, uint16(1)]);
}

function pageOf({ width, pixels }: AreaRecord, generation: 5 | 6): Buffer {
  // Text or picture, standing still, no clearing, slowest; stays 1 s (and is then shown again), once.
  const start = Buffer.concat([Uint8Array.of(0, 1, 0, 0), uint16(100), Uint8Array.of(1), uint16(width)]);
  if (generation === 5) return Buffer.concat([start, new Uint8Array(4)]);
  return Buffer.concat([start, new Uint8Array(9), uint32(0), uint32(pixels.length)]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export interface OnbonReply {
  readonly group: number;
  readonly command: number;
  /** `null` where it was done; else why not. */
  readonly error: string | null;
  readonly data: Uint8Array;
}

const REPLY_HEADER = 9;

/** @throws WireFault where the fields do not fit the bytes */
export function parseReply(bytes: Buffer): OnbonReply {
  const length = bytes.length < REPLY_HEADER ? -1 : bytes.readUInt16LE(7);
  if (length < 0 || bytes.length - REPLY_HEADER < length) throw new WireFault("an answer shorter than it says");
  const refused = (bytes.readUInt16LE(3) & 1) !== 0;
  const code = bytes.readUInt16LE(5);
  return {
    group: bytes[1] ?? 0,
    command: bytes[2] ?? 0,
    error: refused ? (ERRORS[code] ?? `error ${code}`) : null,
    data: Uint8Array.from(bytes.subarray(REPLY_HEADER, REPLY_HEADER + length)),
  };
}

/** The step now shown, of the answer to `askBrightness`; `null` where it is not in it. */
export function parseBrightness({ data }: OnbonReply): number | null {
  const step = data[5];
  return step === undefined || step > BRIGHTEST ? null : step;
}
