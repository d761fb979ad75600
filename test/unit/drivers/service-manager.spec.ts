import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { ServiceManager } from "../../../drivers/host/service-manager.ts";

const SCRIPT = resolve(import.meta.dirname, "../../support/processes/notify-socket.py");
const folder = mkdtempSync(join(tmpdir(), "loa-notify-"));
let listener: ChildProcess | null = null;

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  if (listener === null) return;
  const ended = once(listener, "close");
  listener.kill();
  await ended;
  listener = null;
});

/** A service manager's end of the socket; gives the next words it was told. */
async function listen(path: string): Promise<() => Promise<string>> {
  const child = spawn("python3", [SCRIPT, path], { stdio: ["ignore", "pipe", "inherit"] });
  listener = child;
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("bound");
  return async () => String((await lines.next()).value);
}

describe("the service manager", () => {
  it.each(["a file's name", "an abstract name"])("is told over a socket of %s", async (kind) => {
    const path = kind.startsWith("an") ? `@loa-test-${process.pid}` : join(folder, "notify");
    const next = await listen(path);
    const manager = new ServiceManager({ NOTIFY_SOCKET: path, WATCHDOG_USEC: "30000000", WATCHDOG_PID: "7" }, 7);
    expect(manager.watchdogMs).toBe(30_000);
    expect(manager.ready("plays\nREADY=0")).toBe(true);
    expect(await next()).toBe("READY=1 STATUS=plays READY=0");
    expect([manager.alive(), manager.status("đủ"), manager.stopping()]).toEqual([true, true, true]);
    expect([await next(), await next(), await next()]).toEqual(["WATCHDOG=1", "STATUS=đủ", "STOPPING=1"]);
  });

  it("is not missed where there is none, or none that listens", () => {
    expect(new ServiceManager({}, 7).ready("x")).toBe(false);
    expect(new ServiceManager({ NOTIFY_SOCKET: join(folder, "nobody") }, 7).alive()).toBe(false);
    expect(new ServiceManager({ NOTIFY_SOCKET: `/${"x".repeat(200)}` }, 7).alive()).toBe(false);
    expect(
      new ServiceManager({ NOTIFY_SOCKET: "/x", WATCHDOG_USEC: "1000", WATCHDOG_PID: "8" }, 7).watchdogMs,
    ).toBeNull();
  });
});
