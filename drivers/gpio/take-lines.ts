/**
 * Takes lines by the way that the board has: sysfs where it shows the chip, because a guard can write there whoever else holds the line; else
 * the character device, which newer kernels have alone. A bias wants the character device.
 */

import { CdevLines } from "./cdev-lines.ts";
import { chipLabels } from "./chips.ts";
import type { GpioLineConfig, HeldLines } from "./held-lines.ts";
import { GPIO_KERNEL, type GpioKernel } from "./kernel.ts";
import { OnoffLines } from "./onoff-lines.ts";

export const GPIO_WAYS = ["auto", "sysfs", "cdev"] as const;
export type GpioWay = (typeof GPIO_WAYS)[number];

export interface GpioWayConfig {
  /** Default `auto`. */
  readonly by?: GpioWay | undefined;
  /** Where sysfs shows the chips; the kernel's own place unless a test says otherwise. */
  readonly sysfsRoot?: string | undefined;
}

/** Which way these lines go; `labels` are those of the chips that sysfs shows. Pure. */
export function wayOf(
  lines: readonly GpioLineConfig[],
  by: GpioWay,
  labels: readonly string[],
): Exclude<GpioWay, "auto"> {
  if (by !== "auto") return by;
  const shown = lines.every(({ chip }) => labels.includes(chip));
  return shown && lines.every(({ bias }) => bias === undefined) ? "sysfs" : "cdev";
}

export class GpioTaker {
  readonly #config: GpioWayConfig;
  readonly #consumer: string;
  readonly #kernel: GpioKernel;

  /** `name`: for whom; other programs see it as the lines' consumer. */
  constructor(name: string, config: GpioWayConfig, kernel: GpioKernel = GPIO_KERNEL) {
    this.#config = config;
    this.#consumer = `loa ${name}`;
    this.#kernel = kernel;
  }

  /** As outputs at these logical levels, without a moment at others. @throws StationError `gpio-unavailable`, `amplifier-disobeys` */
  async outputs(lines: readonly GpioLineConfig[], levels: readonly boolean[]): Promise<HeldLines> {
    const way = await this.#way(lines);
    if (way === "cdev") return CdevLines.outputs(this.#kernel, this.#consumer, lines, levels);
    return OnoffLines.outputs(lines, levels, this.#config.sysfsRoot);
  }

  /** `edges`: tells movements where the lines can. @throws StationError `gpio-unavailable`, `amplifier-disobeys` */
  async inputs(lines: readonly GpioLineConfig[], edges: boolean): Promise<HeldLines> {
    const way = await this.#way(lines);
    if (way === "cdev") return CdevLines.inputs(this.#kernel, this.#consumer, lines, edges);
    return OnoffLines.inputs(lines, edges, this.#config.sysfsRoot);
  }

  async #way(lines: readonly GpioLineConfig[]): Promise<Exclude<GpioWay, "auto">> {
    const { by = "auto", sysfsRoot } = this.#config;
    const way = wayOf(lines, by, by === "auto" ? await chipLabels(sysfsRoot) : []);
    // Where neither shows the chip, the one that a technician can look into says what there is.
    if (by === "auto" && way === "cdev" && this.#kernel.chips().length === 0) return "sysfs";
    return way;
  }
}
