/**
 * Video walls behind a NovaStar sender card (MCTRL, MSD, VX, NovaPro), over TCP or a serial line. They show what they are fed and are told
 * brightness, black and test patterns. A write goes to all receivers at once and is not acknowledged reliably; so the first receiver of each
 * port is read back. Power is not in this protocol: wire a relay. Newer COEX devices speak HTTP and are not meant.
 */
import type {
  DisplayAbilities,
  DisplayAspect,
  DisplayFault,
  DisplayReport,
} from "../../../playback/ports/display-controller.ts";
import { TEST_PATTERNS } from "../../../playback/ports/display-controller.ts";
import type { Line } from "../../bus/connection.ts";
import { Refused, WireFault } from "../../bus/wire-fault.ts";
import { brightnessTaken, percentOf, stepOf } from "../brightness.ts";
import type { Dialect, DisplayHealth, DisplayOrder } from "../dialect.ts";
import { ACK_WORDS, ALL_PORTS, ALL_RECEIVERS, DEVICE, encodeFrame, type NovastarFrame, takeFrame } from "./frame.ts";
import {
  IDENTITY_LENGTH,
  MONITORING_LENGTH,
  parseIdentity,
  parseMonitoring,
  patternOf,
  REGISTER,
  testModeOf,
} from "./registers.ts";

export interface NovastarConfig {
  /** Place of the sender card in its chain, from 0. Default 0. */
  readonly sender?: number | undefined;
  /** Ports in use, from the first on. Default 1. */
  readonly ports?: number | undefined;
}

const MOST = 255;
const takeReply = takeFrame("reply");

type Place = Pick<NovastarFrame, "device" | "port" | "receiver">;

export class Novastar implements Dialect {
  readonly can: DisplayAbilities = {
    aspects: new Set(["brightness", "blank", "pattern"]),
    patterns: TEST_PATTERNS,
    images: null,
    brightnessTaken: brightnessTaken(MOST),
  };
  readonly #sender: number;
  readonly #ports: readonly number[];
  #serial = 0;

  constructor({ sender = 0, ports = 1 }: NovastarConfig) {
    this.#sender = sender;
    this.#ports = Array.from({ length: ports }, (_, port) => port);
  }

  async tell(line: Line, order: DisplayOrder): Promise<void> {
    const place = { device: DEVICE.receiver, port: ALL_PORTS, receiver: ALL_RECEIVERS };
    const [register, value] = writeOf(order);
    await line.send(this.#frame(place, register, { write: true, length: 1, data: Uint8Array.of(value) }));
    // Not acknowledged reliably: a question behind it, whatever its answer, says that it has been gone through.
    await this.#known(line, { device: DEVICE.sender, port: 0, receiver: 0 }, REGISTER.senderModel, 2);
  }

  async report(line: Line, aspects: readonly DisplayAspect[]): Promise<readonly DisplayReport[]> {
    const reports: DisplayReport[] = [];
    let silent: Refused | null = null;
    for (const port of this.#ports) {
      try {
        reports.push(await this.#reportOf(line, port, aspects));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        silent = error;
      }
    }
    if (reports.length === 0) throw new WireFault(silent?.message ?? "no port is in use");
    return reports;
  }

  async health(line: Line): Promise<DisplayHealth> {
    const faults: DisplayFault[] = [];
    const temperatures: number[] = [];
    let identity: ReturnType<typeof parseIdentity> = null;
    for (const port of this.#ports) {
      const at = `port ${port + 1}`;
      const said = await this.#known(line, firstReceiver(port), REGISTER.identity, IDENTITY_LENGTH);
      const here = said === null ? null : parseIdentity(said);
      if (here === null) {
        faults.push({ part: "receiver", severity: "error", at });
        continue;
      }
      identity ??= here;
      const block = await this.#known(line, firstReceiver(port), REGISTER.monitoring, MONITORING_LENGTH);
      const monitoring = parseMonitoring(block ?? new Uint8Array(), at);
      if (monitoring.temperature !== null) temperatures.push(monitoring.temperature);
      faults.push(...monitoring.faults);
    }
    const fed = await this.#known(line, { device: DEVICE.sender, port: 0, receiver: 0 }, REGISTER.inputPresent, 1);
    const input = fed === null ? null : fed[0] !== 0;
    if (input === false) faults.push({ part: "input", severity: "error", at: null });
    return {
      model: identity?.model ?? null,
      firmware: identity?.firmware ?? null,
      temperature: temperatures.length === 0 ? null : Math.max(...temperatures),
      input,
      faults,
    };
  }

  async #reportOf(line: Line, port: number, aspects: readonly DisplayAspect[]): Promise<DisplayReport> {
    const at = firstReceiver(port);
    const byte = async (register: number) => (await this.#read(line, at, register, 1))[0] ?? 0;
    // Asked for nothing, it still shows that somebody is there.
    if (aspects.length === 0) await this.#read(line, at, REGISTER.identity, IDENTITY_LENGTH);
    return {
      power: null,
      brightness: aspects.includes("brightness") ? percentOf(await byte(REGISTER.brightness), MOST) : null,
      blank: aspects.includes("blank") ? (await byte(REGISTER.black)) !== 0 : null,
      pattern: aspects.includes("pattern") ? patternOf(await byte(REGISTER.testMode)) : null,
    };
  }

  async #known(line: Line, place: Place, register: number, length: number): Promise<Uint8Array | null> {
    try {
      return await this.#read(line, place, register, length);
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
  }

  /** @throws WireFault, Refused */
  async #read(line: Line, place: Place, register: number, length: number): Promise<Uint8Array> {
    await line.send(this.#frame(place, register, { write: false, length, data: new Uint8Array() }));
    const serial = this.#serial;
    // Acknowledgements of writes to all carry serials of their own and are passed over here.
    const reply = await line.receive(
      takeReply,
      (frame) => frame.serial === serial && frame.register === register && !frame.write,
    );
    const where = place.device === DEVICE.sender ? "the sender card" : `port ${place.port + 1}`;
    if (reply.ack !== 0) throw new Refused(`${where}: ${ACK_WORDS[reply.ack] ?? `error ${reply.ack}`}`);
    if (reply.data.length !== length) throw new WireFault(`${where}: ${reply.data.length} bytes instead of ${length}`);
    return reply.data;
  }

  #frame(place: Place, register: number, rest: Pick<NovastarFrame, "write" | "length" | "data">): Buffer {
    this.#serial = (this.#serial + 1) & 0xff;
    const fixed = { direction: "request", ack: 0, serial: this.#serial, sender: this.#sender } as const;
    return encodeFrame({ ...fixed, ...place, register, ...rest });
  }
}

function firstReceiver(port: number): Place {
  return { device: DEVICE.receiver, port, receiver: 0 };
}

function writeOf(order: DisplayOrder): readonly [register: number, value: number] {
  switch (order.aspect) {
    case "brightness":
      return [REGISTER.brightness, stepOf(order.value, MOST)];
    case "blank":
      return [REGISTER.black, order.value ? 0xff : 0];
    case "pattern":
      return [REGISTER.testMode, testModeOf(order.value)];
    case "power":
      throw new Refused("it has no power to be set");
  }
}
