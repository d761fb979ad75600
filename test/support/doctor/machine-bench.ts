/**
 * A machine of files: `/proc`, `/sys`, `/etc` of its own, programs that are small scripts, and a state folder. What a check advises is typed
 * into a real shell, with this machine's programs as the only ones.
 */
import { execFile } from "node:child_process";
import { chmod, cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { stringify } from "yaml";
import type { AgentWord } from "../../../agent/doctor/check.ts";
import { type CheckResult, type Raised, runChecks } from "../../../agent/doctor/checks.ts";
import { Machine } from "../../../agent/doctor/machine.ts";
import { Store } from "../../../storage/store.ts";
import { ManualClock } from "../storage/manual-clock.ts";
import { temporaryFolder } from "../storage/temporary.ts";

const execute = promisify(execFile);

export const NOW = Date.parse("2026-11-22T05:00:00Z");
export const SYNCHRONISED =
  "C0A80001,192.168.0.1,3,1763769600.0,0.000012,0.000010,0.000020,1.0,0.0,0.01,0.002,0.001,64.0,Normal";
export const UNSYNCHRONISED = "00000000,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised";
const PACKAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ffmpeg: { ffmpeg: 'echo "ffmpeg version 5.1.6-0+deb12u1"' },
  "espeak-ng": { "espeak-ng": 'echo "eSpeak NG text-to-speech: 1.51"' },
  "util-linux": { setpriv: 'echo "setpriv from util-linux 2.38.1"' },
  chromium: { chromium: 'echo "Chromium 140.0.1"' },
  cage: { cage: 'echo "cage version 0.1.4"' },
  chrony: { chronyc: `[ "$1" = --version ] && echo "chronyc 4.3" || cat "$MACHINE/chrony"` },
};
const TOOLS = ["sh", "sed", "chmod", "chown", "mv", "mkdir", "rm", "cat", "cp", "touch"];

export type AgentHere = (AgentWord & { readonly concerns: readonly Raised[] }) | null;
export const WELL_AGENT: AgentHere = {
  version: "0.1.0",
  clock: { trust: "attested" },
  outputs: [{ sound: { state: "running" } }],
  concerns: [],
};

export class MachineBench {
  readonly root: string;
  readonly config: string;
  readonly state: string;
  now = NOW;
  agent: AgentHere = WELL_AGENT;
  station: Record<string, unknown>;

  private constructor(root: string) {
    this.root = root;
    this.config = join(root, "etc/loa/station.yaml");
    this.state = join(root, "var/lib/loa");
    this.station = {
      ...{ station: "xa-00004-cum-01", commune: "00004", province: "01" },
      ...{ root: "root.json", state: this.state, socket: join(root, "run/loa/control.sock") },
    };
  }

  /** A machine on which all is well. `rootKeys` is what the pinned root says. */
  static async open(rootKeys: object): Promise<MachineBench> {
    const bench = new MachineBench(await temporaryFolder());
    await bench.#build(rootKeys);
    return bench;
  }

