/** A sender card with receivers on its ports, for training and tests: a map of registers for each. */
import type { DisplayReport } from "../../../playback/ports/display-controller.ts";
import type { Taken } from "../../bus/connection.ts";
import { percentOf } from "../brightness.ts";
import type { DisplayBehaviour } from "../simulated/behaviour.ts";
import type { SimulatedProtocol, SimulatedSession } from "../simulated/server.ts";
import { ALL_PORTS, ALL_RECEIVERS, DEVICE, encodeFrame, type NovastarFrame, takeFrame } from "./frame.ts";
import { patternOf, REGISTER } from "./registers.ts";

const takeRequest = takeFrame("request");
/** A receiving card, as in the document's examples: model 4105 hexadecimal, firmware 4.2.0.1, 27 °C. */
const RECEIVER: readonly (readonly [number, number])[] = [
  ...[0x05, 0x41, 4, 2, 0, 1].map((byte, index) => [REGISTER.identity + index, byte] as const),
  [REGISTER.monitoring, 0x80],
  [REGISTER.monitoring + 1, 54],
  [REGISTER.brightness, 0xff],
];

export class SimulatedNovastar implements SimulatedProtocol {
  readonly #sender = new Map<number, number>([[REGISTER.inputPresent, 1]]);
  readonly #receivers: readonly Map<number, number>[];
  readonly #missing = new Set<number>();

  constructor(ports = 1) {
    this.#receivers = Array.from({ length: ports }, () => new Map(RECEIVER));
  }

  /** The first receiver of a port is without power, or has it again. */
  unplug(port: number, unplugged: boolean): void {
    if (unplugged) this.#missing.add(port);
    else this.#missing.delete(port);
  }

  /** A register of the first receiver of a port, as by a hand on the wall. */
  poke(port: number, register: number, value: number): void {
    this.#receivers[port]?.set(register, value);
  }

  set input(present: boolean) {
    this.#sender.set(REGISTER.inputPresent, present ? 1 : 0);
  }

  /** Of the first port. */
  truth(): DisplayReport {
    const byte = (register: number) => this.#receivers[0]?.get(register) ?? 0;
    return {
      power: null,
      brightness: percentOf(byte(REGISTER.brightness), 255),
      blank: byte(REGISTER.black) !== 0,
      pattern: patternOf(byte(REGISTER.testMode)),
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
    const { used, message } = takeRequest(bytes);
    return { used, message: message && ((behaviour) => this.#answer(message, behaviour)) };
  }

  #answer(request: NovastarFrame, { lying, busy }: DisplayBehaviour): Buffer {
    const parts = busy ? [] : this.#partsOf(request);
    const first = parts[0];
    if (request.write) {
      const told = lying ? [] : parts;
      for (const part of told) {
        for (const [index, byte] of request.data.entries()) part.set(request.register + index, byte);
      }
    }
    const wanted = request.write || first === undefined ? 0 : request.length;
    const data = Uint8Array.from({ length: wanted }, (_, index) => first?.get(request.register + index) ?? 0);
    const ack = first === undefined ? 1 : 0;
    return encodeFrame({ ...request, direction: "reply", ack, length: data.length, data });
  }

  #partsOf({ device, port, receiver }: NovastarFrame): readonly Map<number, number>[] {
    if (device === DEVICE.sender) return [this.#sender];
    if (device !== DEVICE.receiver || (receiver !== 0 && receiver !== ALL_RECEIVERS)) return [];
    return this.#receivers.filter((_, at) => (port === ALL_PORTS || port === at) && !this.#missing.has(at));
  }
}
