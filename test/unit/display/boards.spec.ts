/** What each kind of board has beyond the contract of all. */
import { describe, expect, it } from "vitest";
import { Buses } from "../../../drivers/bus/bus.ts";
import { createDisplayController } from "../../../drivers/display/create.ts";
import { SimulatedGeneric } from "../../../drivers/display/generic/simulated-generic.ts";
import { REGISTER } from "../../../drivers/display/novastar/registers.ts";
import { SimulatedNovastar } from "../../../drivers/display/novastar/simulated-novastar.ts";
import { SimulatedOnbon } from "../../../drivers/display/onbon/simulated-onbon.ts";
import { SimulatedPjlink } from "../../../drivers/display/pjlink/simulated-pjlink.ts";
import type { BoardImage } from "../../../playback/ports/display-controller.ts";
import { driverOf, LG, startedDisplay } from "../../support/drivers/display-benches.ts";
import { startedBoard } from "../../support/drivers/temporary.ts";

describe("a NovaStar wall", () => {
  it("tells a port that disobeys from those that do, and one that is dead from those that live", async () => {
    const wall = new SimulatedNovastar(4);
    const controller = driverOf(await startedDisplay(wall), { kind: "novastar", ports: 4 });
    await controller.open();
    await controller.apply({ brightness: 50, blank: false });
    wall.poke(2, REGISTER.black, 0xff);
    wall.unplug(3, true);
    expect(await controller.status()).toMatchObject({
      reported: { power: null, brightness: 50, blank: true, pattern: "none" },
      model: "0541",
      firmware: "4.2.0.1",
      temperature: 27,
      input: true,
      faults: [{ part: "receiver", severity: "error", at: "port 4" }],
    });
    wall.input = false;
    expect((await controller.status()).faults).toContainEqual({ part: "input", severity: "error", at: null });
    // The other three are still told.
    await controller.apply({ blank: true });
    for (const port of [0, 1, 2]) wall.unplug(port, true);
    await expect(controller.status()).rejects.toMatchObject({ code: "display-unreachable" });
  });
});

describe("a PJLink display", () => {
  it("with a wrong password, or none, is unreachable, and the message and the wire carry no password", async () => {
    const projector = new SimulatedPjlink("right-password");
    const display = await startedDisplay(projector);
    for (const [password, why] of [
      ["wrong-password", /does not accept the password/],
      [undefined, /asks for a password/],
    ] as const) {
      const error: Error = await driverOf(display, { kind: "pjlink", password })
        .open()
        .then(
          () => expect.fail("opened"),
          (reason: Error) => reason,
        );
      expect(error).toMatchObject({ code: "display-unreachable", message: expect.stringMatching(why) });
      expect(`${error.message} ${error.stack} ${projector.heard.join()}`).not.toMatch(/(wrong|right)-password/);
    }
    const controller = driverOf(display, { kind: "pjlink", password: "right-password" });
    await controller.open();
    expect(projector.heard.join()).not.toContain("right-password");
  });

  it("tells warming up from off, what is broken, and who it is", async () => {
    const projector = new SimulatedPjlink();
    const controller = driverOf(await startedDisplay(projector), { kind: "pjlink" });
    await controller.open();
    projector.changing = true;
    await controller.apply({ power: true });
    projector.faults = "010002";
    expect(await controller.status()).toMatchObject({
      reported: { power: true, blank: false },
      model: "Loa Simulated display",
      firmware: "1.0",
      faults: [
        { part: "lamp", severity: "warning" },
        { part: "other", severity: "error" },
      ],
    });
    await controller.apply({ power: false });
    // In standby it cannot say whether it would be blank, and refuses to be.
    expect((await controller.status()).reported).toMatchObject({ power: false, blank: null });
    await expect(controller.apply({ blank: true })).rejects.toMatchObject({ code: "display-disobeys" });
  });
});

