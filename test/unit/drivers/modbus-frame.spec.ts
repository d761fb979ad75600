/** Modbus frames against published ones, and what is no answer. */
import { describe, expect, it } from "vitest";
import { decode, encode, type ModbusQuestion, takeAnswer } from "../../../drivers/modbus/frame.ts";

const ON: ModbusQuestion = { unit: 1, code: 5, address: 0, value: 0xff00 };
const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("a question", () => {
  it.each([
    // Source: Waveshare, Modbus RTU relay, "control of a relay".
    ["relay 0 on", ON, "01 05 00 00 FF 00 8C 3A"],
    ["relay 0 off", { ...ON, value: 0 }, "01 05 00 00 00 00 CD CA"],
    ["relay 0 closed for 0.7 s", { ...ON, address: 0x0200, value: 7 }, "01 05 02 00 00 07 8D B0"],
    ["eight relays read", { unit: 1, code: 1, address: 0, value: 8 }, "01 01 00 00 00 08 3D CC"],
    // Source: MODBUS Application Protocol, 6.2, its example: inputs 197–218.
    ["inputs of unit 1", { unit: 1, code: 2, address: 0xc4, value: 0x16 }, "01 02 00 C4 00 16 B8 39"],
  ] as const)("%s as RTU", (_, question, wire) => {
    expect(encode("rtu", question, 0)).toEqual(hex(wire));
  });

  it("as TCP carries the number of the exchange, the length and no checksum", () => {
    expect(encode("tcp", ON, 0x1234)).toEqual(hex("1234 0000 0006 01 05 0000 FF00"));
  });
});

describe("an answer", () => {
  const read: ModbusQuestion = { unit: 1, code: 1, address: 0, value: 8 };
  const rtu = (wire: string, question = read) => takeAnswer("rtu", question)(hex(wire));

  it("is waited for until it is whole", () => {
    // Source: Waveshare, Modbus RTU relay: relays 0 and 1 on is 03.
    const wire = "01 01 01 03 11 89";
    for (const bytes of [0, 1, 2, 5]) expect(takeAnswer("rtu", read)(hex(wire).subarray(0, bytes)).used).toBe(0);
    const { used, message } = rtu(wire);
    expect(used).toBe(6);
    expect(decode(read, message?.body as Buffer).slice(0, 3)).toEqual([true, true, false]);
  });

  it("says no in words", () => {
    const { message } = rtu("01 81 02 C1 91");
    expect(() => decode(read, message?.body as Buffer)).toThrow("it has no such coil or input");
  });

  it.each([
    ["a wrong checksum", "01 01 01 03 11 88", /wrong checksum/],
    ["another unit", "02 01 01 03 11 CD", /not an answer/],
    ["another function", "01 02 01 03 E1 89", /not an answer/],
  ])("with %s is none", (_, wire, why) => {
    expect(() => rtu(wire)).toThrow(why);
  });

  it("that repeats another order is none", () => {
    expect(() => decode(ON, hex("01 05 00 01 FF 00"))).toThrow(/another order/);
  });

  it("with more or fewer bits than were asked is none", () => {
    expect(() => decode(read, hex("01 01 02 03 00"))).toThrow(/not 8 bits/);
    expect(() => decode(read, hex("01 01 01"))).toThrow(/not 8 bits/);
  });

  it.each(["0001 0001 0006 010500000000", "0001 0000 0001 01", "0001 0000 FFFF 01"])("%s is not Modbus TCP", (wire) => {
    expect(() => takeAnswer("tcp", read)(hex(wire))).toThrow(/not Modbus TCP/);
  });
});
