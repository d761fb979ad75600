import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { Buses } from "../../../drivers/bus/bus.ts";
import { createDisplayController } from "../../../drivers/display/create.ts";

it("the simulated controller runs as a process, says what it shows, misbehaves on demand and ends with its input", async () => {
  const script = join(import.meta.dirname, "../../../drivers/display/simulated/main.ts");
  const child = spawn(process.execPath, [script, "--kind", "pjlink", "--password", "bí-mật"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said = async () => String((await lines.next()).value);
  const link = { kind: "tcp", host: "127.0.0.1", port: Number(await said()) } as const;
  const config = { kind: "pjlink", password: "bí-mật", link, replyMs: 300, settleMs: 100 } as const;
  const controller = createDisplayController("board-1", config, new Buses());
  await controller.open();
  await controller.apply({ power: true, blank: true });
  child.stdin.write("truth\n");
  expect(JSON.parse(await said())).toEqual({ power: true, brightness: null, blank: true, pattern: null });
  child.stdin.write('{"lying":true}\ntruth\n');
  await said();
  await expect(controller.apply({ blank: false })).rejects.toMatchObject({ code: "display-disobeys" });
  await controller.close();
  const gone = once(child, "exit");
  child.stdin.end();
  expect((await gone)[0]).toBe(0);
});
