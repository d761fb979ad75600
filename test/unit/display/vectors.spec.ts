/** Published bytes of each protocol, and what is made of broken ones. */
import { describe, expect, it } from "vitest";
import { CHECKSUM_NAMES, CHECKSUMS, checksumBytes } from "../../../drivers/bus/checksums.ts";
import { WireFault } from "../../../drivers/bus/wire-fault.ts";
import { encodeFrame, type NovastarFrame, takeFrame } from "../../../drivers/display/novastar/frame.ts";
import { parseIdentity, parseMonitoring } from "../../../drivers/display/novastar/registers.ts";
import { ping } from "../../../drivers/display/onbon/commands.ts";
import {
  ANY,
  encodeFrame as encodeOnbon,
  takeFrame as takeOnbon,
  unwrapped,
  wrapped,
} from "../../../drivers/display/onbon/frame.ts";
import {
  digestOf,
  encodeCommand,
  parseFaults,
  parseGreeting,
  parseReply,
  takeLine,
} from "../../../drivers/display/pjlink/messages.ts";

const bytes = (hex: string) => Buffer.from(hex.replace(/\s/g, ""), "hex");

describe("NovaStar's frames", () => {
  const request = (
    [serial, device, port, receiver]: readonly [number, number, number, number],
    register: number,
    data: readonly number[] | number,
  ): NovastarFrame => ({
    ...{ direction: "request", ack: 0, serial, sender: 0, device, port, receiver, register },
    write: typeof data !== "number",
    length: typeof data === "number" ? data : data.length,
    data: Uint8Array.from(typeof data === "number" ? [] : data),
  });

  // Source: NovaStar, RS232 Protocol for Nova M3 Control System V1.9; the number is its section.
  it.each([
    [
      "3.1.1 all monitoring data",
      request([0x32, 1, 0, 0], 0x0a000000, 0x100),
      "55AA0032FE000100000000000000000A00019156",
    ],
    ["3.1.1 temperature", request([0x32, 1, 0, 0], 0x0a000000, 2), "55AA0032FE000100000000000000000A02009256"],
    ["3.1.2 input present", request([0x16, 0, 0, 0], 0x02000017, 1), "55AA0016FE000000000000001700000201008356"],
    ["3.3 brightness read", request([0x14, 1, 0, 0], 0x02000001, 5), "55AA0014FE000100000000000100000205007056"],
    [
      "3.3 brightness 128, first receiver",
      request([0x15, 1, 0, 0], 0x02000001, [0x80]),
      "55AA0015FE000100000001000100000201008 0EE56",
    ],
    [
      "3.3 brightness with colours, all of a port",
      request([0x15, 1, 0, 0xffff], 0x02000001, [128, 128, 128, 128, 128]),
      "55AA0015FE000100FFFF01000100000205008080808080F05A",
    ],
    [
      "3.3 brightness with colours, all of all ports",
      request([0x15, 1, 0xff, 0xffff], 0x02000001, [128, 128, 128, 128, 128]),
      "55AA0015FE0001FFFFFF01000100000205008080808080EF5B",
    ],
    ["3.9 identity of a receiver", request([0x32, 1, 0, 0], 0, 6), "55AA0032FE000100000000000000000006008C56"],
    ["3.12.1 blue", request([0x80, 1, 0, 0], 0x02000101, [4]), "55AA0080FE00010000000100010100020100 04DE56"],
    [
      "3.12.2 black, first receiver",
      request([0x80, 1, 0, 0], 0x02000100, [0xff]),
      "55AA0080FE0001000000010000010002 0100FFD857",
    ],
    [
      "3.12.2 black, all of a port",
      request([0x80, 1, 0, 0xffff], 0x02000100, [0xff]),
      "55AA0080FE000100FFFF010000010002 0100FFD659",
    ],
    [
      "black everywhere",
      request([0x80, 1, 0xff, 0xffff], 0x02000100, [0xff]),
      "55AA0080FE0001FFFFFF0100000100020100FFD55A",
    ],
    [
      "red, all of the first port",
      request([0x80, 1, 0, 0xffff], 0x02000101, [2]),
      "55AA0080FE000100FFFF010001010002010002DA58",
    ],
  ] as const)("are the document's own: %s", (_name, frame, published) => {
    expect(encodeFrame(frame).toString("hex")).toBe(bytes(published).toString("hex"));
    expect(takeFrame("request")(bytes(published))).toEqual({ used: bytes(published).length, message: frame });
  });

  it("are read as the document's answers", () => {
    const take = takeFrame("reply");
    const identity = take(bytes("AA55003200FE010000000000000000000600054104020001D956")).message;
    expect(parseIdentity(identity?.data ?? new Uint8Array())).toEqual({ model: "0541", firmware: "4.2.0.1" });
    const warm = take(bytes("AA55003200FE010000000000000000 0A02008048 5A57")).message;
    expect(parseMonitoring(warm?.data ?? new Uint8Array(), "port 1").temperature).toBe(36);
    expect(take(bytes("AA55001500FE01000000010001000002 00006D56")).message).toMatchObject({
      ack: 0,
      write: true,
      length: 0,
    });
    // The document's request in 3.6 has a wrong checksum, 5687 for 5689; and the answer printed below it says so.
    expect(() => takeFrame("request")(bytes("55AA0032FE000000000000000200000002008756"))).toThrow(/checksum/);
    expect(take(bytes("AA55023200FE0000000000000200000002000100 8C56")).message?.ack).toBe(2);
  });

  it("are found behind rubbish, waited for in pieces, and refused with a wrong checksum or length", () => {
    const take = takeFrame("reply");
    const whole = bytes("AA55003200FE010000000000000000000600054104020001D956");
    expect(take(Buffer.concat([bytes("00AA12"), whole, bytes("AA")]))).toMatchObject({ used: 3 + whole.length });
    for (let length = 0; length < whole.length; length++) expect(take(whole.subarray(0, length)).message).toBeNull();
    for (let index = 2; index < whole.length; index++) {
      const broken = Buffer.from(whole);
      broken[index] = (broken[index] ?? 0) ^ 0x40;
      let message: unknown = null;
      try {
        message = take(broken).message;
      } catch (error) {
        expect(error).toBeInstanceOf(WireFault);
      }
      expect(message, `byte ${index}`).toBeNull();
    }
    const long = Buffer.from(whole);
    long.writeUInt16LE(0xffff, 16);
    expect(() => take(long)).toThrow(/65535 bytes/);
  });

  it("tell smoke and a fan that stands still only where there is a monitoring card", () => {
    const block = new Uint8Array(0x100);
    block.set([0x81, 10]);
    block[0x2a] = 1;
    block[0x2b] = 0x80;
    expect(parseMonitoring(block, "port 1")).toEqual({ temperature: -5, faults: [] });
    block[0x20] = 0xff;
    expect(parseMonitoring(block, "port 1").faults.map(({ part }) => part)).toEqual(["smoke", "fan"]);
  });
});

