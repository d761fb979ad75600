/**
 * From a chip's label and a line's offset to the global number that sysfs wants. The base of a chip moves between kernels (+512 on a
 * Raspberry Pi since 6.6), so it is looked up at each start and never assumed.
 * Source: Linux Documentation/ABI/obsolete/sysfs-gpio.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { StationError } from "../../playback/model/station-error.ts";
import type { GpioLineConfig } from "./held-lines.ts";

export type { GpioLineConfig };

export const SYSFS_GPIO = "/sys/class/gpio";

/** The global number of a line. @throws StationError `gpio-unavailable` where no chip, or more than one, has the label, or it has no such line */
export async function globalNumber(line: GpioLineConfig, root: string = SYSFS_GPIO): Promise<number> {
  const chips = await chipsIn(root);
  const matching = chips.filter((chip) => chip.label === line.chip);
  const [chip, another] = matching;
  if (chip === undefined) {
    const labels = chips.map((each) => each.label).join(", ");
    throw new StationError(
      "gpio-unavailable",
      `no GPIO chip in ${root} is labelled "${line.chip}"; there is: ${labels || "none"}`,
    );
  }
  if (another !== undefined)
    throw new StationError("gpio-unavailable", `several GPIO chips in ${root} are labelled "${line.chip}"`);
  if (!Number.isInteger(line.offset) || line.offset < 0 || line.offset >= chip.lines) {
    throw new StationError(
      "gpio-unavailable",
      `GPIO chip "${line.chip}" has lines 0 to ${chip.lines - 1}, not ${line.offset}`,
    );
  }
  return chip.base + line.offset;
}

/** Labels of the chips that sysfs shows; none where it shows nothing. */
export async function chipLabels(root: string = SYSFS_GPIO): Promise<readonly string[]> {
  try {
    return (await chipsIn(root)).map(({ label }) => label);
  } catch (error) {
    if (error instanceof StationError) return [];
    throw error;
  }
}

async function chipsIn(root: string): Promise<{ label: string; base: number; lines: number }[]> {
  try {
    const names = (await readdir(root)).filter((name) => /^gpiochip\d+$/.test(name)).sort();
    return await Promise.all(
      names.map(async (name) => ({
        label: await attribute(root, name, "label"),
        base: count(await attribute(root, name, "base"), name),
        lines: count(await attribute(root, name, "ngpio"), name),
      })),
    );
  } catch (error) {
    if (error instanceof StationError) throw error;
    throw new StationError("gpio-unavailable", `${root}: ${(error as Error).message}`, { cause: error });
  }
}

async function attribute(root: string, chip: string, name: string): Promise<string> {
  return (await readFile(join(root, chip, name), "utf8")).trim();
}

function count(text: string, chip: string): number {
  // Number("") is 0, which would be a wrong line and not an error.
  if (!/^\d+$/.test(text)) throw new StationError("gpio-unavailable", `${chip} gives "${text}" where a number belongs`);
  return Number(text);
}
