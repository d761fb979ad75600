/**
 * A tar of a few small text files, in memory. Source: POSIX.1-2017, pax, "ustar Interchange Format". Written here because the agent's sandbox
 * may start no shell tools, and what leaves a station should need none.
 */
import { gzipSync } from "node:zlib";

export interface TarEntry {
  /** At most 100 bytes, no `/` in front. */
  readonly name: string;
  readonly text: string;
}

const BLOCK = 512;

function header(name: string, size: number, seconds: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(name) > 100) throw new RangeError(`${name} is too long for a tar`);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "ascii");
  block.write(name, 0);
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(seconds, 136, 12);
  block.write("        ", 148, "ascii");
  block.write("0", 156, "ascii");
  block.write("ustar\u000000", 257, "ascii");
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}

/** `at`: of every file, milliseconds. */
export function tarGz(entries: readonly TarEntry[], at: number): Buffer {
  const blocks = entries.flatMap(({ name, text }) => {
    const bytes = Buffer.from(text);
    const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
    return [header(name, bytes.length, Math.floor(at / 1_000)), bytes, padding];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]));
}
