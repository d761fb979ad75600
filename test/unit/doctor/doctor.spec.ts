/** Each check is turned red by a fault, and green by doing exactly what it printed. */

import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { linesOf } from "../../../agent/cli/doctor-lines.ts";
import { Words } from "../../../agent/cli/words.ts";
import { CHECKS, isBad } from "../../../agent/doctor/checks.ts";
import { EXPLANATIONS } from "../../../agent/doctor/explanations.ts";
import { CONCERN_CODES, CONCERN_KINDS } from "../../../agent/health/concerns.ts";
import { STARTS_FILE } from "../../../agent/start/start-book.ts";
import { Authority } from "../../source/authority.ts";
import { Ceremony } from "../../source/ceremony.ts";
import { cleanUp, MachineBench, NOW, UNSYNCHRONISED, WELL_AGENT } from "../../support/doctor/machine-bench.ts";

let rootKeys: object;
let authority: Authority;
let bench: MachineBench;

beforeAll(async () => {
  rootKeys = (await Ceremony.hold()).rootFile();
  authority = await Authority.found("Tỉnh thử", { from: NOW - 1e10, to: NOW + 1e11 });
});
const freshBench = async () => {
  bench = await MachineBench.open(rootKeys);
};

const GPIO = { kind: "gpio", power: { chip: "pinctrl-bcm2711", offset: 17 } };
async function chip(label: string): Promise<void> {
  await bench.put("sys/class/gpio/gpiochip512/label", `${label}\n`);
  await bench.put("sys/class/gpio/gpiochip512/base", "512\n");
  await bench.put("sys/class/gpio/gpiochip512/ngpio", "54\n");
}
const BOARD = {
  screen: { width: 1920, height: 1080 },
  faces: [{ name: "mat-a", at: { x: 0, y: 0, width: 1920, height: 1080 } }],
};
async function listener(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void server.close());
  return (server.address() as { port: number }).port;
}
const certified = async (to: number) => {
  const issued = await authority.issueClient("xa-00004-cum-01", { from: NOW - 1e9, to });
  const pair = { key: "(not looked at)", request: "", certificate: issued.certificate, worked: 1 };
  await bench.put("var/lib/loa/identity/current.json", JSON.stringify(pair));
};

interface Row {
  readonly check: string;
  readonly fault: string;
  /** What has to be there for the check to have something to look at. */
  readonly given?: () => Promise<void>;
  readonly break: () => Promise<void> | void;
  /** What a hand does that follows the words, where they are not commands. */
  readonly mend?: () => Promise<void> | void;
  /** In the printed lines, what the hand followed. */
  readonly says: RegExp;
}

