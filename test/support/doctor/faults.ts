/**
 * Faults of a machine, one row each: how it comes about, and what a hand does that follows the printed words where they are not commands. What
 * stands in the table is what `loa doctor` is worth.
 */
import { chmod, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { STARTS_FILE } from "../../../agent/start/start-book.ts";
import { Authority } from "../../source/authority.ts";
import { cleanUp, type MachineBench, NOW, UNSYNCHRONISED } from "./machine-bench.ts";

/** What the rows work on; filled in before each of them. */
export interface World {
  bench: MachineBench;
  rootKeys: object;
  authority: Authority;
}

export interface Row {
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

/** Faults of what the station is, stands on and talks to. */
export function systemFaults(world: World): readonly Row[] {
  async function listener(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void server.close());
    return (server.address() as { port: number }).port;
  }
  const certified = async (to: number) => {
    const issued = await world.authority.issueClient("xa-00004-cum-01", { from: NOW - 1e9, to });
    const pair = { key: "(not looked at)", request: "", certificate: issued.certificate, worked: 1 };
    await world.bench.put("var/lib/loa/identity/current.json", JSON.stringify(pair));
  };
  return [
    {
      check: "config",
      fault: "a commune of four digits",
      break: () => world.bench.configure({ commune: "0004" }),
      mend: () => world.bench.configure({ commune: "00004" }),
      says: /commune: .*5.*\n.*loa config check/s,
    },
    {
      check: "config",
      fault: "no station.yaml",
      break: () => rm(world.bench.config),
      mend: () => world.bench.configure({}),
      says: /loa setup/,
    },
    {
      check: "root",
      fault: "a torn root file",
      break: () => world.bench.put("etc/loa/root.json", '{"version":'),
      mend: () => world.bench.put("etc/loa/root.json", JSON.stringify(world.rootKeys)),
      says: /Copy root\.json/,
    },
    {
      check: "programs",
      fault: "no ffmpeg",
      break: () => world.bench.drop("bin/ffmpeg"),
      says: /apt-get install -y ffmpeg/,
    },
    {
      check: "programs",
      fault: "an ffmpeg of the year 2018",
      break: () => world.bench.put("bin/ffmpeg", '#!/bin/sh\necho "ffmpeg version 4.1.11"\n'),
      says: /apt-get install -y ffmpeg/,
    },
    {
      check: "agent",
      fault: "a service that has failed",
      break: async () => {
        world.bench.agent = null;
        await world.bench.put("unit", "ActiveState=failed\nResult=exit-code\n");
      },
      says: /not running \(loa\.service: failed, exit-code\)/,
    },
    {
      check: "starts",
      fault: "safe mode",
      break: () =>
        world.bench.put(
          `var/lib/loa/${STARTS_FILE}`,
          JSON.stringify({ version: 1, open: [], safe: { rung: "snapshot", why: "3 starts failed" } }),
        ),
      // The command itself is shown by the behaviour tests of safe mode.
      mend: () => world.bench.drop(`var/lib/loa/${STARTS_FILE}`),
      says: /loa safe-mode leave/,
    },
    {
      check: "socket",
      fault: "a socket for everybody",
      given: () =>
        world.bench
          .put("run/loa/control.sock", "")
          .then(() => chmod(join(world.bench.root, "run/loa/control.sock"), 0o660)),
      break: () => chmod(join(world.bench.root, "run/loa/control.sock"), 0o666),
      says: /chmod 0660/,
    },
    { check: "state", fault: "no folder", break: () => world.bench.drop("var/lib/loa"), says: /mkdir -p/ },
    {
      check: "state",
      fault: "a folder that everybody may read",
      break: () => chmod(world.bench.state, 0o777),
      says: /chmod 0750/,
    },
    {
      check: "state",
      fault: "a file in its place",
      break: async () => {
        await world.bench.drop("var/lib/loa");
        await writeFile(world.bench.state, "");
      },
      says: /mv .*\.aside/,
    },
    {
      check: "mount",
      fault: "a commit of ten minutes and data=writeback",
      break: () => world.bench.mountedWith("rw,data=writeback,commit=600"),
      says: /remount,commit=30/,
    },
    {
      check: "mount",
      fault: "a read-only partition",
      break: () => world.bench.mountedWith("ro,relatime"),
      says: /remount,rw/,
    },
    {
      check: "space",
      fault: "50 MB left",
      break: () => world.bench.put("var/log/journal/large", "x"),
      says: /journalctl --vacuum-size/,
    },
    {
      check: "wear",
      fault: "a card at 90 % of its life",
      given: () => world.bench.put("sys/block/mmcblk0/device/life_time", "0x02 0x01\n"),
      break: () => world.bench.put("sys/block/mmcblk0/device/life_time", "0x09 0x01\n"),
      mend: () => world.bench.put("sys/block/mmcblk0/device/life_time", "0x01 0x01\n"),
      says: /Replace the card/,
    },
    {
      check: "database",
      fault: "a spoilt file",
      break: () => writeFile(join(world.bench.state, "loa.db"), Buffer.alloc(8_192, 0x55)),
      says: /systemctl restart loa/,
    },
    {
      check: "clock",
      fault: "a board without time servers and RTC",
      break: async () => {
        world.bench.agent = null;
        await world.bench.put("chrony", UNSYNCHRONISED);
        await world.bench.drop("sys/class/rtc");
      },
      mend: () =>
        world.bench.put("chrony", "C0A80001,192.168.0.1,3,1.0,0.0,0.0,0.0,1.0,0.0,0.01,0.002,0.001,64.0,Normal"),
      says: /chronyc burst/,
    },
    {
      check: "clock",
      fault: "no chrony",
      break: async () => {
        world.bench.agent = null;
        await world.bench.drop("bin/chronyc");
      },
      says: /apt-get install -y chrony/,
    },
    {
      check: "clock",
      fault: "the year 1970",
      break: () => {
        world.bench.now = 1_000_000;
      },
      mend: () => {
        world.bench.now = NOW;
      },
      says: /date -u -s/,
    },
    {
      check: "network",
      fault: "no way out of the board",
      break: async () => {
        await world.bench.configure({ uplink: { brokers: ["mqtt://127.0.0.1:1"] } });
        await world.bench.put("sys/class/net/eth0/operstate", "down\n");
        await world.bench.put("proc/net/route", "Iface\tDestination\tGateway\n");
      },
      mend: async () => {
        await world.bench.put("sys/class/net/eth0/operstate", "up\n");
        await world.bench.configure({ uplink: { brokers: [`mqtt://127.0.0.1:${await listener()}`] } });
      },
      says: /Check the SIM/,
    },
    {
      check: "network",
      fault: "a broker at a wrong port, its password never printed",
      break: () => world.bench.configure({ uplink: { brokers: ["mqtt://tram:mat-khau@127.0.0.1:1"] } }),
      mend: async () => world.bench.configure({ uplink: { brokers: [`mqtt://127.0.0.1:${await listener()}`] } }),
      says: /mqtt:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.*uplink\.brokers/s,
    },
    {
      check: "certificate",
      fault: "a certificate that ends in three days",
      given: async () => {
        await world.bench.configure({ identity: { enrolUrl: "https://127.0.0.1:1/enrol" } });
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
        await world.bench.configure({ identity: { enrolUrl: "https://127.0.0.1:1/enrol" } });
        await certified(NOW + 90 * 86_400_000);
      },
      break: () => world.bench.put("var/lib/loa/identity/current.json", '{"key":"-----BEGIN PRIVATE KEY-----MIGH'),
      mend: () => certified(NOW + 90 * 86_400_000),
      says: /systemctl restart loa/,
    },
    {
      check: "certificate",
      fault: "authorities that have ended",
      given: async () => {
        await world.bench.put("etc/loa/authorities.pem", world.authority.certificate);
        await world.bench.configure({ identity: { authorities: "authorities.pem" } });
      },
      break: () => {
        world.bench.now = NOW + 2e11;
      },
      mend: async () => {
        const fresh = await Authority.found("Tỉnh mới", { from: NOW, to: NOW + 4e11 });
        await world.bench.put("etc/loa/authorities.pem", fresh.certificate);
      },
      says: /new authorities\.pem/,
    },
  ];
}
