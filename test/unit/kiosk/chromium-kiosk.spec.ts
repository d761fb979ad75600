/** What does not need a browser: that there is none, that there is no room for it, that it is no browser. */
import { chmod, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import { ChromiumKiosk, type KioskOptions } from "../../../drivers/kiosk/chromium-kiosk.ts";
import type { KioskEvent } from "../../../playback/ports/kiosk.ts";
import { temporaryFolder } from "../../support/drivers/temporary.ts";
import { realClock } from "../../support/sound/real-clock.ts";

async function begun(over: Partial<KioskOptions>) {
  const folder = over.folder ?? (await temporaryFolder());
  const supervisor = new ChildSupervisor();
  const kiosk = new ChromiumKiosk(
    {
      ...{ mode: "headless", chromium: "/nowhere/chromium", cage: "/nowhere/cage", size: { width: 640, height: 360 } },
      ...{ connector: null, drmRoot: null, folder, memoryBytes: 4e9, sandbox: true, ...over },
    },
    { clock: realClock, supervisor },
  );
  const events: KioskEvent[] = [];
  kiosk.onEvent((event) => events.push(event));
  const ended = new AbortController();
  const running = kiosk.run("http://127.0.0.1:9/", ended.signal);
  const stop = async () => {
    ended.abort();
    await running;
  };
  onTestFinished(stop);
  return { kiosk, events, folder, supervisor, stop };
}

async function program(text: string): Promise<string> {
  const file = join(await temporaryFolder(), "program");
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  return file;
}

describe("a kiosk without its browser", () => {
  it.each([
    ["that is not installed", { chromium: "/nowhere/chromium" }, /nowhere\/chromium/],
    ["whose compositor is not installed", { mode: "cage" as const }, /nowhere\/cage/],
    ["for which there is no folder", { folder: "/dev/null/nowhere" }, /\/dev\/null\/nowhere/],
  ])("%s says so, and does not try again at once", async (_, over, why) => {
    const { kiosk, events, supervisor } = await begun(over);
    await expect.poll(() => events.map(({ kind }) => kind), { timeout: 5_000 }).toEqual(["browser-ended"]);
    expect(events[0]?.detail).toMatch(why);
    expect(kiosk.state).toMatchObject({ phase: "starting", detail: events[0]?.detail });
    expect(await kiosk.screenshot(100)).toMatchObject({ reason: "no-picture" });
    expect(supervisor.count()).toBe(0);
  });

  it("with one that says nothing ends at once when it is told to, and leaves no folder", async () => {
    const { kiosk, folder, stop, supervisor } = await begun({ chromium: await program("sleep 60 & exec sleep 60") });
    await expect.poll(() => supervisor.count()).toBe(1);
    expect(kiosk.state.phase).toBe("starting");
    const began = performance.now();
    await stop();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(await readdir(folder)).toEqual([]);
    expect(kiosk.state.phase).toBe("off");
  });

  it.each([
    ["nothing but ends", "exec cat /dev/zero >&4"],
    ["without an end", "exec yes >&4"],
  ])("with one that says %s ends it, and does not fill the memory", async (_, script) => {
    const before = process.memoryUsage().rss;
    const { events, supervisor } = await begun({ chromium: await program(script) });
    await expect.poll(() => events.map(({ kind }) => kind), { timeout: 10_000 }).toEqual(["browser-ended"]);
    expect(supervisor.count()).toBe(0);
    expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
  });
});