const ROWS: readonly Row[] = [
  {
    check: "config",
    fault: "a commune of four digits",
    break: () => bench.configure({ commune: "0004" }),
    mend: () => bench.configure({ commune: "00004" }),
    says: /commune: .*5.*\n.*loa config check/s,
  },
  {
    check: "config",
    fault: "no station.yaml",
    break: () => rm(bench.config),
    mend: () => bench.configure({}),
    says: /loa setup/,
  },
  {
    check: "root",
    fault: "a torn root file",
    break: () => bench.put("etc/loa/root.json", '{"version":'),
    mend: () => bench.put("etc/loa/root.json", JSON.stringify(rootKeys)),
    says: /Copy root\.json/,
  },
  { check: "programs", fault: "no ffmpeg", break: () => bench.drop("bin/ffmpeg"), says: /apt-get install -y ffmpeg/ },
  {
    check: "programs",
    fault: "an ffmpeg of the year 2018",
    break: () => bench.put("bin/ffmpeg", '#!/bin/sh\necho "ffmpeg version 4.1.11"\n'),
    says: /apt-get install -y ffmpeg/,
  },
  {
    check: "agent",
    fault: "a service that has failed",
    break: async () => {
      bench.agent = null;
      await bench.put("unit", "ActiveState=failed\nResult=exit-code\n");
    },
    says: /not running \(loa\.service: failed, exit-code\)/,
  },
  {
    check: "starts",
    fault: "safe mode",
    break: () =>
      bench.put(
        `var/lib/loa/${STARTS_FILE}`,
        JSON.stringify({ version: 1, open: [], safe: { rung: "snapshot", why: "3 starts failed" } }),
      ),
    // The command itself is shown by the behaviour tests of safe mode.
    mend: () => bench.drop(`var/lib/loa/${STARTS_FILE}`),
    says: /loa safe-mode leave/,
  },
  {
    check: "socket",
    fault: "a socket for everybody",
    given: () =>
      bench.put("run/loa/control.sock", "").then(() => chmod(join(bench.root, "run/loa/control.sock"), 0o660)),
    break: () => chmod(join(bench.root, "run/loa/control.sock"), 0o666),
    says: /chmod 0660/,
  },
  { check: "state", fault: "no folder", break: () => bench.drop("var/lib/loa"), says: /mkdir -p/ },
  {
    check: "state",
    fault: "a folder that everybody may read",
    break: () => chmod(bench.state, 0o777),
    says: /chmod 0750/,
  },
  {
    check: "state",
    fault: "a file in its place",
    break: async () => {
      await bench.drop("var/lib/loa");
      await writeFile(bench.state, "");
    },
    says: /mv .*\.aside/,
  },
  {
    check: "mount",
    fault: "a commit of ten minutes and data=writeback",
    break: () => bench.mountedWith("rw,data=writeback,commit=600"),
    says: /remount,commit=30/,
  },
  { check: "mount", fault: "a read-only partition", break: () => bench.mountedWith("ro,relatime"), says: /remount,rw/ },
  {
    check: "space",
    fault: "50 MB left",
    break: () => bench.put("var/log/journal/large", "x"),
    says: /journalctl --vacuum-size/,
  },
  {
    check: "wear",
    fault: "a card at 90 % of its life",
    given: () => bench.put("sys/block/mmcblk0/device/life_time", "0x02 0x01\n"),
    break: () => bench.put("sys/block/mmcblk0/device/life_time", "0x09 0x01\n"),
    mend: () => bench.put("sys/block/mmcblk0/device/life_time", "0x01 0x01\n"),
    says: /Replace the card/,
  },
  {
    check: "database",
    fault: "a spoilt file",
    break: () => writeFile(join(bench.state, "loa.db"), Buffer.alloc(8_192, 0x55)),
    says: /systemctl restart loa/,
  },
  {
    check: "clock",
    fault: "a board without time servers and RTC",
    break: async () => {
      bench.agent = null;
      await bench.put("chrony", UNSYNCHRONISED);
      await bench.drop("sys/class/rtc");
    },
    mend: () => bench.put("chrony", "C0A80001,192.168.0.1,3,1.0,0.0,0.0,0.0,1.0,0.0,0.01,0.002,0.001,64.0,Normal"),
    says: /chronyc burst/,
  },
  {
    check: "clock",
    fault: "no chrony",
    break: async () => {
      bench.agent = null;
      await bench.drop("bin/chronyc");
    },
    says: /apt-get install -y chrony/,
  },
  {
    check: "clock",
    fault: "the year 1970",
    break: () => {
      bench.now = 1_000_000;
    },
    mend: () => {
      bench.now = NOW;
    },
    says: /date -u -s/,
  },
  {
    check: "network",
    fault: "no way out of the board",
    break: async () => {
      await bench.configure({ uplink: { brokers: ["mqtt://127.0.0.1:1"] } });
      await bench.put("sys/class/net/eth0/operstate", "down\n");
      await bench.put("proc/net/route", "Iface\tDestination\tGateway\n");
    },
    mend: async () => {
      await bench.put("sys/class/net/eth0/operstate", "up\n");
      await bench.configure({ uplink: { brokers: [`mqtt://127.0.0.1:${await listener()}`] } });
    },
    says: /Check the SIM/,
  },
  {
    check: "network",
    fault: "a broker at a wrong port, its password never printed",
    break: () => bench.configure({ uplink: { brokers: ["mqtt://tram:mat-khau@127.0.0.1:1"] } }),
    mend: async () => bench.configure({ uplink: { brokers: [`mqtt://127.0.0.1:${await listener()}`] } }),
    says: /mqtt:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.*uplink\.brokers/s,
  },
  {
    check: "certificate",
    fault: "a certificate that ends in three days",
    given: async () => {
      await bench.configure({ identity: { enrolUrl: "https://127.0.0.1:1/enrol" } });
      await certified(NOW + 90 * 86_400_000);
    },
    break: () => certified(NOW + 3 * 86_400_000),
    mend: () => certified(NOW + 90 * 86_400_000),
    says: /enrolment service/,
  },
  {
    check: "certificate",
    fault: "a torn file of key and certificate, nothing of it printed",
    given: async () => {
      await bench.configure({ identity: { enrolUrl: "https://127.0.0.1:1/enrol" } });
      await certified(NOW + 90 * 86_400_000);
    },
    break: () => bench.put("var/lib/loa/identity/current.json", '{"key":"-----BEGIN PRIVATE KEY-----MIGH'),
    mend: () => certified(NOW + 90 * 86_400_000),
    says: /systemctl restart loa/,
  },
  {
    check: "certificate",
    fault: "authorities that have ended",
    given: async () => {
      await bench.put("etc/loa/authorities.pem", authority.certificate);
      await bench.configure({ identity: { authorities: "authorities.pem" } });
    },
    break: () => {
      bench.now = NOW + 2e11;
    },
    mend: async () => {
      const fresh = await Authority.found("Tỉnh mới", { from: NOW, to: NOW + 4e11 });
      await bench.put("etc/loa/authorities.pem", fresh.certificate);
    },
    says: /new authorities\.pem/,
  },
  {
    check: "power",
    fault: "a breaker that fell",
    given: async () => {
      await bench.configure({ hardware: { battery: { path: "/sys/class/power_supply", ...BATTERY } } });
      await bench.put("sys/class/power_supply/ups/type", "Battery\n");
      await bench.put("sys/class/power_supply/ac/type", "Mains\n");
      await bench.put("sys/class/power_supply/ac/online", "1\n");
    },
    break: () => bench.put("sys/class/power_supply/ac/online", "0\n"),
    mend: () => bench.put("sys/class/power_supply/ac/online", "1\n"),
    says: /Check the breaker/,
  },
  {
    check: "power",
    fault: "a gauge that is not wired",
    given: async () => {
      await bench.configure({ hardware: { battery: { path: "/sys/class/power_supply", ...BATTERY } } });
      await bench.put("sys/class/power_supply/ups/type", "Battery\n");
    },
    break: () => bench.drop("sys/class/power_supply/ups"),
    mend: () => bench.put("sys/class/power_supply/ups/type", "Battery\n"),
    says: /gauge/,
  },
  {
    check: "load",
    fault: "a box in the sun",
    break: () => bench.put("sys/class/thermal/thermal_zone0/temp", "86000\n"),
    mend: () => bench.put("sys/class/thermal/thermal_zone0/temp", "55000\n"),
    says: /Shade it/,
  },
  {
    check: "load",
    fault: "a supply that drops",
    break: () => bench.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n"),
    mend: () => bench.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n"),
    says: /better supply/,
  },
  {
    check: "load",
    fault: "a foreign program that eats memory",
    break: () => bench.put("proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 20000 kB\n"),
    mend: () => bench.put("proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 500000 kB\n"),
    says: /ps aux --sort=-rss/,
  },
  {
    check: "sound",
    fault: "an unplugged card",
    given: () => bench.configure({ hardware: { sound: { device: "plughw:CARD=Device,DEV=0" } } }),
    break: () => bench.put("proc/asound/cards", "--- no soundcards ---\n"),
    mend: () => bench.put("proc/asound/cards", " 1 [Device         ]: USB-Audio - USB Audio Device\n").then(playing1),
    says: /Plug the card in/,
  },
  {
    check: "sound",
    fault: "no card at all",
    given: async () => {
      bench.agent = null;
    },
    break: () => bench.put("proc/asound/cards", "--- no soundcards ---\n"),
    mend: () => bench.put("proc/asound/cards", " 0 [Device         ]: USB-Audio - USB Audio Device\n"),
    says: /\/proc\/asound\/cards/,
  },
  {
    check: "inputs",
    fault: "an ear whose card is gone",
    given: () => bench.configure({ hardware: { ear: { device: "plughw:CARD=Device" } } }),
    break: () => bench.configure({ hardware: { ear: { device: "plughw:CARD=Mic" } } }),
    mend: () => bench.configure({ hardware: { ear: { device: "plughw:CARD=Device" } } }),
    says: /able to capture: 0 Device/,
  },
  {
    check: "gpio",
    fault: "a chip whose name changed with the kernel",
    given: async () => {
      await bench.configure({ hardware: { amplifier: GPIO } });
      await chip("pinctrl-bcm2711");
    },
    break: () => chip("pinctrl-rp1"),
    mend: () => bench.configure({ hardware: { amplifier: { ...GPIO, power: { chip: "pinctrl-rp1", offset: 17 } } } }),
    says: /there is: pinctrl-rp1.*`chip`/s,
  },
  {
    check: "faces",
    fault: "a cable that came off",
    given: async () => {
      await bench.configure({ hardware: { board: BOARD } });
      await bench.put("sys/class/drm/card0-HDMI-A-1/status", "connected\n");
      await bench.put("sys/class/drm/card0-HDMI-A-1/modes", "1920x1080\n");
    },
    break: async () => {
      await bench.put("sys/class/drm/card0-HDMI-A-1/status", "disconnected\n");
      await bench.put("sys/class/drm/card0-HDMI-A-1/modes", "");
    },
    mend: async () => {
      await bench.put("sys/class/drm/card0-HDMI-A-1/status", "connected\n");
      await bench.put("sys/class/drm/card0-HDMI-A-1/modes", "1920x1080\n");
    },
    says: /Check the cable/,
  },
];
const BATTERY = { capacityWh: 120, idleW: 6, playingW: 60 };
const playing1 = () => mkdir(join(bench.root, "proc/asound/card1/pcm0p"), { recursive: true }).then(() => undefined);

