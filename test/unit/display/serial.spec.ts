/** A serial line that is a pseudo-terminal, with a simulated controller at its other end. No real serial hardware is tried here. */
import { once } from "node:events";
import { expect, it } from "vitest";
import { Buses } from "../../../drivers/bus/bus.ts";
import { createDisplayController } from "../../../drivers/display/create.ts";
import { SimulatedNovastar } from "../../../drivers/display/novastar/simulated-novastar.ts";
import { startedDisplay } from "../../support/drivers/display-benches.ts";
import { terminal } from "../../support/drivers/terminal.ts";

it("a controller on a serial line is told, asked and let go of like one on TCP", async () => {
  const wall = new SimulatedNovastar(1);
  const { device, bridge } = await terminal((await startedDisplay(wall)).port);
  const link = { kind: "serial", device, baud: 115_200 } as const;
  const controller = createDisplayController("board-1", { kind: "novastar", link }, new Buses());
  await controller.open();
  for (const brightness of [20, 80]) {
    await controller.apply({ brightness, blank: brightness === 20 });
    expect(wall.truth()).toMatchObject({ brightness, blank: brightness === 20 });
  }
  expect(await controller.status()).toMatchObject({ firmware: "4.2.0.1", temperature: 27 });
  const gone = once(bridge, "exit");
  bridge.kill();
  await gone;
  await expect(controller.status()).rejects.toMatchObject({ code: "display-unreachable" });
  await controller.close();
});

it.each([
  ["/dev/null", /\/dev\/null/],
  ["/dev/serial/by-id/none", /No such file/],
])("%s is unreachable, by name", async (device, why) => {
  const link = { kind: "serial", device, baud: 9_600 } as const;
  const controller = createDisplayController("board-1", { kind: "novastar", link }, new Buses());
  await expect(controller.open()).rejects.toMatchObject({
    code: "display-unreachable",
    message: expect.stringMatching(why),
  });
});
