/** A projector or display that speaks PJLink class 1, for training and tests. */
import { randomBytes } from "node:crypto";
import type { DisplayReport } from "../../../playback/ports/display-controller.ts";
import type { Taken } from "../../bus/connection.ts";
import type { DisplayBehaviour } from "../simulated/behaviour.ts";
import type { SimulatedProtocol, SimulatedSession } from "../simulated/server.ts";
import { digestOf, takeLine } from "./messages.ts";

export class SimulatedPjlink implements SimulatedProtocol {
  readonly #password: string | null;
  #power = false;
  #mute = "30";
  /** The six digits of ERST: fan, lamp, temperature, cover, filter, other. */
  faults = "000000";
  /** While true, power reads as warming up or cooling. */
  changing = false;
  /** Every line that came in, as it came; what a test looks for a password in. */
  readonly heard: string[] = [];

  constructor(password: string | null = null) {
    this.#password = password;
  }

  truth(): DisplayReport {
    return { power: this.#power, brightness: null, blank: this.#mute === "31", pattern: null };
  }

  session(): SimulatedSession {
    const challenge = randomBytes(4).toString("hex");
    let expected = this.#password === null ? "" : digestOf(challenge, this.#password);
    return {
      greeting: Buffer.from(this.#password === null ? "PJLINK 0\r" : `PJLINK 1 ${challenge}\r`, "latin1"),
      take: (bytes): Taken<(behaviour: DisplayBehaviour) => Uint8Array> => {
        const { used, message } = takeLine(bytes);
        if (message === null) return { used, message };
        this.heard.push(message);
        if (!message.startsWith(expected)) return { used, message: () => Buffer.from("PJLINK ERRA\r") };
        const command = message.slice(expected.length);
        expected = "";
        return { used, message: (behaviour) => Buffer.from(`${this.#answer(command, behaviour)}\r`, "latin1") };
      },
      spoiled: (answer) => answer,
    };
  }

  #answer(command: string, { lying, busy }: DisplayBehaviour): string {
    const [, code = "", value = ""] = /^%1([A-Z0-9]{4}) (.{1,128})$/.exec(command) ?? [];
    return `%1${code === "" ? "ERR1" : code}=${busy ? "ERR3" : this.#valueOf(code, value, lying)}`;
  }

  #valueOf(code: string, value: string, lying: boolean): string {
    if (value === "?") return this.#asked(code);
    if (code === "POWR" && /^[01]$/.test(value)) {
      if (!lying) this.#power = value === "1";
      return "OK";
    }
    if (code === "AVMT" && /^[123][01]$/.test(value)) {
      if (!this.#power) return "ERR3";
      if (!lying) this.#mute = value;
      return "OK";
    }
    return code === "POWR" || code === "AVMT" ? "ERR2" : "ERR1";
  }

  #asked(code: string): string {
    const power = this.changing ? (this.#power ? "3" : "2") : this.#power ? "1" : "0";
    const answers: Readonly<Record<string, string>> = {
      POWR: power,
      AVMT: this.#power ? this.#mute : "ERR3",
      ERST: this.faults,
      INF1: "Loa",
      INF2: "Simulated display",
      INFO: "1.0",
      CLSS: "1",
    };
    return answers[code] ?? "ERR1";
  }
}