const [english, vietnamese] = [new Words("en"), new Words("vi")];

describe("a check of the doctor", () => {
  beforeEach(freshBench);
  it.each(ROWS.map((row) => [row.check, row.fault, row] as const))(
    "%s: %s is found, and mended as it says",
    async (name, _, row) => {
      await row.given?.();
      expect(isBad(await bench.check(name))).toBe(false);
      await row.break();
      let found = await bench.check(name);
      expect(isBad(found)).toBe(true);
      const printed = linesOf(found, english).join("\n");
      expect(printed).toMatch(row.says);
      expect(printed).not.toContain("mat-khau");
      expect(printed).not.toContain("PRIVATE KEY");
      expect(linesOf(found, vietnamese).join("\n")).toMatch(/nguyên nhân: .+\n {4}→ .+/);
      if (row.mend === undefined) {
        // What was put right may bring up the next thing; each says what to do.
        for (let step = 0; step < 3 && isBad(found); step++) {
          expect(found.verdict.commands?.length).toBeGreaterThan(0);
          await bench.type(found.verdict.commands ?? []);
          found = await bench.check(name);
        }
      } else await row.mend();
      expect(isBad(await bench.check(name))).toBe(false);
    },
  );

  it("has a fault of its own in this table, unless only the running agent can make it", () => {
    const tried = new Set(ROWS.map(({ check }) => check));
    const untried = CHECKS.map(({ name }) => name).filter((name) => !tried.has(name));
    expect(untried).toEqual(["schedule", "settings", "horns", "controllers"]);
  });
});

