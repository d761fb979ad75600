/** The only file that knows `systeminformation`. Each question by itself, so that one that hangs or throws costs one answer and no more. */
import { cpuTemperature, currentLoad, fsSize, mem, networkInterfaces } from "systeminformation";

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
    const answer = await networkInterfaces();
    const list = Array.isArray(answer) ? answer : [answer];
    return list
      .filter(({ internal }) => !internal)
      .map(({ iface, operstate }) => ({ name: iface, up: operstate === "up" }));
  },
};
