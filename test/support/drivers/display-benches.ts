/** Boards to try drivers on: simulated controllers on the loopback, a pseudo-terminal, the simulated board's relay. */
import { onTestFinished } from "vitest";
import { Buses } from "../../../drivers/bus/bus.ts";
import { createDisplayController, type DisplayConfig } from "../../../drivers/display/create.ts";
import type { GenericConfig } from "../../../drivers/display/generic/phrasebook.ts";
import type { DisplayBehaviour } from "../../../drivers/display/simulated/behaviour.ts";
import { SimulatedDisplay, type SimulatedProtocol } from "../../../drivers/display/simulated/server.ts";
import type { DisplayController } from "../../../playback/ports/display-controller.ts";
import type { DisplayBench, DisplayTrouble } from "./display-contract.ts";

const BEHAVIOURS: Readonly<Partial<Record<DisplayTrouble, Partial<DisplayBehaviour>>>> = {
  slow: { slowMs: 40 },
  silent: { silent: true },
  lying: { lying: true },
  busy: { busy: true },
  split: { pieces: "bytes" },
  gathered: { pieces: "gathered" },
  badChecksum: { badChecksum: true },
  rubbish: { rubbish: "once" },
  endless: { rubbish: "endless" },
  cut: { cutsOff: true },
};

/** What every controller on TCP can be made to do. */
export const TCP_TROUBLES: readonly DisplayTrouble[] = [
  "absent",
  "slow",
  "silent",
  "lying",
  "busy",
  "split",
  "gathered",
  "rubbish",
  "endless",
  "cut",
  "hangUp",
];

export async function startedDisplay(protocol: SimulatedProtocol): Promise<SimulatedDisplay> {
  const display = new SimulatedDisplay(protocol);
  await display.start();
  onTestFinished(() => display.stop());
  return display;
}

type Unlinked<C> = C extends { readonly link: unknown } ? Omit<C, "link"> : never;

/** A driver on a simulated controller; closed with the test. */
export function driverOf(display: SimulatedDisplay, config: Unlinked<DisplayConfig>): DisplayController {
  const link = { kind: "tcp", host: "127.0.0.1", port: display.port } as const;
  const whole = { settleMs: 100, ...config, link } as DisplayConfig;
  const controller = createDisplayController("board-1", whole, new Buses());
  onTestFinished(() => controller.close());
  return controller;
}

export async function tcpBench(protocol: SimulatedProtocol, config: Unlinked<DisplayConfig>): Promise<DisplayBench> {
  const display = await startedDisplay(protocol);
  return {
    controller: () => driverOf(display, { ...config, replyMs: 400 }),
    truth: async () => display.truth(),
    async cause(trouble) {
      if (trouble === "absent") return display.stop();
      if (trouble === "hangUp") return display.hangUp();
      if (trouble === "well" && !display.isRunning) await display.start();
      display.behave(BEHAVIOURS[trouble] ?? {});
    },
  };
}

/**
 * Samsung's MDC by configuration: `AA command id length data sum`, answered by `AA FF id length A|N command data sum`.
 * Source: Samsung's MDC protocol; "power on" of display 0 is `AA 11 00 01 01 13`.
 */
export const SAMSUNG_MDC: GenericConfig = {
  notation: "hex",
  checksum: { kind: "sum8", from: 1 },
  reply: { lengthAt: 3, plus: 5 },
  refused: "AA FF 00 03 4E ?? ?? {checksum}",
  power: {
    on: { send: "AA 11 00 01 01 {checksum}", expect: "AA FF 00 03 41 11 01 {checksum}" },
    off: { send: "AA 11 00 01 00 {checksum}", expect: "AA FF 00 03 41 11 00 {checksum}" },
    ask: {
      send: "AA 11 00 00 {checksum}",
      on: "AA FF 00 03 41 11 01 {checksum}",
      off: "AA FF 00 03 41 11 00 {checksum}",
    },
  },
  blank: {
    on: { send: "AA F9 00 01 01 {checksum}", expect: "AA FF 00 03 41 F9 01 {checksum}" },
    off: { send: "AA F9 00 01 00 {checksum}", expect: "AA FF 00 03 41 F9 00 {checksum}" },
    ask: {
      send: "AA F9 00 00 {checksum}",
      on: "AA FF 00 03 41 F9 01 {checksum}",
      off: "AA FF 00 03 41 F9 00 {checksum}",
    },
  },
  brightness: {
    set: { send: "AA 25 00 01 {value} {checksum}", expect: "AA FF 00 03 41 25 {value} {checksum}" },
    ask: { send: "AA 25 00 00 {checksum}", expect: "AA FF 00 03 41 25 {value} {checksum}" },
  },
};

/** LG's commercial displays by configuration: `ka 01 01` and a carriage return, answered by `a 01 OK01x`. Source: LG's RS-232C sheet. */
export const LG: GenericConfig = {
  notation: "text",
  reply: { endsWith: "x" },
  refused: "? 01 NG*x",
  power: {
    on: { send: "ka 01 01\\r", expect: "a 01 OK01x" },
    off: { send: "ka 01 00\\r", expect: "a 01 OK00x" },
    ask: { send: "ka 01 FF\\r", on: "a 01 OK01x", off: "a 01 OK00x" },
  },
  blank: {
    on: { send: "kd 01 01\\r", expect: "d 01 OK01x" },
    off: { send: "kd 01 00\\r", expect: "d 01 OK00x" },
  },
  brightness: {
    set: { send: "kh 01 {value:X2}\\r", expect: "h 01 OK{value:X2}x" },
    ask: { send: "kh 01 FF\\r", expect: "h 01 OK{value:X2}x" },
  },
  temperature: { send: "dn 01 FF\\r", expect: "n 01 OK{value:X2}x" },
};
