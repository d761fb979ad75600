import { describe, expect, it } from "vitest";
import { allWords } from "../../../playback/board/page/words.ts";
import { SCRIPTS } from "../../support/seen/scenes.ts";
import { unshipped } from "../../support/seen/shipped-letters.ts";

const VIETNAMESE = "aăâeêioôơuưyđ";
const TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"];

describe("the shipped fonts", () => {
  it("have every letter of Vietnamese with every tone, of the packaged words and of all five scripts, in both weights", () => {
    const tones = [...VIETNAMESE].flatMap((letter) => TONES.map((tone) => (letter + tone).normalize("NFC"))).join("");
    const text = tones.replaceAll(/\p{M}/gu, "") + tones.toUpperCase().replaceAll(/\p{M}/gu, "");
    expect(unshipped(text + allWords() + Object.values(SCRIPTS).join(""))).toEqual([]);
    expect(unshipped("0123456789:/×·…–“”‘’%°₫€")).toEqual([]);
  });

  it("have no Thai and no Hangul, and this test would say so", () => {
    expect(unshipped("ไทย 한국")).toEqual(["ไ", "ท", "ย", "한", "국"]);
  });
});