describe.each([
  { card: "6q", colours: 1 },
  { card: "6e", colours: 2 },
  { card: "6e", colours: 1 },
  { card: "5e", colours: 2 },
  { card: "5e", colours: 1 },
] as const)("an Onbon board with a $card card of $colours colours", ({ card, colours }) => {
  const board = { card, colours, width: 96, height: 32 };

  async function opened(now = () => performance.now()) {
    const simulated = new SimulatedOnbon(board, now);
    const controller = driverOf(await startedDisplay(simulated), { kind: "onbon", ...board });
    await controller.open();
    return { simulated, controller };
  }

  /** Red where x + y is even, else green; bytes that must be escaped on the way are among them. */
  function checkered(area: number, x: number, y: number, width: number, height: number): BoardImage {
    const rgb = new Uint8Array(width * height * 3);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const even = ((pixel % width) + Math.floor(pixel / width)) % 2 === 0;
      rgb.set(even ? [0xa5, 0, 0x5a] : [0, 0xa6, 0x5b], pixel * 3);
    }
    return { area, x, y, width, height, rgb, timeoutMs: 30_000 };
  }

  /** What such a board can show of a colour. */
  function possible([red, green, blue]: readonly number[]): readonly number[] {
    if (card === "6q") return [red ?? 0, green ?? 0, blue ?? 0];
    if (colours === 1) return [255, 0, 0];
    return [(red ?? 0) >= 128 ? 255 : 0, (green ?? 0) >= 128 ? 255 : 0, 0];
  }

  it("shows a picture pixel by pixel, wherever it lies, and takes it away by itself after its time-out", async () => {
    let now = 0;
    const { simulated, controller } = await opened(() => now);
    await controller.show(checkered(3, 35, 5, 37, 9));
    for (let row = 0; row < 32; row++) {
      for (let column = 0; column < 96; column++) {
        const inside = column >= 35 && column < 72 && row >= 5 && row < 14;
        const even = (column - 35 + row - 5) % 2 === 0;
        const expected = inside ? possible(even ? [0xa5, 0, 0x5a] : [0, 0xa6, 0x5b]) : [0, 0, 0];
        if (simulated.pixel(column, row).join() !== expected.join())
          expect.fail(`${column}, ${row} shows ${simulated.pixel(column, row)} instead of ${expected}`);
      }
    }
    now = 29_999;
    expect(simulated.areas).toEqual([3]);
    await controller.show(checkered(3, 0, 0, 8, 8));
    now = 59_998;
    expect(simulated.areas).toEqual([3]);
    now = 60_000;
    expect(simulated.areas).toEqual([]);
  });

  it("is black as a whole when blank, takes no picture then, and is empty afterwards", async () => {
    const { simulated, controller } = await opened();
    await controller.show(checkered(0, 0, 0, 96, 32));
    await controller.show(checkered(1, 0, 0, 8, 8));
    await controller.clear(1);
    expect(simulated.areas).toEqual([0]);
    await controller.apply({ blank: true });
    expect([simulated.areas, simulated.pixel(95, 31)]).toEqual([[31], [0, 0, 0]]);
    await expect(controller.show(checkered(0, 0, 0, 8, 8))).rejects.toThrow(/blank/);
    await controller.apply({ pattern: "white" });
    await controller.apply({ blank: false });
    expect(simulated.pixel(95, 31)).toEqual(card === "6q" ? [255, 255, 255] : [255, colours === 2 ? 255 : 0, 0]);
    await controller.apply({ pattern: "none" });
    expect(simulated.areas).toEqual([]);
  });

  it("refuses pictures that are none, or lie beside the board, and sends nothing", async () => {
    const { simulated, controller } = await opened();
    const good = checkered(0, 0, 0, 8, 8);
    const wrong: readonly Partial<BoardImage>[] = [
      ...[{ area: 31 }, { area: -1 }, { x: 90 }, { y: 30 }, { width: 0 }, { height: 1.5 }],
      ...[{ rgb: new Uint8Array(5) }, { timeoutMs: 0 }, { timeoutMs: Number.NaN }],
    ];
    for (const part of wrong)
      await expect(controller.show({ ...good, ...part })).rejects.toMatchObject({ code: "display-disobeys" });
    expect(simulated.areas).toEqual([]);
  });
});

describe("a relay around a controller", () => {
  it("switches it on before it is told, off without telling it, and keeps its words from it while it is dark", async () => {
    const relay = await startedBoard();
    const wall = new SimulatedNovastar(1);
    const display = await startedDisplay(wall);
    const controller = driverOf(display, {
      ...{ kind: "novastar", ports: 1 },
      relay: { kind: "simulated", name: "amplifier", socket: relay.socket },
    });
    await controller.open();
    expect([display.connections, (await controller.status()).reported.power]).toEqual([0, false]);
    await expect(controller.apply({ brightness: 10 })).rejects.toMatchObject({ code: "display-disobeys" });
    await controller.apply({ power: true, brightness: 10 });
    expect([(await relay.truth()).power, wall.truth().brightness]).toEqual([true, 10]);
    expect((await controller.status()).reported).toMatchObject({ power: true, brightness: 10 });
    await controller.apply({ power: false });
    expect([(await relay.truth()).power, (await controller.status()).reported.power]).toEqual([false, false]);
  });
});

describe("a line with two controllers", () => {
  it("carries one exchange at a time, and closing one leaves the other's alone", async () => {
    const display = await startedDisplay(new SimulatedGeneric(LG, Buffer.from("a 01 NG00x")));
    display.behave({ slowMs: 30 });
    const buses = new Buses();
    const link = { kind: "tcp", host: "127.0.0.1", port: display.port } as const;
    const [first, second] = ["board-1", "board-2"].map((name) =>
      createDisplayController(name, { kind: "generic", words: LG, link }, buses),
    ) as [ReturnType<typeof createDisplayController>, ReturnType<typeof createDisplayController>];
    await Promise.all([first.open(), second.open()]);
    const work = [first.apply({ power: true, brightness: 40 }), second.apply({ brightness: 70 })];
    await new Promise((resolve) => setTimeout(resolve, 10));
    await second.close();
    await work[0];
    await expect(work[1]).rejects.toMatchObject({ code: "display-unreachable" });
    expect([display.connections, (await first.status()).temperature]).toEqual([1, 35]);
    expect(display.truth()).toMatchObject({ power: true, brightness: 40 });
    await first.close();
  });
});
