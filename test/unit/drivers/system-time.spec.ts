import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SystemTime } from "../../../drivers/clock/system-time.ts";
import { DAY } from "../../../playback/model/units.ts";
import { temporaryFolder } from "../../support/drivers/temporary.ts";

const absent = async (): Promise<string> => {
  throw new Error("ENOENT");
};

async function root(files: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

afterEach(() => {
  vi.useRealTimers();
});

describe("system time", () => {
  it("reads the boot's name and the time since boot of this very machine", async () => {
    const time = new SystemTime();
    expect(await time.bootId()).toMatch(/^[0-9a-f-]{36}$/);
    const first = await time.boottimeMs();
    const second = await time.boottimeMs();
    expect(first).toBeGreaterThan(0);
    expect(second - first).toBeGreaterThanOrEqual(0);
    expect(Math.abs(time.now() - Date.now())).toBeLessThan(50);
  });

  it("waits beyond 2^31 ms without firing at once, and not a moment less than asked", async () => {
    vi.useFakeTimers();
    const time = new SystemTime();
    let done = false;
    void time.wait(40 * DAY).then(() => {
      done = true;
    });
    await vi.advanceTimersByTimeAsync(40 * DAY - 1);
    expect(done).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toBe(true);
  });

  it("ends a wait when it is aborted, and leaves no timer and no listener behind", async () => {
    vi.useFakeTimers();
    const time = new SystemTime();
    const abort = new AbortController();
    const waiting = time.wait(40 * DAY, abort.signal);
    abort.abort();
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
    await time.wait(DAY, abort.signal);
    await time.wait(0);
    await time.wait(-5);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["C0A80101,192.168.1.1,3,1700000000.1,0,0,0,0,0,0,0,0,64.2,Normal", true],
    ["C0A80101,192.168.1.1,3,1700000000.1,0,0,0,0,0,0,0,0,64.2,Insert second", true],
    ["00000000,,0,0.0,0,0,0,0,0,0,0,0,0.0,Not synchronised", false],
    ["7F7F0101,,10,1700000000.1,0,0,0,0,0,0,0,0,0.0,Normal", false],
    ["garbage", false],
  ])("understands chrony: %s", async (answer, synchronised) => {
    const time = new SystemTime({
      root: await root({}),
      run: async (command) => (command === "chronyc" ? answer : absent()),
    });
    expect(await time.kernelSynchronised()).toEqual({ synchronised, by: "chrony" });
  });

  it("asks timesyncd's flag, then timedatectl, and says nobody where there is neither", async () => {
    const flagged = await root({ "run/systemd/timesync/synchronized": "" });
    expect(await new SystemTime({ root: flagged, run: absent }).kernelSynchronised()).toEqual({
      synchronised: true,
      by: "systemd-timesyncd",
    });
    const empty = await root({});
    const says = (answer: string) => async (command: string) => (command === "timedatectl" ? answer : absent());
    for (const [answer, synchronised] of [
      ["NTPSynchronized=yes\n", true],
      ["NTPSynchronized=no\n", false],
    ] as const) {
      const time = new SystemTime({ root: empty, run: says(answer) });
      expect(await time.kernelSynchronised()).toEqual({ synchronised, by: "timedatectl" });
    }
    expect(await new SystemTime({ root: empty, run: absent }).kernelSynchronised()).toEqual({
      synchronised: false,
      by: "nobody",
    });
  });

  it("reads the battery-backed clock, and tells a dead one from none", async () => {
    const rtc = async (files: Record<string, string>) => new SystemTime({ root: await root(files) }).rtc();
    expect(await rtc({ "sys/class/rtc/rtc0/since_epoch": "1795237200\n" })).toEqual({
      present: true,
      time: 1_795_237_200_000,
    });
    expect(await rtc({ "sys/class/rtc/rtc0/name": "ds3231" })).toEqual({ present: true, time: null });
    expect(await rtc({})).toEqual({ present: false, time: null });
  });

  it("rejects where the kernel does not give the time since boot", async () => {
    const time = new SystemTime({ root: await root({ "proc/uptime": "nonsense" }) });
    await expect(time.boottimeMs()).rejects.toThrow("nonsense");
  });
});