  async #build(rootKeys: object): Promise<void> {
    const bin = join(this.root, "bin");
    await mkdir(bin, { recursive: true });
    for (const tool of TOOLS) {
      const { stdout } = await execute("sh", ["-c", `command -v ${tool}`]);
      await symlink(stdout.trim(), join(bin, tool));
    }
    for (const name of Object.keys(PACKAGES)) await this.install(name);
    await this.#program(
      "apt-get",
      '[ "$1" = install ] && shift 2 && for p; do cp "$MACHINE/packages/$p"/* "$MACHINE/bin/"; done; :',
    );
    await this.#program(
      "systemctl",
      'case "$1" in show) cat "$MACHINE/unit";; restart) touch "$MACHINE/restarted";; esac',
    );
    await this.#program("journalctl", 'rm -f "$MACHINE/var/log/journal/large"');
    await this.#program(
      "mount",
      '[ "$1" = -o ] && case "$2" in *rw) sed -i "s/ ro,/ rw,/g" "$MACHINE/proc/self/mountinfo";; *) sed -i -E "s/commit=[0-9]+/commit=30/; s/,data=writeback//" "$MACHINE/proc/self/mountinfo";; esac',
    );
    await this.put("etc/loa/root.json", JSON.stringify(rootKeys));
    await this.put("unit", "ActiveState=active\nResult=success\n");
    await this.put("chrony", SYNCHRONISED);
    await this.put("etc/fstab", "/dev/mmcblk0p2 / ext4 defaults,commit=30 0 1\n");
    await this.mountedWith("rw,relatime");
    await this.put("proc/asound/cards", " 0 [Device         ]: USB-Audio - USB Audio Device\n");
    await mkdir(join(this.root, "proc/asound/card0/pcm0p"), { recursive: true });
    await mkdir(join(this.root, "proc/asound/card0/pcm0c"), { recursive: true });
    await this.put("proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 600000 kB\n");
    await this.put("proc/cpuinfo", "processor\t: 0\nprocessor\t: 1\n");
    await this.put("proc/loadavg", "0.10 0.20 0.10 1/100 99\n");
    await this.put("proc/net/route", "Iface\tDestination\tGateway\neth0\t00000000\t0101A8C0\n");
    await this.put("sys/class/net/eth0/operstate", "up\n");
    await this.put("sys/class/thermal/thermal_zone0/temp", "48000\n");
    await this.put("sys/class/rtc/rtc0/since_epoch", `${NOW / 1_000}\n`);
    await mkdir(join(this.root, "run/systemd/system"), { recursive: true });
    await mkdir(join(this.root, "run/loa"), { recursive: true });
    await mkdir(this.state, { recursive: true, mode: 0o750 });
    await this.openStore();
    await this.configure({});
  }

  async #program(name: string, script: string): Promise<void> {
    await this.put(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    await chmod(join(this.root, "bin", name), 0o755);
  }

  /** Makes a package known, and installs it. */
  async install(name: string): Promise<void> {
    for (const [program, script] of Object.entries(PACKAGES[name] ?? {})) {
      await this.put(`packages/${name}/${program}`, `#!/bin/sh\n${script}\n`);
      await chmod(join(this.root, "packages", name, program), 0o755);
    }
    await cp(join(this.root, "packages", name), join(this.root, "bin"), { recursive: true });
  }

  async put(path: string, text: string): Promise<void> {
    const whole = join(this.root, path);
    await mkdir(join(whole, ".."), { recursive: true });
    await writeFile(whole, text);
  }
  drop(path: string): Promise<void> {
    return rm(join(this.root, path), { recursive: true, force: true });
  }
  text(path: string): Promise<string> {
    return readFile(join(this.root, path), "utf8");
  }

  mountedWith(options: string): Promise<void> {
    return this.put("proc/self/mountinfo", `29 1 179:2 / / ${options} - ext4 /dev/mmcblk0p2 ${options}\n`);
  }

  /** Writes station.yaml with these sections beside the usual. */
  async configure(sections: Record<string, unknown>): Promise<void> {
    this.station = { ...this.station, ...sections };
    await this.put("etc/loa/station.yaml", stringify(this.station));
  }

  /** What the agent does with its state folder at a start. */
  async openStore(): Promise<void> {
    const store = await Store.open(this.state, { clock: new ManualClock() });
    await store.close();
  }

  get machine(): Machine {
    const large = async () => {
      const full = await this.text("var/log/journal/large").then(
        () => true,
        () => false,
      );
      return { size: 8e9, free: full ? 50e6 : 2e9 };
    };
    return new Machine({
      root: this.root,
      environment: { PATH: join(this.root, "bin"), MACHINE: this.root },
      now: () => this.now,
      space: large,
      agentUser: userInfo().username,
    });
  }

  async check(name: string): Promise<CheckResult> {
    const [result] = await runChecks({ machine: this.machine, config: this.config, agent: this.agent, only: [name] });
    if (result === undefined) throw new Error(`there is no check '${name}'`);
    return result;
  }

  /** Types what was printed, as it was printed. */
  async type(commands: readonly string[]): Promise<void> {
    for (const command of commands) {
      await execute(join(this.root, "bin/sh"), ["-c", command], {
        env: { PATH: join(this.root, "bin"), MACHINE: this.root },
      });
    }
    const restarted = await this.text("restarted").then(
      () => true,
      () => false,
    );
    if (!restarted) return;
    await this.drop("restarted");
    await this.put("unit", "ActiveState=active\nResult=success\n");
    this.agent = WELL_AGENT;
    await this.openStore();
  }
}

/** Where a broker answers nothing: a port that was closed a moment ago. */
export function cleanUp(work: () => Promise<void> | void): void {
  onTestFinished(work);
}
