import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLightSensor } from "../../../drivers/sensor/light.ts";
import { temporaryFolder } from "../../support/drivers/temporary.ts";

async function iio(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    const file = join(root, name);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text);
  }
  return root;
}

describe("a light sensor of the kernel", () => {
  it.each([
    ["says lux by itself", { "iio:device0/in_illuminance_input": "431.5\n" }, 431.5],
    [
      "says steps and their size",
      { "iio:device0/in_illuminance_raw": "1200\n", "iio:device0/in_illuminance_scale": "0.25\n" },
      300,
    ],
    ["says steps of one lux", { "iio:device0/in_illuminance0_raw": "77" }, 77],
    [
      "stands behind one for temperature",
      { "iio:device0/in_temp_raw": "20", "iio:device1/in_illuminance_input": "5" },
      5,
    ],
    ["says rubbish", { "iio:device0/in_illuminance_input": "nan\n" }, null],
    ["says more than the sun", { "iio:device0/in_illuminance_input": "900000" }, null],
    ["is not there", { "iio:device0/in_temp_raw": "20" }, null],
  ])("%s", async (_, files, lux) => {
    expect(await createLightSensor({ kind: "iio", root: await iio(files) }).read()).toBe(lux);
  });

  it("is the one that was named", async () => {
    const root = await iio({ "iio:device0/in_illuminance_input": "5", "iio:device1/in_illuminance_input": "9" });
    expect(await createLightSensor({ kind: "iio", root, device: join(root, "iio:device1") }).read()).toBe(9);
    expect(await createLightSensor({ kind: "iio", root: join(root, "nowhere") }).read()).toBeNull();
  });

  it("is simulated by a file", async () => {
    const root = await iio({ lux: "120\n" });
    const sensor = createLightSensor({ kind: "simulated", file: join(root, "lux") });
    expect(await sensor.read()).toBe(120);
    await writeFile(join(root, "lux"), "-1");
    expect(await sensor.read()).toBeNull();
  });
});
