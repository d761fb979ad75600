/** A serial line that is a pseudo-terminal, with a simulated controller at its other end. No real serial hardware is tried here. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { DisplayBuses } from "../../../drivers/display/bus/bus.ts";
import { createDisplayController } from "../../../drivers/display/create.ts";
import { SimulatedNovastar } from "../../../drivers/display/novastar/simulated-novastar.ts";
import { startedDisplay } from "../../support/drivers/display-benches.ts";

/** Says the terminal's name and carries bytes between it and a port. */
const BRIDGE = `
import os, pty, select, socket, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
while True:
    for ready in select.select([master, peer], [], [])[0]:
        data = os.read(master, 4096) if ready is master else peer.recv(4096)
        if not data: sys.exit(0)
        peer.sendall(data) if ready is master else os.write(master, data)
`;

async function terminal(port: number): Promise<{ readonly device: string; readonly bridge: ChildProcess }> {
  const bridge = spawn("python3", ["-c", BRIDGE, `${port}`], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void bridge.kill());
  const lines = createInterface({ input: bridge.stdout as NodeJS.ReadableStream });
  const [device] = (await once(lines, "line")) as [string];
  return { device, bridge };
}

it("a controller on a serial line is told, asked and let go of like one on TCP", async () => {
  const wall = new SimulatedNovastar(1);
  const { device, bridge } = await terminal((await startedDisplay(wall)).port);
  const link = { kind: "serial", device, baud: 115_200 } as const;
  const controller = createDisplayController("board-1", { kind: "novastar", link }, new DisplayBuses());
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
  const controller = createDisplayController("board-1", { kind: "novastar", link }, new DisplayBuses());
  await expect(controller.open()).rejects.toMatchObject({
    code: "display-unreachable",
    message: expect.stringMatching(why),
  });
});
