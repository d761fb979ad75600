/** Mains or battery, read from a tree like the kernel's: real formats, rubbish, missing and slow files. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SysfsPowerSupply } from "../../../drivers/sensor/power-supply.ts";
import { SimulatedPowerSupply } from "../../../drivers/sensor/simulated-power-supply.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-power-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes supplies as the kernel shows them, each value with its line feed. */
async function supplies(tree: Record<string, Record<string, string>>): Promise<SysfsPowerSupply> {
  for (const [name, attributes] of Object.entries(tree)) {
    await mkdir(join(folder, name), { recursive: true });
    for (const [attribute, value] of Object.entries(attributes)) {
      await writeFile(join(folder, name, attribute), `${value}\n`);
    }
  }
  return new SysfsPowerSupply({ folder });
}

const mains = (online: string) => ({ type: "Mains", online });
const battery = (status: string, capacity: string) => ({ type: "Battery", status, capacity });

describe("the kernel's power supplies", () => {
  it.each([
    ["mains plugged, battery full", { AC: mains("1"), BAT0: battery("Full", "100") }, "mains", 100],
    ["mains plugged, battery charging", { AC: mains("1"), BAT0: battery("Charging", "43") }, "mains", 43],
    ["mains out", { AC: mains("0"), BAT0: battery("Discharging", "87") }, "battery", 87],
    ["mains out, status unknown", { AC: mains("0"), BAT0: battery("Unknown", "87") }, "battery", 87],
    [
      "a programmable USB source",
      { usb: { type: "USB", online: "2" }, BAT0: battery("Not charging", "80") },
      "mains",
      80,
    ],
    ["a battery alone, discharging", { BAT0: battery("Discharging", "12") }, "battery", 12],
    ["a battery alone, charging", { BAT0: battery("Charging", "12") }, "mains", 12],
    ["an uninterruptible supply", { ups: { type: "UPS", status: "Discharging", capacity: "55" } }, "battery", 55],
    ["two batteries", { B0: battery("Discharging", "60"), B1: battery("Discharging", "20") }, "battery", 20],
    ["one of two adapters plugged", { A: mains("0"), B: mains("1"), C: battery("Charging", "9") }, "mains", 9],
    ["an adapter alone", { AC: mains("1") }, "mains", null],
    ["nothing that could feed", { AC: mains("0") }, "unknown", null],
    ["no supply at all", {}, "unknown", null],
    ["only a keyboard's battery", { kbd: { ...battery("Discharging", "5"), scope: "Device" } }, "unknown", null],
  ] as const)("tell %s", async (_name, tree, supply, chargePercent) => {
    expect(await (await supplies(tree)).read()).toEqual({ supply, chargePercent });
  });

  it.each(["", "101", "-1", "50.5", "ff", "1e2", "9".repeat(5_000)])("take no charge from %j", async (capacity) => {
    const sensor = await supplies({ AC: mains("0"), BAT0: battery("Discharging", capacity) });
    expect(await sensor.read()).toEqual({ supply: "battery", chargePercent: null });
  });

  it.each(["", "yes", "3", "\u0000", "-1"])("take no mains from online = %j", async (online) => {
    const sensor = await supplies({ AC: mains(online), BAT0: battery("Unknown", "50") });
    expect(await sensor.read()).toEqual({ supply: "unknown", chargePercent: 50 });
  });

  it("say nothing where the folder is missing or a supply is a plain file", async () => {
    expect(await new SysfsPowerSupply({ folder: join(folder, "none") }).read()).toEqual({
      supply: "unknown",
      chargePercent: null,
    });
    await writeFile(join(folder, "BAT0"), "rubbish");
    expect(await new SysfsPowerSupply({ folder }).read()).toEqual({ supply: "unknown", chargePercent: null });
  });

  it("follow a change", async () => {
    const sensor = await supplies({ AC: mains("1"), BAT0: battery("Full", "100") });
    expect((await sensor.read()).supply).toBe("mains");
    await supplies({ AC: mains("0"), BAT0: battery("Discharging", "99") });
    expect(await sensor.read()).toEqual({ supply: "battery", chargePercent: 99 });
  });

  it("that never answer are given up, and not asked again before they have answered", async () => {
    await supplies({ AC: mains("1") });
    let asked = 0;
    let answer: (value: string) => void = () => undefined;
    const sensor = new SysfsPowerSupply({
      folder,
      timeoutMs: 20,
      read: () => {
        asked += 1;
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    for (let turn = 0; turn < 3; turn++) {
      expect(await sensor.read()).toEqual({ supply: "unknown", chargePercent: null });
    }
    expect(asked).toBe(1);
    answer("Device");
  });
});

describe("the simulated supply", () => {
  it("says what it is told, and nothing while it hangs", async () => {
    const sensor = new SimulatedPowerSupply();
    expect(await sensor.read()).toEqual({ supply: "mains", chargePercent: 100 });
    sensor.set({ supply: "battery", chargePercent: 40 });
    expect(await sensor.read()).toEqual({ supply: "battery", chargePercent: 40 });
    sensor.silent = true;
    expect(await sensor.read()).toEqual({ supply: "unknown", chargePercent: null });
  });
});
