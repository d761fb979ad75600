/**
 * Mains or battery, as the kernel tells it below `/sys/class/power_supply`. Nothing here is believed blindly: a file that is missing, slow
 * or full of rubbish is a fact not known.
 * Source: Linux kernel documentation, ABI/testing/sysfs-class-power (`type`, `online`, `status`, `capacity`, `scope`).
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Millis, Percent } from "../../playback/model/units.ts";
import type { PowerReading, PowerSensor } from "../../playback/ports/power.ts";

const UNKNOWN: PowerReading = { supply: "unknown", chargePercent: null };
/** No kernel attribute is longer. */
const LONGEST_VALUE = 4_096;

export interface PowerSupplyOptions {
  /** `/sys/class/power_supply` on a board. */
  readonly folder: string;
  /** A reading is given up after this long. Default 2,000. */
  readonly timeoutMs?: Millis;
  /** Reads one attribute; outside tests from the disk. */
  readonly read?: (file: string) => Promise<string>;
}

interface Supply {
  readonly type: string;
  readonly online: boolean | null;
  readonly status: string | null;
  readonly capacity: Percent | null;
}

export class SysfsPowerSupply implements PowerSensor {
  readonly #folder: string;
  readonly #timeoutMs: Millis;
  readonly #readFile: (file: string) => Promise<string>;
  /** A fuel gauge on a stuck bus never answers: it is not asked again before it has. */
  #asking: Promise<PowerReading> | null = null;

  constructor(options: PowerSupplyOptions) {
    this.#folder = options.folder;
    this.#timeoutMs = options.timeoutMs ?? 2_000;
    this.#readFile = options.read ?? ((file) => readFile(file, "utf8"));
  }

  async read(): Promise<PowerReading> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<PowerReading>((resolve) => {
      timer = setTimeout(() => resolve(UNKNOWN), this.#timeoutMs);
    });
    return Promise.race([this.#asking, late]).finally(() => clearTimeout(timer));
  }

  async #ask(): Promise<PowerReading> {
    const names = await readdir(this.#folder).catch(() => []);
    const supplies = await Promise.all(names.sort().map((name) => this.#supply(name)));
    return readingOf(supplies.filter((supply) => supply !== null));
  }

  async #supply(name: string): Promise<Supply | null> {
    const type = await this.#value(name, "type");
    // The battery of a keyboard feeds no loudspeaker.
    if (type === null || (await this.#value(name, "scope")) === "Device") return null;
    const online = await this.#value(name, "online");
    const capacity = await this.#value(name, "capacity");
    return {
      type,
      // 2 is a programmable source that is connected.
      online: online === "1" || online === "2" ? true : online === "0" ? false : null,
      status: await this.#value(name, "status"),
      capacity: capacity !== null && /^\d{1,3}$/.test(capacity) && Number(capacity) <= 100 ? Number(capacity) : null,
    };
  }

  async #value(name: string, attribute: string): Promise<string | null> {
    const text = await this.#readFile(join(this.#folder, name, attribute)).catch(() => null);
    return text === null || text.length > LONGEST_VALUE ? null : text.trim();
  }
}

/** What several supplies say together; of several batteries the emptiest counts. */
function readingOf(supplies: readonly Supply[]): PowerReading {
  const batteries = supplies.filter(({ type }) => type === "Battery" || type === "UPS");
  const adapters = supplies.filter(({ type }) => type !== "Battery" && type !== "UPS");
  const charges = batteries.flatMap(({ capacity }) => capacity ?? []);
  const chargePercent = charges.length === 0 ? null : Math.min(...charges);
  return { supply: supplyOf(adapters, batteries), chargePercent };
}

function supplyOf(adapters: readonly Supply[], batteries: readonly Supply[]): PowerReading["supply"] {
  if (adapters.some(({ online }) => online === true)) return "mains";
  const said = (...words: string[]) => batteries.some(({ status }) => status !== null && words.includes(status));
  if (said("Discharging")) return "battery";
  if (said("Charging", "Full")) return "mains";
  // Every adapter says that it is out, and the board runs: something must feed it.
  const out = adapters.length > 0 && adapters.every(({ online }) => online === false);
  return out && batteries.length > 0 ? "battery" : "unknown";
}
