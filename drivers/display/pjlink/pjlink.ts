/**
 * Displays and projectors that speak PJLink class 1: power, and black as its muting of the picture. It has no brightness and no test pattern.
 * Nobody is kept from listening or from playing the display: it belongs into a network of its own.
 */
import {
  type DisplayAbilities,
  type DisplayAspect,
  type DisplayReport,
  SILENT_REPORT,
} from "../../../playback/ports/display-controller.ts";
import type { Line } from "../../bus/connection.ts";
import { Refused, WireFault } from "../../bus/wire-fault.ts";
import type { Dialect, DisplayHealth, DisplayOrder } from "../dialect.ts";
import {
  digestOf,
  encodeCommand,
  type PjlinkCode,
  parseFaults,
  parseGreeting,
  parseReply,
  plainText,
  takeLine,
} from "./messages.ts";

export interface PjlinkConfig {
  /** Where the controller asks for one. Never logged. */
  readonly password?: string | undefined;
  /** What goes dark and silent when blank; some know only both together. */
  readonly mute?: "both" | "picture" | undefined;
}

export class Pjlink implements Dialect {
  readonly can: DisplayAbilities = {
    aspects: new Set(["power", "blank"]),
    patterns: [],
    images: null,
    brightnessTaken: (asked) => asked,
  };
  readonly #config: PjlinkConfig;
  /** The connection that has greeted, and what goes before its first command. */
  #greeted: Line | null = null;
  #digest = "";

  constructor(config: PjlinkConfig) {
    this.#config = config;
  }

  async tell(line: Line, order: DisplayOrder): Promise<void> {
    const kind = this.#config.mute === "picture" ? "1" : "3";
    if (order.aspect === "power") await this.#ask(line, "POWR", order.value ? "1" : "0");
    if (order.aspect === "blank") await this.#ask(line, "AVMT", `${kind}${order.value ? "1" : "0"}`);
  }

  async report(line: Line, aspects: readonly DisplayAspect[]): Promise<readonly DisplayReport[]> {
    const power = powerOf(await this.#ask(line, "POWR", "?"));
    const muted = aspects.includes("blank") && power !== false ? await this.#known(line, "AVMT") : null;
    const blank = muted === null || !/^[123][01]$/.test(muted) ? null : muted === "31" || muted === "11";
    return [{ ...SILENT_REPORT, power, blank }];
  }

  async health(line: Line): Promise<DisplayHealth> {
    const faults = await this.#known(line, "ERST");
    const [maker, model] = [await this.#known(line, "INF1"), await this.#known(line, "INF2")];
    const firmware = await this.#known(line, "INFO");
    return {
      model: plainText(`${maker ?? ""} ${model ?? ""}`),
      firmware: firmware === null ? null : plainText(firmware),
      temperature: null,
      input: null,
      faults: faults === null ? null : parseFaults(faults),
    };
  }

  /** `null` where it cannot say now, as in standby. */
  async #known(line: Line, code: PjlinkCode): Promise<string | null> {
    try {
      return await this.#ask(line, code, "?");
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
  }

  /** @throws WireFault, Refused */
  async #ask(line: Line, code: PjlinkCode, value: string): Promise<string> {
    if (line !== this.#greeted) await this.#greet(line);
    await line.send(encodeCommand(code, value, this.#digest));
    this.#digest = "";
    let answer = "";
    await line.receive(takeLine, (text) => {
      const reply = parseReply(text, code);
      answer = reply ?? "";
      return reply !== null;
    });
    if (value !== "?" && answer.toUpperCase() !== "OK") throw new Refused(`it answers ${code} ${value} with no OK`);
    return answer;
  }

  async #greet(line: Line): Promise<void> {
    const challenge = parseGreeting(await line.receive(takeLine));
    const { password } = this.#config;
    if (challenge !== null && password === undefined) throw new WireFault("it asks for a password; none is configured");
    this.#digest = challenge === null ? "" : digestOf(challenge, password ?? "");
    this.#greeted = line;
  }
}

/** Cooling counts as off and warming up as on: that is where it is going. */
function powerOf(value: string): boolean | null {
  if (value === "0" || value === "2") return false;
  return value === "1" || value === "3" ? true : null;
}
