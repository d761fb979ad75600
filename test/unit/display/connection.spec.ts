import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { Connection, type Take } from "../../../drivers/bus/connection.ts";
import { WireFault } from "../../../drivers/bus/wire-fault.ts";

/** A peer that takes what it is sent, or does not, and says what the test says. */
function peer(takes = true) {
  const stream = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      if (takes) done();
    },
  });
  return { stream, connection: new Connection(stream, 100), say: (bytes: Uint8Array) => stream.push(bytes) };
}

const line: Take<string> = (bytes) => {
  const end = bytes.indexOf(10);
  return end < 0 ? { used: 0, message: null } : { used: end + 1, message: bytes.toString("latin1", 0, end) };
};
const text = (words: string) => Buffer.from(words, "latin1");

describe("a connection to a controller", () => {
  it("gives messages one by one, passes over those that are not accepted, and keeps the rest", async () => {
    const { connection, say } = peer();
    say(text("old\nne"));
    const answer = connection.receive(line, (message) => message !== "old");
    setImmediate(() => say(text("w\nlater\n")));
    expect([await answer, await connection.receive(line)]).toEqual(["new", "later"]);
    say(text("unasked\n"));
    await new Promise((resolve) => setImmediate(resolve));
    connection.drain();
    await expect(connection.receive(line)).rejects.toThrow(/no answer within 100 ms/);
  });

  it("is over when more than 16 KiB wait that nobody can read, asked for or not", async () => {
    const { connection, stream, say } = peer();
    say(Buffer.alloc(16_384));
    await new Promise((resolve) => setImmediate(resolve));
    expect(connection.broken).toBe(false);
    say(Buffer.alloc(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect([connection.broken, stream.destroyed]).toEqual([true, true]);
    await expect(connection.send(text("x"))).rejects.toThrow(/without end/);
  });

  it("is not waited for longer than its time because messages keep coming that are not the answer", async () => {
    const { connection, say } = peer();
    const flood = setInterval(() => say(text("noise\n".repeat(100))), 5);
    const start = performance.now();
    await expect(connection.receive(line, () => false)).rejects.toBeInstanceOf(WireFault);
    clearInterval(flood);
    expect(performance.now() - start).toBeLessThan(400);
  });

  it("is over when the line does not take what is sent, in the time that the slowest line needs", async () => {
    const { connection } = peer(false);
    const start = performance.now();
    await expect(connection.send(Buffer.alloc(90))).rejects.toThrow(/does not take/);
    // 100 ms and 90 bytes at 0.9 a millisecond.
    expect(performance.now() - start).toBeGreaterThan(190);
    expect(connection.broken).toBe(true);
  });

  it("still gives what came before its end", async () => {
    const { connection, stream, say } = peer();
    say(text("last words\n"));
    stream.push(null);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await connection.receive(line)).toBe("last words");
    await expect(connection.receive(line)).rejects.toThrow(/closed the connection/);
  });
});