describe("every concern", () => {
  beforeEach(freshBench);

  it("belongs to exactly one check", () => {
    const owned = CHECKS.flatMap(({ codes }) => codes);
    expect([...owned].sort()).toEqual([...CONCERN_CODES].sort());
  });

  it.each(CONCERN_CODES)("%s turns its check red, with its sentence, and green when it is gone", async (code) => {
    const check = CHECKS.find(({ codes }) => codes.includes(code));
    const name = check?.name ?? "";
    if (WELL_AGENT === null) throw new Error("the bench has no agent");
    const concern = { code, severity: CONCERN_KINDS[code].severity, since: NOW, detail: "chi tiết" };
    bench.agent = { ...WELL_AGENT, concerns: [concern] };
    const found = await bench.check(name);
    expect(isBad(found)).toBe(true);
    expect(linesOf(found, vietnamese).join("\n")).toContain(CONCERN_KINDS[code].vi);
    bench.agent = WELL_AGENT;
    expect(isBad(await bench.check(name))).toBe(false);
  });
});

describe("every explanation", () => {
  it.each(CONCERN_CODES)("%s is explained step by step in both languages, in NFC", (code) => {
    const { means, why, steps } = EXPLANATIONS[code];
    for (const { vi, en } of [means, why, ...steps]) {
      expect(vi.length).toBeGreaterThan(8);
      expect(en.length).toBeGreaterThan(8);
      expect(vi).toBe(vi.normalize("NFC"));
      expect(vi).not.toBe(en);
    }
    expect(steps.length).toBeGreaterThan(0);
  });
});

describe("what cannot be told without the agent", () => {
  beforeEach(freshBench);

  it("is said to be so, and is no fault", async () => {
    bench.agent = null;
    const found = await bench.check("horns");
    expect([isBad(found), linesOf(found, english)[0]]).toEqual([
      false,
      expect.stringMatching(/^– .*while the agent runs/),
    ]);
  });
});
