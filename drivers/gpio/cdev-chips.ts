/** The chips that the character device shows, found by label: their numbers change between kernels. */
import { getSystemErrorName } from "node:util";
import { StationError } from "../../playback/model/station-error.ts";
import type { GpioLineConfig } from "./held-lines.ts";
import type { GpioKernel } from "./kernel.ts";
import { type ChipInfo, chipInfo, REQUESTS, SIZES } from "./uapi.ts";

export interface FoundChip extends ChipInfo {
  readonly path: string;
}

/** Every chip that may be opened, and why others may not. */
export function cdevChips(kernel: GpioKernel): { readonly chips: readonly FoundChip[]; readonly closed: string[] } {
  const chips: FoundChip[] = [];
  const closed: string[] = [];
  for (const path of kernel.chips()) {
    try {
      const fd = kernel.open(path);
      try {
        chips.push({ path, ...infoOf(kernel, fd, path) });
      } finally {
        kernel.close(fd);
      }
    } catch (error) {
      closed.push((error as Error).message);
    }
  }
  return { chips, closed };
}

/** The chip of these lines, opened. @throws StationError `gpio-unavailable` where no chip, or more than one, has the label, or it has no such line */
export function labelled(kernel: GpioKernel, lines: readonly GpioLineConfig[]): number {
  const label = lines[0]?.chip;
  const { chips, closed } = cdevChips(kernel);
  const [chip, another] = chips.filter((each) => each.label === label);
  if (chip === undefined) {
    const there = [...chips.map((each) => each.label), ...closed].join(", ");
    throw unavailable(`no GPIO chip in /dev is labelled "${label}"; there is: ${there || "none"}`);
  }
  if (another !== undefined) throw unavailable(`several GPIO chips in /dev are labelled "${label}"`);
  const beyond = lines.find(({ offset }) => !Number.isInteger(offset) || offset < 0 || offset >= chip.lines);
  if (beyond !== undefined) {
    throw unavailable(`GPIO chip "${label}" has lines 0 to ${chip.lines - 1}, not ${beyond.offset}`);
  }
  try {
    return kernel.open(chip.path);
  } catch (error) {
    throw unavailable((error as Error).message);
  }
}

function infoOf(kernel: GpioKernel, fd: number, path: string): ChipInfo {
  const bytes = Buffer.alloc(SIZES.chipInfo);
  const error = kernel.request(fd, REQUESTS.chipInfo, bytes);
  if (error !== 0) throw unavailable(`${path}: ${getSystemErrorName(-error)}`);
  return chipInfo(bytes);
}

const unavailable = (message: string) => new StationError("gpio-unavailable", message);
