/** The amplifier on a Modbus relay board: simulated boards on TCP, framed either way, and on a serial line that is a pseudo-terminal. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ModbusAmplifier, type ModbusAmplifierConfig } from "../../drivers/amplifier/modbus-amplifier.ts";
import { Buses } from "../../drivers/bus/bus.ts";
import type { Framing } from "../../drivers/modbus/frame.ts";
import { type ModbusBehaviour, SimulatedModbus } from "../../drivers/modbus/simulated-modbus.ts";
import type { Amplifier } from "../../playback/ports/amplifier.ts";
import { type Bench, contractFor, type Trouble } from "../support/drivers/amplifier-contract.ts";
import { terminal } from "../support/drivers/terminal.ts";

const POWER = 2;
const MUTE = 5;
const BEHAVIOURS: Readonly<Partial<Record<Trouble, Partial<ModbusBehaviour>>>> = {
  slow: { slowMs: 100 },
  hanging: { silent: true },
  stuck: { stuck: [POWER] },
  lying: { lying: true },
};

async function startedBoard(framing: Framing): Promise<SimulatedModbus> {
  const board = new SimulatedModbus(framing);
  await board.start();
  onTestFinished(() => board.stop());
  return board;
}

type Wiring = Partial<ModbusAmplifierConfig>;

function driver(link: ModbusAmplifierConfig["link"], wiring: Wiring = {}, buses = new Buses()): Amplifier {
  const amplifier = new ModbusAmplifier("loa-1", { link, power: POWER, mute: MUTE, ...wiring }, buses);
  onTestFinished(() => amplifier.close());
  return amplifier;
}

const onTcp = (board: SimulatedModbus, wiring: Wiring = {}, buses?: Buses) =>
  driver({ kind: "tcp", host: "127.0.0.1", port: board.port }, wiring, buses);

/** `gone`: what stands for a board that is not there. */
function benchOf(board: SimulatedModbus, amplifier: () => Amplifier, gone: "stopped" | "silent"): Bench {
  return {
    amplifier,
    truth: async () => ({ power: board.coils[POWER] === true, muted: board.coils[MUTE] === true }),
    async cause(trouble) {
      if (trouble === "energised") return board.put(POWER, true);
      if (trouble === "absent" || trouble === "unplugged") {
        return gone === "stopped" ? board.stop() : board.behave({ silent: true });
      }
      if (trouble === "well" && !board.isRunning) await board.start();
      board.behave(BEHAVIOURS[trouble] ?? {});
    },
  };
}

const CASES = contractFor(["absent", "energised", "slow", "hanging", "stuck", "lying", "unplugged"]);

describe.each(["tcp", "rtu"] as const)("the Modbus amplifier on TCP, framed as %s", (framing) => {
  it.each(CASES)("$name", async ({ run }) => {
    const board = await startedBoard(framing);
    await run(benchOf(board, () => onTcp(board, { framing }), "stopped"));
  });
});

describe("the Modbus amplifier on a serial line", () => {
  it.each(CASES)("$name", async ({ run }) => {
    const board = await startedBoard("rtu");
    const { device } = await terminal(board.port);
    await run(benchOf(board, () => driver({ kind: "serial", device, baud: 9_600 }), "silent"));
  });
});

const ON = { power: true, muted: false };

