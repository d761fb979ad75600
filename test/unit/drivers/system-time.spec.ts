import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SystemTime } from "../../../drivers/clock/system-time.ts";
import { kernelTime } from "../../../drivers/host/libc.ts";
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
    expect(await time.quality()).toMatchObject({ synchronised, source: "chrony" });
  });

  it("takes offset, error bound and stratum from chrony: |offset| + root dispersion + half the root delay", async () => {
    const answer =
      "A9FEA97B,ntp.example,2,1795321814.1,-0.000312000,0.000100000,0.000400000,-12.5,0.01,0.2,0.041000000,0.003500000,64.4,Normal";
    const { offsetMs, errorMs, stratum } = await new SystemTime({ run: async () => answer }).quality();
    expect(offsetMs).toBeCloseTo(0.312, 6);
    expect(errorMs).toBeCloseTo(0.312 + 3.5 + 20.5, 6);
    expect(stratum).toBe(2);
  });

  it("asks timesyncd's flag, then timedatectl, both with the kernel's numbers, and says nobody where there is none", async () => {
    const kernel = () => ({ synchronised: true, offsetMs: 0.4, errorMs: 32 });
    const numbers = { offsetMs: 0.4, errorMs: 32 };
    const flagged = await root({ "run/systemd/timesync/synchronized": "" });
    expect(await new SystemTime({ root: flagged, run: absent, kernel }).quality()).toEqual({
      source: "systemd-timesyncd",
      synchronised: true,
      ...numbers,
    });
    const empty = await root({});
    const says = (answer: string) => async (command: string) => (command === "timedatectl" ? answer : absent());
    for (const [answer, synchronised] of [
      ["NTPSynchronized=yes\n", true],
      ["NTPSynchronized=no\n", false],
    ] as const) {
      const time = new SystemTime({ root: empty, run: says(answer), kernel });
      expect(await time.quality()).toEqual({ source: "timedatectl", synchronised, ...numbers });
    }
    // The kernel's own word does not open the schedule.
    const alone = await new SystemTime({ root: empty, run: absent, kernel }).quality();
    expect(alone).toEqual({ source: "kernel", synchronised: false, ...numbers });
    expect(await new SystemTime({ root: empty, run: absent, kernel: () => null }).quality()).toEqual({
      source: "nobody",
      synchronised: false,
      offsetMs: null,
      errorMs: null,
    });
  });

  // A sandbox may forbid even reading it.
  it.skipIf(kernelTime() === null)("reads this kernel's own account of its clock", () => {
    const { synchronised, errorMs, offsetMs } = kernelTime() ?? { synchronised: null, errorMs: -1, offsetMs: -1 };
    expect(typeof synchronised).toBe("boolean");
    // The kernel stops counting at 16 s and takes no offset above half a second. Source: adjtimex(2), linux/timex.h.
    expect(errorMs).toBeGreaterThanOrEqual(0);
    expect(errorMs).toBeLessThanOrEqual(16_000);
    expect(offsetMs).toBeGreaterThanOrEqual(0);
    expect(offsetMs).toBeLessThanOrEqual(500);
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
