import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { GuardedStream } from "../../../agent/uplink/guarded-stream.ts";

/** The other end: what is written here is read above. */
class Wire extends Duplex {
  readonly written: Buffer[] = [];
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written.push(chunk);
    done();
  }
}

/** An MQTT packet: PUBLISH, remaining length, body. */
function packet(length: number, body = Buffer.alloc(length, 7)): Buffer {
  const header = [0x30];
  let rest = length;
  do {
    header.push(rest > 127 ? (rest % 128) | 128 : rest);
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), body]);
}

function guarded(largest: number) {
  const wire = new Wire();
  const stream = new GuardedStream(wire, largest);
  const read: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => read.push(chunk));
  const failed = new Promise<Error>((resolve) => stream.once("error", resolve));
  return { wire, stream, failed, read: () => Buffer.concat(read) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a guarded stream", () => {
  it.each([1, 2, 3, 7, 1_000])(
    "lets packets through byte for byte, however they are cut (%i bytes a piece)",
    async (size) => {
      const { wire, read } = guarded(20_000);
      const bytes = Buffer.concat([
        packet(0),
        packet(5),
        packet(127),
        packet(128),
        packet(16_383),
        packet(16_384),
        packet(20_000),
      ]);
      for (let at = 0; at < bytes.length; at += size) wire.push(bytes.subarray(at, at + size));
      await turn();
      await turn();
      expect(read().equals(bytes)).toBe(true);
    },
  );

  it("cuts at the header of a 256 MB packet, before its body", async () => {
    const { wire, failed } = guarded(266_240);
    wire.push(packet(100));
    wire.push(packet(268_435_455, Buffer.alloc(0)));
    expect((await failed).message).toContain("at most 266240 are read");
    expect(wire.destroyed).toBe(true);
  });

  it("cuts a length that never ends", async () => {
    const { wire, failed } = guarded(266_240);
    wire.push(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]));
    expect((await failed).message).toContain("malformed");
  });

  it("passes on what is written and what fails below", async () => {
    const { wire, stream, failed } = guarded(100);
    stream.write("connect");
    await turn();
    expect(Buffer.concat(wire.written).toString()).toBe("connect");
    wire.destroy(new Error("the cable"));
    expect((await failed).message).toBe("the cable");
  });
});