describe("a Modbus board with troubles", () => {
  it.each([
    ["wrong checksums", "rtu", { wrongCheck: true }],
    ["answers to somebody else", "tcp", { wrongCheck: true }],
    ["half frames", "rtu", { half: true }],
    ["half frames on TCP", "tcp", { half: true }],
    ["nothing, for ever", "rtu", { silent: true }],
  ] as const)("%s: unreachable within 1.5 s, and the next open works", async (_, framing, behaviour) => {
    const board = await startedBoard(framing);
    const amplifier = onTcp(board, { framing });
    await amplifier.open();
    board.behave(behaviour);
    const start = performance.now();
    await expect(amplifier.drive(ON)).rejects.toMatchObject({ code: "amplifier-unreachable" });
    expect(performance.now() - start).toBeLessThan(1_500);
    board.behave({});
    await amplifier.open();
    await amplifier.drive(ON);
    expect(board.coils[POWER]).toBe(true);
  });

  it("two misses in a row are passed over, a third is not", async () => {
    const board = await startedBoard("rtu");
    const amplifier = onTcp(board, { framing: "rtu", replyMs: 100 });
    await amplifier.open();
    board.behave({ misses: 2 });
    await amplifier.drive(ON);
    board.behave({ misses: 3 });
    await expect(amplifier.read()).rejects.toMatchObject({ code: "amplifier-unreachable" });
    expect(await amplifier.read()).toMatchObject({ driven: ON });
  });

  it("a relay that the board has not got is refused in words, without trying again", async () => {
    const board = await startedBoard("tcp");
    await expect(onTcp(board, { power: 9 }).open()).rejects.toMatchObject({
      code: "amplifier-disobeys",
      message: "loa-1: it has no such coil or input",
    });
    expect(board.heard.filter(({ address }) => address === 9)).toHaveLength(1);
  });

  it("cuts the power though the board refuses the mute relay, and says that it does", async () => {
    const board = await startedBoard("tcp");
    const amplifier = onTcp(board, { mute: 9 });
    board.put(POWER, true);
    await expect(amplifier.open()).rejects.toMatchObject({
      code: "amplifier-disobeys",
      message: "loa-1: it has no such coil or input",
    });
    expect(board.coils[POWER]).toBe(false);
  });

  it("reads sense and fault in one question, and sees the current of a welded contact", async () => {
    const board = await startedBoard("tcp");
    const amplifier = onTcp(board, { sense: { input: POWER }, fault: { input: 7, activeLow: true } });
    await amplifier.open();
    await amplifier.drive(ON);
    expect(await amplifier.read()).toMatchObject({ sensed: true, fault: true });
    board.behave({ welded: true });
    expect(await amplifier.makeSafe()).toBe(true);
    expect(await amplifier.read()).toMatchObject({ driven: { power: false }, sensed: true });
    expect(board.heard.filter(({ code }) => code === 2).map(({ address, value }) => [address, value])).toEqual(
      new Array(3).fill([POWER, 6]),
    );
  });
});

describe("a reset of the board", () => {
  it("is read as disobedience, and the wanted state is there again after open and drive", async () => {
    const board = await startedBoard("tcp");
    const amplifier = onTcp(board);
    await amplifier.open();
    await amplifier.drive(ON);
    board.reset();
    expect(await amplifier.read()).toMatchObject({ commanded: ON, driven: { power: false, muted: false } });
    await amplifier.open();
    await amplifier.drive(ON);
    expect([board.coils[POWER], board.coils[MUTE]]).toEqual([true, false]);
  });
});

describe("the dead-man", () => {
  it("closes the power relay for its time only, armed again at each third", async () => {
    const board = await startedBoard("tcp");
    const amplifier = onTcp(board, { deadManMs: 600 });
    await amplifier.open();
    await amplifier.drive(ON);
    const flashes = () => board.heard.filter(({ address }) => address === 0x0200 + POWER);
    await sleep(1_500);
    expect(board.coils[POWER]).toBe(true);
    expect(flashes().every(({ value }) => value === 6)).toBe(true);
    expect(flashes().length).toBeGreaterThanOrEqual(4);
    await amplifier.drive({ power: false, muted: true });
    const until = flashes().length;
    await sleep(500);
    expect([flashes().length, board.coils[POWER]]).toEqual([until, false]);
  });

  it("opens the relay by itself when nobody arms it any more", async () => {
    const board = await startedBoard("tcp");
    const amplifier = onTcp(board, { deadManMs: 600 });
    await amplifier.open();
    await amplifier.drive(ON);
    await amplifier.close();
    expect(board.coils[POWER]).toBe(true);
    await vi.waitFor(() => expect(board.coils[POWER]).toBe(false), 1_500);
  });

  it("does not close again what somebody else opened", async () => {
    const board = await startedBoard("tcp");
    const amplifier = onTcp(board, { deadManMs: 600 });
    await amplifier.open();
    await amplifier.drive(ON);
    board.put(POWER, false);
    await sleep(700);
    expect(board.coils[POWER]).toBe(false);
    expect(await amplifier.read()).toMatchObject({ commanded: ON, driven: { power: false } });
  });
});

describe("two amplifiers on one serial line", () => {
  it("take turns, and no answer goes to the wrong one", async () => {
    const board = await startedBoard("rtu");
    const { device } = await terminal(board.port);
    const buses = new Buses();
    const link = { kind: "serial", device, baud: 9_600 } as const;
    const one = driver(link, { power: 0, mute: 1 }, buses);
    const other = driver(link, { power: 2, mute: 3 }, buses);
    await Promise.all([one.open(), other.open()]);
    await Promise.all([one.drive(ON), other.drive({ power: true, muted: true })]);
    const [first, second] = await Promise.all([one.read(), other.read()]);
    expect([first.driven, second.driven]).toEqual([ON, { power: true, muted: true }]);
    expect(board.coils.slice(0, 4)).toEqual([true, false, true, true]);
  });
});
