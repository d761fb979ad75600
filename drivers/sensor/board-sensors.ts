/**
 * What the kernel measures on this board: temperatures, voltages, currents, powers, and whether its own supply sags. Found by name, because
 * the numbers of devices change between starts. Nothing here is believed blindly: each file is read with a limit, a sensor on a stuck bus
 * costs its own reading only, and what it said last counts for a while and then no more.
 * Source: Linux kernel documentation, hwmon/sysfs-interface, ABI/testing/sysfs-bus-iio, w1/slaves/w1_therm, driver-api/thermal/sysfs-api;
 * Raspberry Pi firmware documentation, `get_throttled`.
 */
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Millis } from "../../playback/model/units.ts";

export const SENSOR_UNITS = ["°C", "V", "A", "W"] as const;

export interface SensorReading {
  /** Chip and what of it: `ina219 power1`, `28-0316a2 temperature`. */
  readonly name: string;
  readonly value: number;
  readonly unit: (typeof SENSOR_UNITS)[number];
}

export interface BoardSensorReport {
  readonly readings: readonly SensorReading[];
  /** The board's own supply sags now; `null` where nothing tells. */
  readonly underVoltage: boolean | null;
  /** Its processor is held back, by heat or by its supply; `null` where nothing tells. */
  readonly throttled: boolean | null;
}

export interface BoardSensorOptions {
  /** Where the kernel shows itself; `/sys` unless a test says otherwise. */
  readonly root?: string;
  /** A sensor is waited for this long. Default 1,500: 1-wire takes 750. */
  readonly timeoutMs?: Millis;
  /** What it said last counts this long. Default two minutes. */
  readonly staleMs?: Millis;
  /** Of CLOCK_MONOTONIC, milliseconds. */
  readonly monotonic?: () => number;
  /** Reads one attribute; outside tests from the disk. */
  readonly read?: (file: string) => Promise<string>;
}

/** No board has more; also what keeps a health report small. */
const MOST_READINGS = 32;
/** DS18B20: what it holds before its first measurement, thousandths of a degree. */
const POWER_ON_VALUE = 85_000;
const FIRMWARE = "devices/platform/soc/soc:firmware/get_throttled";
/** Bits of the firmware's word: under-voltage now; frequency capped, throttled or at its soft limit now. */
const UNDER_VOLTAGE = 0x1;
const HELD_BACK = 0x2 | 0x4 | 0x8;

/** By prefix of a hwmon attribute: its unit, and what one of it is. */
const HWMON = {
  temp: { unit: "°C", scale: 1e-3 },
  in: { unit: "V", scale: 1e-3 },
  curr: { unit: "A", scale: 1e-3 },
  power: { unit: "W", scale: 1e-6 },
} as const;

interface Wanted extends Omit<SensorReading, "value"> {
  readonly file: string;
  readonly value: (text: string) => Promise<number | null>;
}

interface Kept {
  readonly at: number;
  readonly text: string;
}

export class BoardSensors {
  readonly #root: string;
  readonly #timeoutMs: Millis;
  readonly #staleMs: Millis;
  readonly #monotonic: () => number;
  readonly #readFile: (file: string) => Promise<string>;
  /** Not asked again before they have answered. */
  readonly #asking = new Set<string>();
  readonly #last = new Map<string, Kept>();

  constructor(options: BoardSensorOptions = {}) {
    this.#root = options.root ?? "/sys";
    this.#timeoutMs = options.timeoutMs ?? 1_500;
    this.#staleMs = options.staleMs ?? 120_000;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    this.#readFile = options.read ?? attribute;
  }

