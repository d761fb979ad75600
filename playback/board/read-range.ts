/**
 * Reads part of a file that somebody else holds open. Not by a `ReadStream`: destroyed, as when a browser goes away, that closes the descriptor
 * whatever `autoClose` says, and its owner closes the number again, which may be another file's by then.
 */
import { read } from "node:fs";
import { promisify } from "node:util";

const PIECE = 65_536;

/** Bytes `start` to `last`, both included; ends sooner where the file does. By position: readers of one descriptor do not move each other. @throws Error of the system */
export async function* readRange(fd: number, start: number, last: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at <= last; ) {
    const piece = new Uint8Array(Math.min(PIECE, last - at + 1));
    const { bytesRead } = await promisify(read)(fd, piece, 0, piece.length, at);
    if (bytesRead === 0) return;
    yield piece.subarray(0, bytesRead);
    at += bytesRead;
  }
}
