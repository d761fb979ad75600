/** Faults of what is wired to a machine: battery, card, lines, screen; and of what it has to bear. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Row, World } from "./faults.ts";

const BATTERY = { capacityWh: 120, idleW: 6, playingW: 60 };
const MAINS = { name: "dien-luoi", does: "mains", kind: "simulated", file: "mains" };
const GPIO = { kind: "gpio", power: { chip: "pinctrl-bcm2711", offset: 17 } };
const BOARD = {
  screen: { width: 1920, height: 1080 },
  faces: [{ name: "mat-a", at: { x: 0, y: 0, width: 1920, height: 1080 } }],
};

/** Rows as those of `systemFaults`. */
export function hardwareFaults(world: World): readonly Row[] {
  async function chip(label: string): Promise<void> {
    await world.bench.put("sys/class/gpio/gpiochip512/label", `${label}\n`);
    await world.bench.put("sys/class/gpio/gpiochip512/base", "512\n");
    await world.bench.put("sys/class/gpio/gpiochip512/ngpio", "54\n");
  }
  const playing1 = () =>
    mkdir(join(world.bench.root, "proc/asound/card1/pcm0p"), { recursive: true }).then(() => undefined);
  return [
    {
      check: "power",
      fault: "a breaker that fell",
      given: async () => {
        await world.bench.configure({ hardware: { battery: { path: "/sys/class/power_supply", ...BATTERY } } });
        await world.bench.put("sys/class/power_supply/ups/type", "Battery\n");
        await world.bench.put("sys/class/power_supply/ac/type", "Mains\n");
        await world.bench.put("sys/class/power_supply/ac/online", "1\n");
      },
      break: () => world.bench.put("sys/class/power_supply/ac/online", "0\n"),
      mend: () => world.bench.put("sys/class/power_supply/ac/online", "1\n"),
      says: /Check the breaker/,
    },
    {
      check: "power",
      fault: "a gauge that is not wired",
      given: async () => {
        await world.bench.configure({ hardware: { battery: { path: "/sys/class/power_supply", ...BATTERY } } });
        await world.bench.put("sys/class/power_supply/ups/type", "Battery\n");
      },
      break: () => world.bench.drop("sys/class/power_supply/ups"),
      mend: () => world.bench.put("sys/class/power_supply/ups/type", "Battery\n"),
      says: /gauge/,
    },
    {
      check: "power",
      fault: "a battery of which neither a gauge nor a contact tells",
      given: () => world.bench.configure({ hardware: { battery: BATTERY, contacts: [MAINS] } }),
      break: () => world.bench.configure({ hardware: { battery: BATTERY } }),
      mend: () => world.bench.configure({ hardware: { battery: BATTERY, contacts: [MAINS] } }),
      says: /does: mains/,
    },
    {
      check: "load",
      fault: "a box in the sun",
      break: () => world.bench.put("sys/class/thermal/thermal_zone0/temp", "86000\n"),
      mend: () => world.bench.put("sys/class/thermal/thermal_zone0/temp", "55000\n"),
      says: /Shade it/,
    },
    {
      check: "load",
      fault: "a supply that drops",
      break: () => world.bench.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n"),
      mend: () => world.bench.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n"),
      says: /better supply/,
    },
    {
      check: "load",
      fault: "a foreign program that eats memory",
      break: () => world.bench.put("proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 20000 kB\n"),
      mend: () => world.bench.put("proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 500000 kB\n"),
      says: /ps aux --sort=-rss/,
    },
    {
      check: "sound",
      fault: "an unplugged card",
      given: () => world.bench.configure({ hardware: { sound: { device: "plughw:CARD=Device,DEV=0" } } }),
      break: () => world.bench.put("proc/asound/cards", "--- no soundcards ---\n"),
      mend: () =>
        world.bench.put("proc/asound/cards", " 1 [Device         ]: USB-Audio - USB Audio Device\n").then(playing1),
      says: /Plug the card in/,
    },
    {
      check: "sound",
      fault: "no card at all",
      given: async () => {
        world.bench.agent = null;
      },
      break: () => world.bench.put("proc/asound/cards", "--- no soundcards ---\n"),
      mend: () => world.bench.put("proc/asound/cards", " 0 [Device         ]: USB-Audio - USB Audio Device\n"),
      says: /\/proc\/asound\/cards/,
    },
    {
      check: "sound",
      fault: "a computer of faces that nobody told that it has no sound",
      given: async () => {
        world.bench.agent = null;
        await world.bench.put("proc/asound/cards", "--- no soundcards ---\n");
        await world.bench.configure({ hardware: { sound: { kind: "none" } } });
      },
      break: () => world.bench.configure({ hardware: {} }),
      mend: () => world.bench.configure({ hardware: { sound: { kind: "none" } } }),
      says: /kind: none/,
    },
    {
      check: "inputs",
      fault: "an ear whose card is gone",
      given: () => world.bench.configure({ hardware: { ear: { device: "plughw:CARD=Device" } } }),
      break: () => world.bench.configure({ hardware: { ear: { device: "plughw:CARD=Mic" } } }),
      mend: () => world.bench.configure({ hardware: { ear: { device: "plughw:CARD=Device" } } }),
      says: /able to capture: 0 Device/,
    },
    {
      check: "gpio",
      fault: "a chip whose name changed with the kernel",
      given: async () => {
        await world.bench.configure({ hardware: { amplifier: GPIO } });
        await chip("pinctrl-bcm2711");
      },
      break: () => chip("pinctrl-rp1"),
      mend: () =>
        world.bench.configure({ hardware: { amplifier: { ...GPIO, power: { chip: "pinctrl-rp1", offset: 17 } } } }),
      says: /there is: pinctrl-rp1.*`chip`/s,
    },
    {
      check: "faces",
      fault: "a cable that came off",
      given: async () => {
        await world.bench.configure({ hardware: { board: BOARD } });
        await world.bench.put("sys/class/drm/card0-HDMI-A-1/status", "connected\n");
        await world.bench.put("sys/class/drm/card0-HDMI-A-1/modes", "1920x1080\n");
      },
      break: async () => {
        await world.bench.put("sys/class/drm/card0-HDMI-A-1/status", "disconnected\n");
        await world.bench.put("sys/class/drm/card0-HDMI-A-1/modes", "");
      },
      mend: async () => {
        await world.bench.put("sys/class/drm/card0-HDMI-A-1/status", "connected\n");
        await world.bench.put("sys/class/drm/card0-HDMI-A-1/modes", "1920x1080\n");
      },
      says: /Check the cable/,
    },
  ];
}
