import { afterEach, describe, expect, it, vi } from "vitest";
import type { FactsSource } from "../../../drivers/host/facts-source.ts";
import { HostFacts } from "../../../drivers/host/host-facts.ts";
import { mountOf } from "../../../drivers/host/mount.ts";
import { temporaryFolder } from "../../support/drivers/temporary.ts";

const GOOD: FactsSource = {
  temperature: async () => 51.5,
  load: async () => 12,
  memory: async () => ({ total: 1_000, available: 400 }),
  disks: async () => [],
  network: async () => [{ name: "eth0", up: true }],
};
const never = () => new Promise<never>(() => undefined);
const broken = async (): Promise<never> => {
  throw new Error("parse error");
};

afterEach(() => {
  vi.useRealTimers();
});

describe("host facts", () => {
  it("come from the real library and the real kernel", async () => {
    const report = await new HostFacts({ stateFolder: await temporaryFolder(), timeoutMs: 10_000 }).read();
    expect(report.memory?.total).toBeGreaterThan(1e8);
    expect(report.disk?.size).toBeGreaterThan(report.disk?.free as number);
    expect(report.mount).toMatchObject({ readOnly: false, point: expect.stringMatching(/^\//) });
    expect(report.uptimeMs).toBeGreaterThan(0);
    expect(report.ownRss).toBeGreaterThan(1e6);
    expect(Array.isArray(report.network)).toBe(true);
  });

  it("are null where the library throws or talks nonsense, one by one", async () => {
    const source: FactsSource = {
      ...GOOD,
      temperature: broken,
      load: async () => Number.NaN,
      disks: broken,
      network: broken,
    };
    const report = await new HostFacts({ stateFolder: await temporaryFolder(), source }).read();
    expect(report).toMatchObject({
      cpuCelsius: null,
      cpuLoad: null,
      network: null,
      memory: { total: 1_000, available: 400 },
    });
    expect(report.disk?.size).toBeGreaterThan(0);
    const strange: FactsSource = {
      ...GOOD,
      memory: async () => ({ total: "much", available: null }),
      temperature: async () => null,
    };
    const other = await new HostFacts({ stateFolder: "/nowhere/at/all", source: strange }).read();
    expect(other).toMatchObject({ memory: null, cpuCelsius: null, disk: null, mount: null, cpuLoad: 12 });
  });

  it("give up on a question after 2 s, and do not ask it again while it hangs", async () => {
    const load = vi.fn(never);
    const facts = new HostFacts({ stateFolder: await temporaryFolder(), source: { ...GOOD, load }, timeoutMs: 50 });
    expect(await facts.read()).toMatchObject({
      cpuCelsius: 51.5,
      cpuLoad: null,
      network: [{ name: "eth0", up: true }],
    });
    expect(await facts.read()).toMatchObject({ cpuCelsius: 51.5, cpuLoad: null });
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("survive a library that throws before it promises anything", async () => {
    const source = {
      ...GOOD,
      load: (() => broken) as unknown as FactsSource["load"],
      network: () => {
        throw new Error("at once");
      },
    };
    expect(await new HostFacts({ stateFolder: await temporaryFolder(), source }).read()).toMatchObject({
      cpuLoad: null,
      network: null,
    });
  });

  it("are asked one question at a time, also when two want to know", async () => {
    let [now, most] = [0, 0];
    const counted =
      <T>(answer: T) =>
      async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return answer;
      };
    const source: FactsSource = { ...GOOD, temperature: counted(1), load: counted(2), network: counted([]) };
    const facts = new HostFacts({ stateFolder: await temporaryFolder(), source });
    const [first, second] = await Promise.all([facts.read(), facts.read()]);
    expect([most, first === second]).toEqual([1, true]);
  });
});

describe("the mount of a folder", () => {
  const info = [
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw",
    "30 22 8:2 / /var/lib/loa rw,noatime shared:2 - ext4 /dev/mmcblk0p3 rw,errors=remount-ro,data=writeback,commit=600",
    "31 22 8:3 / /mnt/with\\040space rw - vfat /dev/sda1 ro",
    "32 30 8:4 / /var/lib/loa rw,noatime - ext4 /dev/mmcblk0p4 rw,emergency_ro,data=ordered",
    "nonsense",
  ];

  it("is the longest mount point, by whole names, and the last of several on one point", () => {
    expect(mountOf("/var/lib/loathing", info.join("\n"))).toMatchObject({
      point: "/",
      type: "ext4",
      data: null,
      commitS: null,
      readOnly: false,
    });
    expect(mountOf("/var/lib/loa/media", info.slice(0, 2).join("\n"))).toMatchObject({
      data: "writeback",
      commitS: 600,
      readOnly: false,
    });
    expect(mountOf("/var/lib/loa", info.join("\n"))).toMatchObject({ data: "ordered", readOnly: true });
    expect(mountOf("/mnt/with space/x", info.join("\n"))).toMatchObject({
      point: "/mnt/with space",
      type: "vfat",
      readOnly: true,
    });
    expect(mountOf("/x", "")).toBeNull();
  });
});
