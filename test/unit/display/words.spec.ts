import { describe, expect, it } from "vitest";
import { encodeWords, type Wording } from "../../../drivers/display/generic/encode.ts";
import { matchWords } from "../../../drivers/display/generic/match.ts";
import { type GenericConfig, genericMistakes } from "../../../drivers/display/generic/phrasebook.ts";
import { takeReply } from "../../../drivers/display/generic/replies.ts";
import { parseWords } from "../../../drivers/display/generic/words.ts";
import { LG, SAMSUNG_MDC } from "../../support/drivers/display-benches.ts";

const TEXT: Wording = { notation: "text", checksum: { kind: "sum8" } };
const HEX: Wording = { notation: "hex", checksum: { kind: "sum8", from: 1 } };
const encode = (source: string, wording: Wording, value = 0) =>
  encodeWords(parseWords(source, wording.notation), wording, value);
const match = (source: string, wording: Wording, reply: string | Buffer) =>
  matchWords(parseWords(source, wording.notation), Buffer.from(reply as string, "latin1"), wording);

describe("the words that are sent", () => {
  // Source: Samsung, MDC protocol: power on of display 0. LG, RS-232C: power on of set 1.
  it("make the published bytes", () => {
    expect(encode("AA 11 00 01 01 {checksum}", HEX).toString("hex")).toBe("aa1100010113");
    expect(encode("ka 01 01\\r", TEXT).toString("latin1")).toBe("ka 01 01\r");
  });

  it("carry numbers in every form", () => {
    expect(encode("{value}|", TEXT, 7).toString()).toBe("7|");
    expect(encode("{value:3}", TEXT, 7).toString()).toBe("007");
    expect(encode("{value:x2}", TEXT, 171).toString()).toBe("ab");
    expect(encode("{value:X2}", TEXT, 171).toString()).toBe("AB");
    expect(encode("{value}", HEX, 171).toString("hex")).toBe("ab");
    expect(encode("{value:le2}", HEX, 0x1234).toString("hex")).toBe("3412");
    expect(encode("{value:be2}", HEX, 0x1234).toString("hex")).toBe("1234");
    expect(encode("AB{checksum}", TEXT).toString()).toBe("AB83");
    expect(encode("\\x02\\{\\*\\?\\\\\\n", TEXT).toString("hex")).toBe("027b2a3f5c0a");
  });

  it.each([
    ["", "text", /1 to 256/],
    ["x".repeat(257), "text", /1 to 256/],
    ["\\q", "text", /means nothing/],
    ["\\x1", "text", /two hexadecimal digits/],
    ["ấ", "text", /not ASCII/],
    ["{wert}", "text", /not known/],
    ["{value", "text", /not known/],
    ["A", "hex", /no byte/],
    ["*a*", "text", /one part of open length/],
    ["{value}*", "text", /one part of open length/],
    ["{value:2}{value:2}", "text", /one \{value\}/],
  ] as const)("%j in %s are refused", (source, notation, why) => {
    expect(() => parseWords(source, notation)).toThrow(why);
  });
});

describe("the words that are expected", () => {
  it("match an answer, its number, its text and its checksum", () => {
    expect(match("h 01 OK{value:X2}x", TEXT, "h 01 OK40x")).toEqual({ value: 64, text: null });
    expect(match("h 01 OK{value:X2}x", TEXT, "h 01 NG40x")).toBeNull();
    expect(match("h 01 OK{value:X2}x", TEXT, "h 01 OK4 x")).toBeNull();
    expect(match("v={value}\\r", TEXT, "v=120\r")).toEqual({ value: 120, text: null });
    expect(match("v={value}\\r", TEXT, "v=\r")).toBeNull();
    expect(match("FW {text}\\r", TEXT, "FW 1.2-b\r")).toEqual({ value: null, text: "1.2-b" });
    expect(match("FW {text}\\r", TEXT, "FW \x1b[31m\r")).toBeNull();
    expect(match("a*z?", TEXT, "a....zb")).toEqual({ value: null, text: null });
    expect(match("a*z?", TEXT, "azb")).not.toBeNull();
    expect(match("a*z?", TEXT, "az")).toBeNull();
    const answer = "AA FF 00 03 41 25 {value} {checksum}";
    expect(match(answer, HEX, Buffer.from("aaff00034125329a", "hex"))).toEqual({ value: 50, text: null });
    expect(match(answer, HEX, Buffer.from("aaff00034125329b", "hex"))).toBeNull();
  });

  it("cost time with the length of the answer and nothing else", () => {
    const words = parseWords(`${"a?".repeat(60)}*${"?a".repeat(60)}b`, "text");
    const answer = Buffer.from("a".repeat(100_000));
    const start = performance.now();
    for (let round = 0; round < 100; round++) expect(matchWords(words, answer, TEXT)).toBeNull();
    expect(performance.now() - start).toBeLessThan(500);
  });

  it("never throw, whatever comes", () => {
    const patterns = ["{value:X2}x", "{value:4}", "*{checksum}", "{text}\\r", "?*"].map((each) =>
      parseWords(each, "text"),
    );
    let state = 1;
    for (let round = 0; round < 5_000; round++) {
      const bytes = Buffer.alloc(round % 40);
      for (let index = 0; index < bytes.length; index++) {
        state = (state * 75 + 74) % 65_537;
        bytes[index] = state & 0xff;
      }
      for (const words of patterns) {
        const found = matchWords(words, bytes, TEXT);
        expect(found === null || typeof found === "object").toBe(true);
      }
    }
  });
});

describe("the end of an answer", () => {
  it("is after bytes, after a length or where the answer says, and within 512 bytes", () => {
    expect(takeReply({ endsWith: Buffer.from("x") })(Buffer.from("OKx!"))).toMatchObject({ used: 3 });
    expect(takeReply({ length: 2 })(Buffer.from("O")).message).toBeNull();
    expect(takeReply({ lengthAt: 3, plus: 5 })(Buffer.from("AAFF0003411101559999", "hex"))).toMatchObject({ used: 8 });
    expect(() => takeReply({ endsWith: Buffer.from("x") })(Buffer.alloc(513))).toThrow(/without end/);
  });
});

describe("a controller's words in the configuration", () => {
  it("have no mistakes in the two examples", () => {
    expect([genericMistakes(SAMSUNG_MDC), genericMistakes(LG)]).toEqual([[], []]);
  });

  it("tell every mistake at once, with its place", () => {
    const on = { send: "on*", expect: "{x}" };
    const wrong: GenericConfig = {
      notation: "text",
      reply: { length: 0 },
      power: { on, off: { send: "{checksum}" } },
      brightness: { set: { send: "set" }, ask: { send: "?", expect: "ok" } },
      patterns: { red: { send: "red" } },
      firmware: { send: "v", expect: "{value}" },
    };
    expect(
      genericMistakes(wrong)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(
      [
        "power.on.send",
        "power.on.expect",
        "power.off.send",
        "brightness.ask.send",
        "brightness.ask.expect",
        "brightness.set.send",
        "patterns",
        "firmware.expect",
        "reply",
      ].sort(),
    );
    const tooWide = { ...LG, brightnessMost: 1_000 };
    expect(genericMistakes(tooWide).map(({ path, message }) => `${path}: ${message}`)).toEqual([
      "brightness.set.send: 1000 does not fit into 2 digits",
      "brightness.set.send: needs {value}",
    ]);
  });
});