describe("Onbon's frames", () => {
  // Source: Onbon, 动态区域用户手册 6th generation, 5.5.1.
  const PING = bytes("a5a5a5a5a5a5a5a5 feff0080f000feff00000000 05000000 01a2000000 c686 5a");

  it("are the manual's own: the ping", () => {
    expect(encodeOnbon({ screen: ANY, deviceType: ANY }, ping()).toString("hex")).toBe(PING.toString("hex"));
    expect(takeOnbon(1_024)(PING)).toEqual({ used: PING.length, message: ping() });
  });

  // Source: onbonlab/bx.dual.dyn.java, its test of the escapes.
  it.each([
    ["A55A", "A5A5A5A5A5A5A5A5 A602 5B02 5A"],
    ["A5A6005B005A", "A5A5A5A5A5A5A5A5 A602 A601 00 5B01 00 5B02 5A"],
  ])("escape %s as the vendor does", (plain, wire) => {
    expect(wrapped(bytes(plain)).toString("hex")).toBe(bytes(wire).toString("hex"));
    expect(unwrapped(bytes(wire).subarray(8, -1))?.toString("hex")).toBe(plain.toLowerCase());
  });

  it("are found behind rubbish and after one that was cut off, waited for in pieces, and refused when broken", () => {
    const take = takeOnbon(1_024);
    expect(take(Buffer.concat([bytes("0102"), PING]))).toMatchObject({ used: PING.length + 2, message: ping() });
    expect(take(Buffer.concat([PING.subarray(0, 20), PING])).message).toEqual(ping());
    for (let length = 0; length < PING.length; length++) expect(take(PING.subarray(0, length)).message).toBeNull();
    for (let index = 8; index < PING.length - 1; index++) {
      const broken = Buffer.from(PING);
      broken[index] = (broken[index] ?? 0) ^ 0x01;
      expect(() => take(broken), `byte ${index}`).toThrow(WireFault);
    }
    expect(() => take(Buffer.alloc(2_000, 0xa5))).toThrow(/without end/);
  });
});

