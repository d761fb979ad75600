/** The only file that knows `systeminformation`. Each question by itself, so that one that hangs or throws costs one answer and no more. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cpuTemperature, currentLoad, fsSize, mem } from "systeminformation";

/** The library asks by netlink, which our unit refuses, and starts programs. */
const INTERFACES = "/sys/class/net";
const LOOPBACK = "lo";

export interface NetworkInterface {
  readonly name: string;
  readonly up: boolean;
}

export interface FactsSource {
  /** Degrees Celsius; anything that is no number where there is no sensor. */
  temperature(): Promise<unknown>;
  /** Per cent of all cores since the last question. */
  load(): Promise<unknown>;
  /** Bytes. */
  memory(): Promise<{ readonly total: unknown; readonly available: unknown }>;
  /** Bytes, for each mounted file system. */
  disks(): Promise<readonly { readonly mount: string; readonly size: unknown; readonly available: unknown }[]>;
  network(): Promise<readonly NetworkInterface[]>;
}

export const SYSTEM_FACTS: FactsSource = {
  temperature: async () => (await cpuTemperature()).main,
  load: async () => (await currentLoad()).currentLoad,
  memory: async () => mem(),
  disks: async () => fsSize(),
  async network() {
    const names = (await readdir(INTERFACES)).filter((name) => name !== LOOPBACK);
    return Promise.all(
      names.map(async (name) => {
        const state = await readFile(join(INTERFACES, name, "operstate"), "utf8");
        return { name, up: state.trim() === "up" };
      }),
    );
  },
};
