import { randomBytes } from "node:crypto";
import { type FileHandle, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readRange } from "../../../playback/board/read-range.ts";

const BYTES = randomBytes(200_000);
let folder: string;
let file: FileHandle;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-range-"));
  await writeFile(join(folder, "media"), BYTES);
  file = await open(join(folder, "media"));
});
afterEach(async () => {
  await file.close();
  await rm(folder, { recursive: true, force: true });
});

async function all(start: number, last: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readRange(file.fd, start, last)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe("a range of a file that somebody else holds open", () => {
  it("is read to its last byte, or to the end of the file", async () => {
    expect((await all(0, BYTES.length - 1)).equals(BYTES)).toBe(true);
    expect((await all(65_530, 131_080)).equals(BYTES.subarray(65_530, 131_081))).toBe(true);
    expect((await all(199_990, 500_000)).equals(BYTES.subarray(199_990))).toBe(true);
    expect(await all(5, 4)).toHaveLength(0);
  });

  it("leaves the file open when whoever reads it goes away", async () => {
    const gone = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => done(new Error("gone")) });
    await expect(pipeline(Readable.from(readRange(file.fd, 0, BYTES.length - 1)), gone)).rejects.toThrow("gone");
    await new Promise((resolve) => setImmediate(resolve));
    expect((await file.stat()).size).toBe(BYTES.length);
  });
});