describe("PJLink's messages", () => {
  // Source: JBMIA, PJLink Specifications 1.00, the example of its authentication.
  it("have the specification's digest before the first command", () => {
    const digest = digestOf("498e4a67", "JBMIAProjectorLink");
    expect(digest).toBe("5d8409bc1c3fa39749434aa3a5c38682");
    expect(encodeCommand("POWR", "?", digest).toString("latin1")).toBe("5d8409bc1c3fa39749434aa3a5c38682%1POWR ?\r");
    expect(encodeCommand("AVMT", "31").toString("latin1")).toBe("%1AVMT 31\r");
  });

  it("are greetings, replies, errors and nothing else", () => {
    expect([parseGreeting("PJLINK 0"), parseGreeting("PJLINK 1 498e4a67")]).toEqual([null, "498e4a67"]);
    for (const line of ["PJLINK 2", "", "HTTP/1.1 200 OK", `PJLINK 1 ${"a".repeat(65)}`, "PJLINK 1 a b"])
      expect(() => parseGreeting(line)).toThrow(WireFault);
    expect([parseReply("%1POWR=1", "POWR"), parseReply("%1AVMT=31", "POWR"), parseReply("?", "POWR")]).toEqual([
      "1",
      null,
      null,
    ]);
    expect(() => parseReply("PJLINK ERRA", "POWR")).toThrow(/password/);
    expect(() => parseReply("%1POWR=ERR3", "POWR")).toThrow(/ERR3/);
    expect([
      parseFaults("000000"),
      parseFaults("0120"),
      parseFaults("100002")?.map((fault) => `${fault.part} ${fault.severity}`),
    ]).toEqual([[], null, ["fan warning", "other error"]]);
  });

  it("end with a carriage return within 136 bytes", () => {
    expect(takeLine(Buffer.from("%1POWR=1\r%1"))).toEqual({ used: 9, message: "%1POWR=1" });
    expect(takeLine(Buffer.from("\n%1POWR=1\r")).message).toBe("%1POWR=1");
    expect(takeLine(Buffer.alloc(135, 0x41))).toEqual({ used: 0, message: null });
    expect(() => takeLine(Buffer.alloc(136, 0x41))).toThrow(WireFault);
    expect(() => takeLine(Buffer.concat([Buffer.alloc(500, 0x41), Buffer.from("\r")]))).toThrow(WireFault);
  });
});

describe("the checksums", () => {
  // Source: the reveng catalogue's check values of the CRCs; the sums by hand.
  it.each([
    ["crc16-arc", 0xbb3d],
    ["crc16-modbus", 0x4b37],
    ["crc16-xmodem", 0x31c3],
    ["sum8", 0xdd],
    ["sum16", 0x01dd],
    ["negative8", 0x23],
    ["xor8", 0x31],
  ] as const)("%s over 123456789", (name, check) => {
    expect(CHECKSUMS[name].of(Buffer.from("123456789"))).toBe(check);
    expect(CHECKSUM_NAMES).toContain(name);
  });

  // Source: Waveshare's Modbus relay, coil 0 on.
  it("stand on the wire as their protocols have them", () => {
    expect(checksumBytes("crc16-modbus", bytes("01050000FF00")).toString("hex")).toBe("8c3a");
    expect(checksumBytes("crc16-xmodem", Buffer.from("123456789")).toString("hex")).toBe("31c3");
  });
});
