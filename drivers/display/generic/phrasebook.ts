/** The words of one controller, read from the configuration. Pure. */
import type { TestPattern } from "../../../playback/ports/display-controller.ts";
import { type ChecksumRule, encodeWords, type Wording } from "./encode.ts";
import { LONGEST_REPLY, type ReplyEnd } from "./replies.ts";
import { type Notation, parseWords, type Word } from "./words.ts";

export interface ExchangeConfig {
  readonly send: string;
  /** Without it no answer is waited for. */
  readonly expect?: string | undefined;
}

export interface SwitchConfig {
  readonly on: ExchangeConfig;
  readonly off: ExchangeConfig;
  readonly ask?: { readonly send: string; readonly on: string; readonly off: string } | undefined;
}

export interface GenericConfig {
  readonly notation: Notation;
  readonly checksum?: ChecksumRule | undefined;
  /** Where an answer ends; `endsWith` is in the same notation. */
  readonly reply:
    | { readonly endsWith: string }
    | { readonly length: number }
    | { readonly lengthAt: number; readonly plus: number };
  /** How it says no to anything. Other answers than this and the expected one are taken for noise. */
  readonly refused?: string | undefined;
  /** The controller's number for full brightness. Default 100. */
  readonly brightnessMost?: number | undefined;
  readonly power?: SwitchConfig | undefined;
  /** `on` is black. */
  readonly blank?: SwitchConfig | undefined;
  /** `{value}` is the brightness. */
  readonly brightness?:
    | { readonly set: ExchangeConfig; readonly ask?: { readonly send: string; readonly expect: string } | undefined }
    | undefined;
  /** With at least `none`. */
  readonly patterns?: Readonly<Partial<Record<TestPattern, ExchangeConfig>>> | undefined;
  /** `{value}` in degrees Celsius. */
  readonly temperature?: { readonly send: string; readonly expect: string } | undefined;
  /** `{text}`. */
  readonly firmware?: { readonly send: string; readonly expect: string } | undefined;
}

export interface Exchange {
  readonly send: readonly Word[];
  readonly expect: readonly Word[] | null;
}
export interface Question {
  readonly send: readonly Word[];
  readonly on: readonly Word[];
  readonly off: readonly Word[];
}
export interface Switch {
  readonly on: Exchange;
  readonly off: Exchange;
  readonly ask: Question | null;
}

export interface Phrasebook {
  readonly wording: Wording;
  readonly replyEnd: ReplyEnd;
  readonly refused: readonly Word[] | null;
  readonly brightnessMost: number;
  readonly power: Switch | null;
  readonly blank: Switch | null;
  readonly brightness: { readonly set: Exchange; readonly ask: Exchange | null } | null;
  readonly patterns: ReadonlyMap<TestPattern, Exchange>;
  readonly temperature: Exchange | null;
  readonly firmware: Exchange | null;
}

interface Mistake {
  readonly path: string;
  readonly message: string;
}

/** @throws SyntaxError with the first mistake */
export function parsePhrasebook(config: GenericConfig): Phrasebook {
  const { book, mistakes } = read(config);
  const [first] = mistakes;
  if (first !== undefined) throw new SyntaxError(`${first.path}: ${first.message}`);
  return book;
}

/** Every mistake in a controller's words, for the check of `station.yaml`. Never throws. */
export function genericMistakes(config: GenericConfig): readonly Mistake[] {
  return read(config).mistakes;
}

function read(config: GenericConfig): { readonly book: Phrasebook; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const { notation, checksum = null } = config;
  const wording: Wording = { notation, checksum };
  const most = config.brightnessMost ?? 100;

  const words = (source: string, path: string, sent: boolean, value = 0): readonly Word[] => {
    try {
      const parsed = parseWords(source, notation);
      // What is sent has no holes; and that it can be sent is tried here, not on the pole.
      const hole = parsed.some(({ kind }) => kind === "any" || kind === "run" || kind === "printable");
      if (sent && hole) throw new SyntaxError("what is sent has no ?, * or {text}");
      encodeWords(parsed, wording, value);
      return parsed;
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
      mistakes.push({ path, message: error.message });
      return [];
    }
  };
  const exchange = ({ send, expect }: ExchangeConfig, path: string, value = 0): Exchange => ({
    send: words(send, `${path}.send`, true, value),
    expect: expect === undefined ? null : words(expect, `${path}.expect`, false),
  });
  const toggle = (told: SwitchConfig | undefined, path: string): Switch | null => {
    if (told === undefined) return null;
    const { ask } = told;
    const question = ask && {
      send: words(ask.send, `${path}.ask.send`, true),
      on: words(ask.on, `${path}.ask.on`, false),
      off: words(ask.off, `${path}.ask.off`, false),
    };
    return { on: exchange(told.on, `${path}.on`), off: exchange(told.off, `${path}.off`), ask: question ?? null };
  };
  const holds = (told: ExchangeConfig | undefined, path: string, kind: Word["kind"]): Exchange | null => {
    if (told === undefined) return null;
    const asked = exchange(told, path);
    const found = asked.expect?.some((word) => word.kind === kind) ?? false;
    if (!found)
      mistakes.push({ path: `${path}.expect`, message: kind === "number" ? "needs {value}" : "needs {text}" });
    return asked;
  };

  const { brightness } = config;
  const patterns = Object.entries(config.patterns ?? {}).flatMap(([name, told]) =>
    told === undefined ? [] : [[name as TestPattern, exchange(told, `patterns.${name}`)] as const],
  );
  if (patterns.length > 0 && config.patterns?.none === undefined) {
    mistakes.push({ path: "patterns", message: "needs `none`, to end the others" });
  }
  const book: Phrasebook = {
    wording,
    replyEnd: replyEnd(config, (source) => encodeWords(words(source, "reply.endsWith", true), wording), mistakes),
    refused: config.refused === undefined ? null : words(config.refused, "refused", false),
    brightnessMost: most,
    power: toggle(config.power, "power"),
    blank: toggle(config.blank, "blank"),
    brightness: brightness
      ? {
          set: exchange(brightness.set, "brightness.set", most),
          ask: holds(brightness.ask, "brightness.ask", "number"),
        }
      : null,
    patterns: new Map(patterns),
    temperature: holds(config.temperature, "temperature", "number"),
    firmware: holds(config.firmware, "firmware", "printable"),
  };
  if (book.brightness !== null && !book.brightness.set.send.some(({ kind }) => kind === "number")) {
    mistakes.push({ path: "brightness.set.send", message: "needs {value}" });
  }
  return { book, mistakes };
}

function replyEnd({ reply }: GenericConfig, bytesOf: (source: string) => Buffer, mistakes: Mistake[]): ReplyEnd {
  if ("endsWith" in reply) {
    const endsWith = bytesOf(reply.endsWith);
    // Without a byte to look for, every answer would be empty.
    return { endsWith: endsWith.length === 0 ? Buffer.of(0) : endsWith };
  }
  const { most, least } =
    "length" in reply ? { most: reply.length, least: reply.length } : { most: reply.plus + 255, least: reply.plus };
  if (least < 1 || most > LONGEST_REPLY) {
    mistakes.push({ path: "reply", message: `an answer has 1 to ${LONGEST_REPLY} bytes` });
  }
  return reply;
}
