/** A controller that understands the words of a configuration and answers as it is expected to, for training and tests. */
import type { DisplayReport, TestPattern } from "../../../playback/ports/display-controller.ts";
import type { Taken } from "../../bus/connection.ts";
import { percentOf } from "../brightness.ts";
import type { DisplayBehaviour } from "../simulated/behaviour.ts";
import type { SimulatedProtocol, SimulatedSession } from "../simulated/server.ts";
import { encodeWords } from "./encode.ts";
import { matchWords } from "./match.ts";
import { type GenericConfig, type Phrasebook, parsePhrasebook, type Switch } from "./phrasebook.ts";
import { LONGEST_WORDS, type Word } from "./words.ts";

interface Phrase {
  readonly heard: readonly Word[];
  readonly answer: (value: number, lying: boolean) => Buffer;
}

export class SimulatedGeneric implements SimulatedProtocol {
  readonly #book: Phrasebook;
  readonly #refusal: Buffer;
  readonly #phrases: readonly Phrase[];
  #on = { power: false, blank: false };
  #brightness = 0;
  #pattern: TestPattern = "none";

  /** `refusal`: what it says while it is busy. */
  constructor(config: GenericConfig, refusal: Uint8Array) {
    this.#book = parsePhrasebook(config);
    this.#refusal = Buffer.from(refusal);
    // What has a number in it could be heard in the others too.
    const numbers = ({ heard }: Phrase) => heard.filter(({ kind }) => kind === "number").length;
    this.#phrases = [...this.#learn()].sort((a, b) => numbers(a) - numbers(b));
  }

  truth(): DisplayReport {
    const { power, blank, brightness, patterns, brightnessMost } = this.#book;
    return {
      power: power && this.#on.power,
      blank: blank && this.#on.blank,
      brightness: brightness && percentOf(this.#brightness, brightnessMost),
      pattern: patterns.size === 0 ? null : this.#pattern,
    };
  }

  session(): SimulatedSession {
    return {
      greeting: new Uint8Array(),
      take: (bytes) => this.#take(bytes),
      spoiled: (answer) => answer.map((byte, index) => (index === answer.length - 1 ? byte ^ 0x01 : byte)),
    };
  }

  #take(bytes: Buffer): Taken<(behaviour: DisplayBehaviour) => Uint8Array> {
    for (let length = 1; length <= Math.min(bytes.length, LONGEST_WORDS); length++) {
      for (const { heard, answer } of this.#phrases) {
        const match = matchWords(heard, bytes.subarray(0, length), this.#book.wording);
        if (match === null) continue;
        const value = match.value ?? 0;
        return { used: length, message: ({ lying, busy }) => (busy ? this.#refusal : answer(value, lying)) };
      }
    }
    return { used: bytes.length > LONGEST_WORDS ? bytes.length : 0, message: null };
  }

  #learn(): readonly Phrase[] {
    const { power, blank, brightness, patterns, temperature, firmware } = this.#book;
    const phrases: Phrase[] = [...this.#switched(power, "power"), ...this.#switched(blank, "blank")];
    const learn = (
      heard: readonly Word[],
      said: readonly Word[] | null,
      act: (value: number) => void,
      now: () => number,
    ) =>
      phrases.push({
        heard,
        answer: (value, lying) => {
          if (!lying) act(value);
          return this.#said(said, now());
        },
      });
    const nothing = () => undefined;
    if (brightness !== null) {
      const { set, ask } = brightness;
      const change = (value: number) => {
        this.#brightness = value;
      };
      // The acknowledgement repeats what was asked, also a liar's.
      phrases.push({
        heard: set.send,
        answer: (value, lying) => {
          if (!lying) change(value);
          return this.#said(set.expect, value);
        },
      });
      if (ask !== null) learn(ask.send, ask.expect, nothing, () => this.#brightness);
    }
    for (const [name, { send, expect }] of patterns) {
      const change = () => {
        this.#pattern = name;
      };
      learn(send, expect, change, () => 0);
    }
    if (temperature !== null) learn(temperature.send, temperature.expect, nothing, () => 35);
    if (firmware !== null) learn(firmware.send, firmware.expect, nothing, () => 0);
    return phrases;
  }

  #switched(told: Switch | null, which: "power" | "blank"): readonly Phrase[] {
    if (told === null) return [];
    const { on, off, ask } = told;
    const turn = (to: boolean, said: readonly Word[] | null) => (_value: number, lying: boolean) => {
      if (!lying) this.#on = { ...this.#on, [which]: to };
      return this.#said(said, 0);
    };
    const asked = ask && { heard: ask.send, answer: () => this.#said(this.#on[which] ? ask.on : ask.off, 0) };
    return [
      { heard: on.send, answer: turn(true, on.expect) },
      { heard: off.send, answer: turn(false, off.expect) },
      ...(asked === null ? [] : [asked]),
    ];
  }

  #said(words: readonly Word[] | null, value: number): Buffer {
    return words === null ? Buffer.alloc(0) : encodeWords(words, this.#book.wording, value, "1.0");
  }
}
