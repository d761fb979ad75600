/** GPIO lines that station.yaml names: their chips are there and have such a line. */
import { cdevChips } from "../../../drivers/gpio/cdev-chips.ts";
import { chipLabels, type GpioLineConfig, globalNumber, SYSFS_GPIO } from "../../../drivers/gpio/chips.ts";
import { GPIO_KERNEL } from "../../../drivers/gpio/kernel.ts";
import { type GpioWay, wayOf } from "../../../drivers/gpio/take-lines.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import { outputsOf } from "../../config/hardware-file.ts";
import type { StationFile } from "../../config/station-file.ts";
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";

interface Line {
  readonly name: string;
  readonly line: GpioLineConfig;
  readonly by: GpioWay;
  readonly root: string | undefined;
}

/** Every line with the name that it goes by. Pure. */
export function linesOf(file: StationFile): Line[] {
  const ofRelay = (name: string, one: StationFile["hardware"]["amplifier"]): Line[] => {
    if (one.kind !== "gpio") return [];
    const { power, mute, fault, sense, by = "auto", sysfsRoot } = one;
    return Object.entries({ power, mute, fault, sense }).flatMap(([what, line]) =>
      line === undefined ? [] : [{ name: `${name} ${what}`, line, by, root: sysfsRoot }],
    );
  };
  const { contacts, board } = file.hardware;
  return [
    ...outputsOf(file).flatMap(({ name, amplifier }) => ofRelay(name, amplifier)),
    ...contacts.flatMap((one) =>
      one.kind === "gpio" ? [{ name: one.name, line: one.line, by: one.by ?? "auto", root: one.sysfsRoot }] : [],
    ),
    ...(board?.faces ?? []).flatMap(({ name, controller }) =>
      controller?.relay === undefined ? [] : ofRelay(name, controller.relay),
    ),
  ];
}

interface Reading {
  readonly fine: readonly string[];
  readonly problems: readonly string[];
}

export function judgeGpio({ fine, problems }: Reading): Verdict {
  if (fine.length + problems.length === 0) return nothing("không dùng chân GPIO", "no GPIO line is used");
  if (problems.length === 0) return well(fine.join(", "));
  return {
    state: "bad",
    finding: problems.join("; "),
    cause: pair(
      "Tên chip hoặc số chân trong station.yaml không có trên bo mạch này.",
      "The chip or the line in station.yaml is not on this board.",
    ),
    advice: pair(
      "So với danh sách ở trên (`cat /sys/class/gpio/gpiochip*/label` hoặc `gpiodetect`) và sửa `chip`, `offset` của dòng đó.",
      "Compare with the list above (`cat /sys/class/gpio/gpiochip*/label` or `gpiodetect`) and correct `chip` or `offset` of that line.",
    ),
  };
}

export const gpio = stationCheck(
  {
    name: "gpio",
    title: pair("chân GPIO", "gpio"),
    codes: ["amplifier-fault", "contact-fault", "isolator-open", "cabinet-open"],
  },
  async (file, { machine }): Promise<Reading> => {
    const fine: string[] = [];
    const problems: string[] = [];
    for (const { name, line, by, root } of linesOf(file)) {
      const folder = root ?? machine.at(SYSFS_GPIO);
      try {
        const way = wayOf([line], by, await chipLabels(folder));
        // A chip that neither way shows is looked for by sysfs, whose words list what is there.
        const known =
          way === "cdev" ? cdevChips(GPIO_KERNEL).chips.find(({ label }) => label === line.chip) : undefined;
        if (known === undefined) {
          fine.push(`${name} ${line.chip}:${line.offset} = ${await globalNumber(line, folder)}`);
        } else if (line.offset < known.lines) fine.push(`${name} ${line.chip}:${line.offset}`);
        else problems.push(`${name}: '${line.chip}' has ${known.lines} lines, none of number ${line.offset}`);
      } catch (error) {
        if (!(error instanceof StationError)) throw error;
        problems.push(`${name}: ${error.message}`);
      }
    }
    return { fine, problems };
  },
  judgeGpio,
);
