/** What the board has, as set-up offers it: chips and lines, cards, connectors, modem, clock. Nothing is changed by looking. */
import { type Connector, DRM_ROOT, readConnectors } from "../../drivers/kiosk/connectors.ts";
import { readCards, type SoundCard } from "../doctor/cards.ts";
import type { Machine } from "../doctor/machine.ts";

export interface GpioChip {
  readonly label: string;
  readonly lines: number;
}

export interface Found {
  readonly chips: readonly GpioChip[];
  /** `/dev/gpiochip*`. */
  readonly devices: readonly string[];
  readonly cards: readonly SoundCard[];
  readonly connectors: readonly Connector[];
  /** What ModemManager says, one line a modem. */
  readonly modems: readonly string[];
  readonly rtc: boolean;
}

export async function findHardware(machine: Machine): Promise<Found> {
  const chips: GpioChip[] = [];
  for (const name of await machine.list("/sys/class/gpio")) {
    if (!/^gpiochip\d+$/.test(name)) continue;
    const label = ((await machine.read(`/sys/class/gpio/${name}/label`)) ?? "").trim();
    const lines = Number(await machine.read(`/sys/class/gpio/${name}/ngpio`));
    if (label !== "" && Number.isInteger(lines)) chips.push({ label, lines });
  }
  const modems = await machine.run("mmcli", ["-L"]);
  return {
    chips,
    devices: (await machine.list("/dev")).filter((name) => /^gpiochip\d+$/.test(name)),
    cards: await readCards(machine),
    connectors: await readConnectors(machine.at(DRM_ROOT)),
    modems: modems.code === 0 ? modems.stdout.split("\n").flatMap((line) => line.trim() || []) : [],
    rtc: (await machine.read("/sys/class/rtc/rtc0/name")) !== null,
  };
}
