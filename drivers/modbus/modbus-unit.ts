/** One board on a Modbus line, asked in turn with others. Three misses in a row and it counts as not there. */
import { type Bus, type Buses, DEFAULT_BUS_TIMES } from "../bus/bus.ts";
import type { LinkConfig } from "../bus/link.ts";
import { WireFault } from "../bus/wire-fault.ts";
import { decode, encode, type Framing, MODBUS_PORT, type ModbusQuestion, takeAnswer } from "./frame.ts";

export interface ModbusUnitConfig {
  readonly link: LinkConfig;
  /** On a TCP link; a serial one is always `rtu`. Default `tcp`. */
  readonly framing?: Framing | undefined;
  /** Address of the board, 1–255. Default 1. */
  readonly unit?: number | undefined;
  /** For each answer. Default 300 ms; 300–1,000 ms are usual. */
  readonly replyMs?: number | undefined;
}

/** Assumed: one answer lost to a disturbance is usual on a long line, three in a row are not. */
const MISSES = 3;
const CONNECT_MS = 400;
const REPLY_MS = 300;
/** Source: MODBUS over Serial Line V1.02, 2.5.1.1: 3.5 characters, 4 ms at 9600 baud; slow boards want more. */
const PAUSE_MS = 10;

export class ModbusUnit {
  readonly #bus: Bus;
  readonly #framing: Framing;
  readonly #unit: number;
  #exchange = 0;

  /** `buses`: one for all hardware of this computer. */
  constructor({ link, framing = "tcp", unit = 1, replyMs = REPLY_MS }: ModbusUnitConfig, buses: Buses) {
    this.#framing = link.kind === "serial" ? "rtu" : framing;
    this.#unit = unit;
    this.#bus = buses.at(link, MODBUS_PORT, {
      ...DEFAULT_BUS_TIMES,
      ...{ connectMs: CONNECT_MS, replyMs, pauseMs: this.#framing === "rtu" ? PAUSE_MS : 0 },
    });
  }

  /** @throws WireFault after three misses, Refused */
  coils(from: number, count: number): Promise<readonly boolean[]> {
    return this.#ask({ code: 1, address: from, value: count });
  }

  /** @throws WireFault after three misses, Refused */
  inputs(from: number, count: number): Promise<readonly boolean[]> {
    return this.#ask({ code: 2, address: from, value: count });
  }

  /** @throws WireFault after three misses, Refused */
  async writeCoil(address: number, value: number): Promise<void> {
    await this.#ask({ code: 5, address, value });
  }

  /** The next question connects again. */
  close(): void {
    this.#bus.close(this);
  }

  async #ask(asked: Omit<ModbusQuestion, "unit">): Promise<readonly boolean[]> {
    const question = { ...asked, unit: this.#unit };
    for (let misses = 1; ; misses++) {
      try {
        return await this.#once(question);
      } catch (error) {
        if (!(error instanceof WireFault) || misses === MISSES) throw error;
      }
    }
  }

  #once(question: ModbusQuestion): Promise<readonly boolean[]> {
    const exchange = this.#exchange;
    this.#exchange = (exchange + 1) & 0xffff;
    return this.#bus.talk(this, async (line) => {
      // What is left of an answer that came too late.
      line.drain();
      await line.send(encode(this.#framing, question, exchange));
      const { body } = await line.receive(
        takeAnswer(this.#framing, question),
        (answer) => answer.exchange === null || answer.exchange === exchange,
      );
      return decode(question, body);
    });
  }
}
