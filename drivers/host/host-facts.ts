/** How the machine is. Facts for the health report only: nothing here may ever hold up or bring down the station. */
import { readFile, realpath, statfs } from "node:fs/promises";
import type { Millis } from "../../playback/model/units.ts";
import { type BoardSensorReport, BoardSensors } from "../sensor/board-sensors.ts";
import { type FactsSource, type NetworkInterface, SYSTEM_FACTS } from "./facts-source.ts";
import { Modem, type ModemReport } from "./modem.ts";
import { type Mount, mountOf } from "./mount.ts";

/** `null`: not known. */
export interface HostReport {
  readonly cpuCelsius: number | null;
  /** Per cent of all cores. */
  readonly cpuLoad: number | null;
  /** Bytes. */
  readonly memory: { readonly total: number; readonly available: number } | null;
  /** Of the file system that holds the state, bytes. */
  readonly disk: { readonly size: number; readonly free: number } | null;
  readonly mount: Mount | null;
  readonly uptimeMs: Millis | null;
  readonly network: readonly NetworkInterface[] | null;
  /** What the kernel measures on this board. */
  readonly sensors: BoardSensorReport | null;
  readonly modem: ModemReport | null;
  /** Memory that this process occupies, bytes. */
  readonly ownRss: number;
}

export interface HostFactsOptions {
  readonly stateFolder: string;
  readonly source?: FactsSource;
  readonly sensors?: { read(): Promise<BoardSensorReport> };
  readonly modem?: { read(): Promise<ModemReport | null> };
  /** Each question is given up after this long. Default 2,000. */
  readonly timeoutMs?: Millis;
}

export class HostFacts {
  readonly #folder: string;
  readonly #source: FactsSource;
  readonly #sensors: { read(): Promise<BoardSensorReport> };
  readonly #modem: { read(): Promise<ModemReport | null> };
  readonly #timeoutMs: Millis;
  /** Questions that were given up and still have no answer: they are not asked again, so that none piles up. */
  readonly #hanging = new Set<string>();
  #report: Promise<HostReport> | null = null;

  constructor(options: HostFactsOptions) {
    this.#folder = options.stateFolder;
    this.#source = options.source ?? SYSTEM_FACTS;
    this.#sensors = options.sensors ?? new BoardSensors();
    this.#modem = options.modem ?? new Modem();
    this.#timeoutMs = options.timeoutMs ?? 2_000;
  }

  /** Asks one question after the other. Never rejects; who asks while it runs shares the answer. */
  read(): Promise<HostReport> {
    this.#report ??= this.#ask().finally(() => {
      this.#report = null;
    });
    return this.#report;
  }

  async #ask(): Promise<HostReport> {
    return {
      cpuCelsius: await this.#within("temperature", async () => numberOrNull(await this.#source.temperature())),
      cpuLoad: await this.#within("load", async () => numberOrNull(await this.#source.load())),
      memory: await this.#within("memory", async () => {
        const { total, available } = await this.#source.memory();
        return bothOrNull(total, available, (a, b) => ({ total: a, available: b }));
      }),
      disk: await this.#disk(),
      mount: await this.#mount(),
      uptimeMs: await this.#within("uptime", async () => {
        const seconds = numberOrNull(Number.parseFloat(await readFile("/proc/uptime", "utf8")));
        return seconds === null ? null : Math.round(seconds * 1_000);
      }),
      network: await this.#within("network", () => this.#source.network()),
      sensors: await this.#within("sensors", () => this.#sensors.read()),
      modem: await this.#within("modem", () => this.#modem.read()),
      ownRss: process.memoryUsage.rss(),
    };
  }

  async #mount(): Promise<Mount | null> {
    return this.#within("mount", async () =>
      mountOf(await realpath(this.#folder), await readFile("/proc/self/mountinfo", "utf8")),
    );
  }

  async #disk(): Promise<HostReport["disk"]> {
    const mount = await this.#mount();
    const told = await this.#within("disks", async () => {
      const disk = (await this.#source.disks()).find((each) => each.mount === mount?.point);
      return disk === undefined ? null : bothOrNull(disk.size, disk.available, (size, free) => ({ size, free }));
    });
    if (told !== null) return told;
    // The library leaves out tmpfs, overlays and the like.
    return this.#within("statfs", async () => {
      const { blocks, bavail, bsize } = await statfs(this.#folder);
      return { size: blocks * bsize, free: bavail * bsize };
    });
  }

  async #within<T>(name: string, question: () => Promise<T>): Promise<T | null> {
    if (this.#hanging.has(name)) return null;
    this.#hanging.add(name);
    // A failed question is a fact not known, which is what `null` says.
    const answer = Promise.resolve()
      .then(question)
      .catch(() => null)
      .finally(() => this.#hanging.delete(name));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), this.#timeoutMs);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function bothOrNull<T>(a: unknown, b: unknown, both: (a: number, b: number) => T): T | null {
  const [x, y] = [numberOrNull(a), numberOrNull(b)];
  return x === null || y === null ? null : both(x, y);
}
