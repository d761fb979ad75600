/**
 * How light it is at the board, as the kernel tells it. Nothing here is believed blindly: a file that is missing, slow or full of rubbish is a
 * light not known, and brightness then follows the next rule.
 * Source: Linux kernel documentation, ABI/testing/sysfs-bus-iio (`in_illuminance_input` in lux; `in_illuminance_raw` and `_scale`, also with a
 * channel number).
 */
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Millis } from "../../playback/model/units.ts";

export interface LightSensor {
  /** Lux; `null` while it is not known. Never rejects. */
  read(): Promise<number | null>;
}

export type LightSensorConfig =
  /** `device`: folder of the sensor; without it the first below `root` that measures light. */
  | { readonly kind: "iio"; readonly device?: string | undefined; readonly root: string }
  /** A file with a number: for training and tests. */
  | { readonly kind: "simulated"; readonly file: string };

/** Direct sun is 120,000. */
const MOST_LUX = 200_000;
/** A sensor on a stuck bus does not answer. */
const READ_MS: Millis = 2_000;

export function createLightSensor(config: LightSensorConfig): LightSensor {
  return new PatientSensor(config.kind === "iio" ? () => fromKernel(config) : () => number(config.file));
}

class PatientSensor implements LightSensor {
  readonly #ask: () => Promise<number | null>;
  /** Not asked again before it has answered. */
  #asking: Promise<number | null> | null = null;

  constructor(ask: () => Promise<number | null>) {
    this.#ask = ask;
  }

  async read(): Promise<number | null> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), READ_MS);
    });
    const lux = await Promise.race([this.#asking, late]).finally(() => clearTimeout(timer));
    return lux !== null && lux >= 0 && lux <= MOST_LUX ? lux : null;
  }
}

async function fromKernel({ device, root }: Extract<LightSensorConfig, { kind: "iio" }>): Promise<number | null> {
  const folders =
    device === undefined ? (await readdir(root).catch(() => [])).sort().map((name) => join(root, name)) : [device];
  for (const folder of folders) {
    const lux = await luxIn(folder);
    if (lux !== null) return lux;
  }
  return null;
}

async function luxIn(folder: string): Promise<number | null> {
  for (const channel of ["in_illuminance", "in_illuminance0"]) {
    const input = await number(join(folder, `${channel}_input`));
    if (input !== null) return input;
    const raw = await number(join(folder, `${channel}_raw`));
    if (raw === null) continue;
    const scale =
      (await number(join(folder, `${channel}_scale`))) ?? (await number(join(folder, "in_illuminance_scale")));
    const offset = (await number(join(folder, `${channel}_offset`))) ?? 0;
    return (raw + offset) * (scale ?? 1);
  }
  return null;
}

/** `null` where the file says no number. */
async function number(file: string): Promise<number | null> {
  try {
    const handle = await open(file, "r");
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0).finally(() => handle.close());
    const text = buffer.toString("utf8", 0, bytesRead).trim();
    return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
  } catch {
    // Not there, or it gives no value now.
    return null;
  }
}
