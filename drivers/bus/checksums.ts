/**
 * Checksums of controllers' protocols, by name. Pure.
 * Source: the catalogue of parametrised CRC algorithms (reveng) for the three CRCs, whose check values over "123456789" are test vectors.
 */

interface Checksum {
  readonly bytes: 1 | 2;
  /** Which byte of two goes first on the wire. */
  readonly order: "little" | "big";
  readonly of: (bytes: Uint8Array) => number;
}

const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => total + byte, 0);

/** A reflected CRC with polynomial A001. */
function crcA001(bytes: Uint8Array, initial: number): number {
  let crc = initial;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa001;
  }
  return crc;
}

/** A straight CRC with polynomial 1021. */
function crc1021(bytes: Uint8Array, initial: number): number {
  let crc = initial;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021) & 0xffff;
  }
  return crc;
}

/** CRC-16/ARC. */
export const crc16Arc = (bytes: Uint8Array): number => crcA001(bytes, 0);

export const CHECKSUMS = {
  /** Sum of the bytes, modulo 256. */
  sum8: { bytes: 1, order: "big", of: (bytes) => sum(bytes) & 0xff },
  /** What makes the sum 0, modulo 256. */
  negative8: { bytes: 1, order: "big", of: (bytes) => -sum(bytes) & 0xff },
  xor8: { bytes: 1, order: "big", of: (bytes) => bytes.reduce((total, byte) => total ^ byte, 0) },
  sum16: { bytes: 2, order: "big", of: (bytes) => sum(bytes) & 0xffff },
  "crc16-arc": { bytes: 2, order: "little", of: crc16Arc },
  "crc16-modbus": { bytes: 2, order: "little", of: (bytes) => crcA001(bytes, 0xffff) },
  "crc16-xmodem": { bytes: 2, order: "big", of: (bytes) => crc1021(bytes, 0) },
} as const satisfies Record<string, Checksum>;

export type ChecksumName = keyof typeof CHECKSUMS;
export const CHECKSUM_NAMES = Object.keys(CHECKSUMS) as ChecksumName[];

/** As it stands on the wire. */
export function checksumBytes(name: ChecksumName, bytes: Uint8Array): Buffer {
  const { bytes: width, order, of } = CHECKSUMS[name];
  const value = of(bytes);
  const wire = Buffer.alloc(width);
  if (order === "little") wire.writeUIntLE(value, 0, width);
  else wire.writeUIntBE(value, 0, width);
  return wire;
}
