/** GPIO lines that station.yaml names: their chips are there and have such a line. */
import { type GpioLineConfig, globalNumber, SYSFS_GPIO } from "../../../drivers/gpio/chips.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import { outputsOf } from "../../config/hardware-file.ts";
import type { StationFile } from "../../config/station-file.ts";
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";

interface Line {
  readonly name: string;
  readonly line: GpioLineConfig;
  readonly root: string | undefined;
}

/** Every line with the name that it goes by. Pure. */
export function linesOf(file: StationFile): Line[] {
  const ofRelay = (name: string, one: StationFile["hardware"]["amplifier"]): Line[] => {
    if (one.kind !== "gpio") return [];
    const { power, mute, fault, sense, sysfsRoot } = one;
    return Object.entries({ power, mute, fault, sense }).flatMap(([what, line]) =>
      line === undefined ? [] : [{ name: `${name} ${what}`, line, root: sysfsRoot }],
    );
  };
  const { contacts, board } = file.hardware;
  return [
    ...outputsOf(file).flatMap(({ name, amplifier }) => ofRelay(name, amplifier)),
    ...contacts.flatMap((one) =>
      one.kind === "gpio" ? [{ name: one.name, line: one.line, root: one.sysfsRoot }] : [],
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
      "So với danh sách ở trên (`cat /sys/class/gpio/gpiochip*/label`) và sửa `chip`, `offset` của dòng đó.",
      "Compare with the list above (`cat /sys/class/gpio/gpiochip*/label`) and correct `chip` or `offset` of that line.",
    ),
  };
}

export const gpio = stationCheck(
  { name: "gpio", title: pair("chân GPIO", "gpio"), codes: ["amplifier-fault", "contact-fault"] },
  async (file, { machine }): Promise<Reading> => {
    const fine: string[] = [];
    const problems: string[] = [];
    for (const { name, line, root } of linesOf(file)) {
      try {
        const number = await globalNumber(line, root ?? machine.at(SYSFS_GPIO));
        fine.push(`${name} ${line.chip}:${line.offset} = ${number}`);
      } catch (error) {
        if (!(error instanceof StationError)) throw error;
        problems.push(`${name}: ${error.message}`);
      }
    }
    return { fine, problems };
  },
  judgeGpio,
);
