/** A contact on an input of a Modbus board: on TCP framed either way, and on a serial line that it shares with the amplifier. */
import { describe, expect, it, onTestFinished } from "vitest";
import { ModbusAmplifier } from "../../drivers/amplifier/modbus-amplifier.ts";
import { Buses } from "../../drivers/bus/bus.ts";
import { createContact } from "../../drivers/input/create.ts";
import type { Framing } from "../../drivers/modbus/frame.ts";
import { SimulatedModbus } from "../../drivers/modbus/simulated-modbus.ts";
import type { Contact } from "../../playback/ports/contact.ts";
import { terminal } from "../support/drivers/terminal.ts";

const INPUT = 3;

async function startedBoard(framing: Framing): Promise<SimulatedModbus> {
  const board = new SimulatedModbus(framing);
  await board.start();
  onTestFinished(() => board.stop());
  return board;
}

function contactOn(board: SimulatedModbus, framing: Framing, wiring: { input?: number; activeLow?: boolean } = {}) {
  const link = { kind: "tcp", host: "127.0.0.1", port: board.port } as const;
  const contact = createContact("cửa tủ", { kind: "modbus", link, framing, input: INPUT, ...wiring }, new Buses());
  onTestFinished(() => contact.close());
  return contact;
}

const unreachable = (contact: Contact) =>
  expect(contact.read()).rejects.toMatchObject({ code: "contact-unreachable", message: /cửa tủ/ });

describe.each(["tcp", "rtu"] as const)("a contact on a Modbus board on TCP, framed as %s", (framing) => {
  it("is closed while its input is on, or off where that is meant", async () => {
    const board = await startedBoard(framing);
    const [plain, inverted] = [contactOn(board, framing), contactOn(board, framing, { activeLow: true })];
    await Promise.all([plain.open(), inverted.open()]);
    for (const on of [false, true, false]) {
      board.put(INPUT, on);
      expect([await plain.read(), await inverted.read()]).toEqual([on, !on]);
    }
  });

  it.each([
    ["says nothing", { silent: true }],
    ["answers wrongly", { wrongCheck: true }],
    ["answers half", { half: true }],
  ])("cannot be read within 1.5 s where the board %s, and can again when it is well", async (_, behaviour) => {
    const board = await startedBoard(framing);
    const contact = contactOn(board, framing);
    await contact.open();
    board.put(INPUT, true);
    board.behave(behaviour);
    const start = performance.now();
    await unreachable(contact);
    expect(performance.now() - start).toBeLessThan(1_500);
    board.behave({});
    await contact.open();
    expect(await contact.read()).toBe(true);
  });

  it("cannot be read where there is no board, or no such input", async () => {
    const board = await startedBoard(framing);
    await unreachable(contactOn(board, framing, { input: 9 }));
    const contact = contactOn(board, framing);
    await board.stop();
    await unreachable(contact);
    await expect(contact.open()).rejects.toMatchObject({ code: "contact-unreachable" });
  });
});

describe("contacts on the serial line of an amplifier", () => {
  it("take turns with it: 60 readings and 20 orders at once, each with its own answer", async () => {
    const board = await startedBoard("rtu");
    const { device } = await terminal(board.port);
    const link = { kind: "serial", device, baud: 9_600 } as const;
    const buses = new Buses();
    const amplifier = new ModbusAmplifier("loa-1", { link, power: 0, mute: 1 }, buses);
    const contacts = [2, INPUT, 4].map((input) => createContact(`c${input}`, { kind: "modbus", link, input }, buses));
    onTestFinished(async () => {
      await Promise.all([amplifier.close(), ...contacts.map((one) => one.close())]);
    });
    await amplifier.open();
    board.put(INPUT, true);
    const readings: boolean[][] = [];
    const reading = async () => {
      for (let n = 0; n < 20; n++) readings.push(await Promise.all(contacts.map((one) => one.read())));
    };
    const driving = async () => {
      for (let n = 0; n < 20; n++) {
        const lines = { power: n % 2 === 0, muted: n % 2 === 1 };
        await amplifier.drive(lines);
        expect(await amplifier.read()).toMatchObject({ driven: lines });
      }
    };
    await Promise.all([reading(), driving()]);
    expect(readings).toEqual(Array.from({ length: 20 }, () => [false, true, false]));
  });
});
