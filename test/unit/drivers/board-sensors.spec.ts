/** Sensors through the kernel's files, on a tree that stands for `/sys`. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { BoardSensors } from "../../../drivers/sensor/board-sensors.ts";
import { temporaryFolder } from "../../support/drivers/temporary.ts";

async function tree(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(root, dirname(name)), { recursive: true });
    await writeFile(join(root, name), `${text}\n`);
  }
  return root;
}

const FIRMWARE = "devices/platform/soc/soc:firmware/get_throttled";

describe("the sensors of a board", () => {
  it("are found by name, whatever their numbers, in units that people use", async () => {
    const root = await tree({
      "class/hwmon/hwmon7/name": "ina219",
      "class/hwmon/hwmon7/in1_input": "12180",
      "class/hwmon/hwmon7/curr1_input": "-420",
      "class/hwmon/hwmon7/power1_input": "5115600",
      "class/hwmon/hwmon10/name": "ina219",
      "class/hwmon/hwmon10/in1_input": "5000",
      "class/thermal/thermal_zone0/type": "cpu-thermal",
      "class/thermal/thermal_zone0/temp": "51540",
      "bus/w1/devices/28-0316a2794dff/temperature": "31250",
      "bus/iio/devices/iio:device1/name": "ads1015",
      "bus/iio/devices/iio:device1/in_voltage0_raw": "1000",
      "bus/iio/devices/iio:device1/in_voltage0_scale": "2.000000",
    });
    const { readings } = await new BoardSensors({ root }).read();
    expect(readings.map(({ name, value, unit }) => `${name}: ${value} ${unit}`)).toEqual([
      "ina219 curr1: -0.42 A",
      "ina219 in1: 12.18 V",
      "ina219 power1: 5.116 W",
      "ina219 2 in1: 5 V",
      "cpu-thermal zone: 51.54 °C",
      "28-0316a2794dff temperature: 31.25 °C",
      "ads1015 voltage0: 2 V",
    ]);
  });

  it("say nothing where a DS18B20 still holds its power-on value, a file is rubbish or empty", async () => {
    const root = await tree({
      "bus/w1/devices/28-aa/temperature": "85000",
      "bus/w1/devices/28-ab/temperature": "",
      "bus/w1/devices/28-ac/temperature": "9".repeat(500),
      "bus/w1/devices/28-ad/temperature": "84999",
      "class/hwmon/hwmon0/name": "../../etc",
      "class/hwmon/hwmon0/temp1_input": "20000",
    });
    const { readings } = await new BoardSensors({ root }).read();
    expect(readings).toEqual([{ name: "28-ad temperature", value: 84.999, unit: "°C" }]);
  });

  it.each([
    ["0x50005", true, true],
    ["50000", false, false],
    ["0x0", false, false],
    ["0x8", false, true],
    ["what", null, null],
  ])("the firmware's word %s: under-voltage %s, held back %s", async (text, underVoltage, throttled) => {
    expect(await new BoardSensors({ root: await tree({ [FIRMWARE]: text }) }).read()).toMatchObject({
      underVoltage,
      throttled,
    });
  });

  it("the alarm of a Pi's own supply counts too", async () => {
    const alarm = (text: string) => ({
      "class/hwmon/hwmon1/name": "rpi_volt",
      "class/hwmon/hwmon1/in0_lcrit_alarm": text,
    });
    expect(await new BoardSensors({ root: await tree(alarm("1")) }).read()).toMatchObject({ underVoltage: true });
    expect(await new BoardSensors({ root: await tree(alarm("0")) }).read()).toMatchObject({ underVoltage: false });
  });

  it("one that hangs costs its own reading, which counts for a while, and is not asked twice", async () => {
    const root = await tree({
      "class/hwmon/hwmon0/name": "stuck",
      "class/hwmon/hwmon0/temp1_input": "1000",
      "class/thermal/thermal_zone0/type": "cpu",
      "class/thermal/thermal_zone0/temp": "2000",
    });
    let now = 0;
    let hangs = false;
    let asked = 0;
    const { readFile } = await import("node:fs/promises");
    const sensors = new BoardSensors({
      root,
      // Long enough for a real file on a busy machine; waited for once.
      timeoutMs: 1_000,
      staleMs: 1_000,
      monotonic: () => now,
      read: (file) => {
        if (!hangs || !file.endsWith("temp1_input")) return readFile(file, "utf8");
        asked += 1;
        return new Promise<never>(() => undefined);
      },
    });
    const names = async () => (await sensors.read()).readings.map(({ name }) => name);
    expect(await names()).toEqual(["stuck temp1", "cpu zone"]);
    hangs = true;
    now = 900;
    expect(await names()).toEqual(["stuck temp1", "cpu zone"]);
    now = 1_100;
    expect(await names()).toEqual(["cpu zone"]);
    expect(asked).toBe(1);
  });

  it("one that is pulled is gone at once, and none at all is no fault", async () => {
    const root = await tree({ "bus/w1/devices/28-aa/temperature": "20000" });
    const sensors = new BoardSensors({ root });
    expect((await sensors.read()).readings).toHaveLength(1);
    await rm(join(root, "bus"), { recursive: true });
    expect(await sensors.read()).toEqual({ readings: [], underVoltage: null, throttled: null });
  });

  it("are at most 32", async () => {
    const many = Array.from({ length: 60 }, (_, n) => [`bus/w1/devices/28-${n.toString(16)}/temperature`, "20000"]);
    const { readings } = await new BoardSensors({ root: await tree(Object.fromEntries(many)) }).read();
    expect(readings).toHaveLength(32);
  });
});