  /** All at the same time. Never rejects. */
  async read(): Promise<BoardSensorReport> {
    const found = [
      ...(await this.#hwmon()),
      ...(await this.#thermal()),
      ...(await this.#oneWire()),
      ...(await this.#iio()),
    ];
    const wanted = found.slice(0, MOST_READINGS);
    this.#forgetBut(wanted);
    const readings = await Promise.all(
      wanted.map(async ({ name, unit, file, value }) => {
        const text = await this.#patient(file);
        const number = text === null ? null : await value(text);
        return number === null ? null : { name, unit, value: Number(number.toFixed(3)) };
      }),
    );
    const alarm = await this.#alarm();
    const word = hexadecimal(await this.#patient(join(this.#root, FIRMWARE)));
    return {
      readings: readings.filter((one) => one !== null),
      underVoltage: word === null ? alarm : (word & UNDER_VOLTAGE) !== 0 || alarm === true,
      throttled: word === null ? null : (word & HELD_BACK) !== 0,
    };
  }

  async #hwmon(): Promise<Wanted[]> {
    const found: Wanted[] = [];
    for (const { folder, name } of await this.#named("class/hwmon", "name")) {
      for (const entry of await entries(folder)) {
        const [, kind, number] = /^(temp|in|curr|power)(\d{1,3})_input$/.exec(entry) ?? [];
        if (kind === undefined || number === undefined) continue;
        const { unit, scale } = HWMON[kind as keyof typeof HWMON];
        found.push({ name: `${name} ${kind}${number}`, unit, file: join(folder, entry), value: scaled(scale) });
      }
    }
    return found;
  }

  async #thermal(): Promise<Wanted[]> {
    const zones = await this.#named("class/thermal", "type", /^thermal_zone\d+$/);
    return zones.map(({ folder, name }) => ({
      ...{ name: `${name} zone`, unit: "°C", file: join(folder, "temp"), value: scaled(1e-3) },
    }));
  }

  async #oneWire(): Promise<Wanted[]> {
    const folder = join(this.#root, "bus/w1/devices");
    return (await entries(folder))
      .filter((name) => /^(10|22|28|3b|42)-[0-9a-f]+$/.test(name))
      .map((name) => ({
        ...{ name: `${name} temperature`, unit: "°C", file: join(folder, name, "temperature") },
        value: async (text) => (integer(text) === POWER_ON_VALUE ? null : scaled(1e-3)(text)),
      }));
  }

  async #iio(): Promise<Wanted[]> {
    const found: Wanted[] = [];
    for (const { folder, name } of await this.#named("bus/iio/devices", "name", /^iio:device\d+$/)) {
      for (const entry of await entries(folder)) {
        const [, channel] = /^in_(voltage\d{1,3})_raw$/.exec(entry) ?? [];
        if (channel === undefined) continue;
        found.push({
          ...{ name: `${name} ${channel}`, unit: "V", file: join(folder, entry) },
          value: async (raw) => {
            const own = await this.#patient(join(folder, `in_${channel}_scale`));
            const scale = decimal(own ?? (await this.#patient(join(folder, "in_voltage_scale"))));
            const steps = integer(raw);
            return steps === null || scale === null ? null : (steps * scale) / 1_000;
          },
        });
      }
    }
    return found;
  }

  /** What a Pi's `rpi_volt` says of its supply. */
  async #alarm(): Promise<boolean | null> {
    for (const { folder, name } of await this.#named("class/hwmon", "name")) {
      if (name !== "rpi_volt") continue;
      const said = await this.#patient(join(folder, "in0_lcrit_alarm"));
      return said === "1" ? true : said === "0" ? false : null;
    }
    return null;
  }

  /** Devices in a folder, by what they call themselves; of two with one name the second is `name 2`. */
  async #named(path: string, attributeName: string, pattern = /./): Promise<{ folder: string; name: string }[]> {
    const found: { folder: string; name: string }[] = [];
    const seen = new Map<string, number>();
    for (const entry of (await entries(join(this.#root, path))).filter((one) => pattern.test(one))) {
      const folder = join(this.#root, path, entry);
      const name = await this.#patient(join(folder, attributeName));
      if (name === null || !/^[\w:.-]{1,40}$/.test(name)) continue;
      const nth = (seen.get(name) ?? 0) + 1;
      seen.set(name, nth);
      found.push({ folder, name: nth === 1 ? name : `${name} ${nth}` });
    }
    return found;
  }

  /** What a file says; while it hangs what it said last, until that is too old. `null` where it says nothing. */
  async #patient(file: string): Promise<string | null> {
    if (!this.#asking.has(file)) {
      this.#asking.add(file);
      const answer = this.#readFile(file).then(
        (text) => void this.#last.set(file, { at: this.#monotonic(), text: text.trim() }),
        // Not there, or it gives no value now: what it said before counts no more.
        () => void this.#last.delete(file),
      );
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, this.#timeoutMs);
      });
      await Promise.race([answer.finally(() => this.#asking.delete(file)), late]).finally(() => clearTimeout(timer));
    }
    const last = this.#last.get(file);
    return last === undefined || this.#monotonic() - last.at > this.#staleMs ? null : last.text;
  }

  /** Sensors that were pulled leave nothing behind. */
  #forgetBut(wanted: readonly Wanted[]): void {
    if (this.#last.size <= MOST_READINGS * 8) return;
    const kept = new Set(wanted.map(({ file }) => file));
    for (const file of this.#last.keys()) if (!kept.has(file)) this.#last.delete(file);
  }
}

const LONGEST_VALUE = 64;

async function attribute(file: string): Promise<string> {
  const handle = await open(file, "r");
  const { buffer, bytesRead } = await handle
    .read(Buffer.alloc(LONGEST_VALUE), 0, LONGEST_VALUE, 0)
    .finally(() => handle.close());
  return buffer.toString("utf8", 0, bytesRead);
}

async function entries(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

const integer = (text: string): number | null => (/^-?\d{1,15}$/.test(text) ? Number(text) : null);
const decimal = (text: string | null): number | null =>
  text !== null && /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : null;
const hexadecimal = (text: string | null): number | null =>
  text !== null && /^(0x)?[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : null;

function scaled(scale: number): (text: string) => Promise<number | null> {
  return async (text) => {
    const number = integer(text);
    return number === null ? null : number * scale;
  };
}
