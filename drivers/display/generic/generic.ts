/**
 * A controller described by configuration: what is sent for each order and what it answers, in the words of `words.ts`. For displays with a
 * simple protocol on a serial line or TCP (Samsung MDC, LG, NEC, Philips and what an integrator built), without a driver for each.
 */
import {
  type DisplayAbilities,
  type DisplayAspect,
  type DisplayReport,
  SILENT_REPORT,
} from "../../../playback/ports/display-controller.ts";
import type { Line } from "../../bus/connection.ts";
import { Refused, shown, WireFault } from "../../bus/wire-fault.ts";
import { brightnessTaken, percentOf, stepOf } from "../brightness.ts";
import { type Dialect, type DisplayHealth, type DisplayOrder, NO_HEALTH } from "../dialect.ts";
import { encodeWords } from "./encode.ts";
import { type Match, matchWords } from "./match.ts";
import { type Exchange, type GenericConfig, type Phrasebook, parsePhrasebook, type Question } from "./phrasebook.ts";
import { takeReply } from "./replies.ts";
import type { Word } from "./words.ts";

export class Generic implements Dialect {
  readonly can: DisplayAbilities;
  readonly #book: Phrasebook;

  /** @throws SyntaxError where the words cannot be read; `genericMistakes` tells all of them at once */
  constructor(config: GenericConfig) {
    this.#book = parsePhrasebook(config);
    const { power, blank, brightness, patterns, brightnessMost } = this.#book;
    const aspects = { power, blank, brightness, pattern: patterns.size > 0 ? patterns : null };
    const told = (Object.keys(aspects) as DisplayAspect[]).filter((aspect) => aspects[aspect] !== null);
    this.can = {
      aspects: new Set(told),
      patterns: [...patterns.keys()],
      images: null,
      brightnessTaken: brightnessTaken(brightnessMost),
    };
  }

  async tell(line: Line, order: DisplayOrder): Promise<void> {
    const value = order.aspect === "brightness" ? stepOf(order.value, this.#book.brightnessMost) : 0;
    const exchange = this.#exchangeOf(order);
    if (exchange === null) throw new Refused(`it has no words for ${order.aspect}`);
    await this.#exchange(line, exchange, value);
  }

  async report(line: Line, aspects: readonly DisplayAspect[]): Promise<readonly DisplayReport[]> {
    const { power, blank, brightness, brightnessMost } = this.#book;
    // Asked for nothing, it still shows that somebody is there, where there is a question to ask.
    const probing = aspects.length === 0;
    let report: DisplayReport = SILENT_REPORT;
    for (const [aspect, ask] of [
      ["power", power?.ask],
      ["blank", blank?.ask],
    ] as const) {
      if (ask == null || !(aspects.includes(aspect) || probing)) continue;
      report = { ...report, [aspect]: await this.#isOn(line, ask) };
    }
    if (brightness?.ask != null && (aspects.includes("brightness") || (probing && report === SILENT_REPORT))) {
      const { value } = await this.#exchange(line, brightness.ask, 0);
      report = { ...report, brightness: value === null ? null : percentOf(value, brightnessMost) };
    }
    return [report];
  }

  async health(line: Line): Promise<DisplayHealth> {
    const { temperature, firmware } = this.#book;
    const ask = async (exchange: Exchange | null) => (exchange === null ? null : this.#exchange(line, exchange, 0));
    return {
      ...NO_HEALTH,
      temperature: (await ask(temperature))?.value ?? null,
      firmware: (await ask(firmware))?.text?.slice(0, 64) ?? null,
    };
  }

  #exchangeOf(order: DisplayOrder): Exchange | null {
    const { power, blank, brightness, patterns } = this.#book;
    if (order.aspect === "brightness") return brightness?.set ?? null;
    if (order.aspect === "pattern") return patterns.get(order.value) ?? null;
    const pair = order.aspect === "power" ? power : blank;
    return (order.value ? pair?.on : pair?.off) ?? null;
  }

  async #isOn(line: Line, { send, on, off }: Question): Promise<boolean> {
    const reply = await this.#reply(line, send, 0);
    if (matchWords(on, reply, this.#book.wording) !== null) return true;
    if (matchWords(off, reply, this.#book.wording) !== null) return false;
    throw new WireFault(`it answers ${shown(reply)}, which is neither on nor off`);
  }

  async #exchange(line: Line, { send, expect }: Exchange, value: number): Promise<Match> {
    if (expect === null) {
      line.drain();
      await line.send(encodeWords(send, this.#book.wording, value));
      return { value: null, text: null };
    }
    const reply = await this.#reply(line, send, value);
    const match = matchWords(expect, reply, this.#book.wording);
    if (match === null) throw new WireFault(`it answers ${shown(reply)}, which was not expected`);
    return match;
  }

  async #reply(line: Line, send: readonly Word[], value: number): Promise<Buffer> {
    // Nothing numbers the answers here: what came before the question is not its answer.
    line.drain();
    await line.send(encodeWords(send, this.#book.wording, value));
    const reply = await line.receive(takeReply(this.#book.replyEnd));
    const { refused, wording } = this.#book;
    if (refused !== null && matchWords(refused, reply, wording) !== null)
      throw new Refused(`it answers ${shown(reply)}`);
    return reply;
  }
}
