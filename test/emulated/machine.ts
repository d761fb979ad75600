/** One emulated board: QEMU's `virt` machine, without hardware acceleration, on a disk that survives its power cuts. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GuestAgent } from "./guest-agent.ts";
import type { BoardImage } from "./image.ts";

/** A Raspberry Pi 4's processor. */
const PROCESSOR = "cortex-a72";
const MEMORY_MB = 1_536;
const BOOT_MS = 300_000;
const OFF_MS = 240_000;
/** Of Debian's own services those that only cost time here. */
const IDLE = [
  "e2scrub_reap.service",
  "getty-static.service",
  "alsa-restore.service",
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
].map((unit) => `systemd.mask=${unit}`);

export interface MachineOptions {
  readonly image: BoardImage;
  /** The board's own disk, raw. */
  readonly disk: string;
  /** Folder of this machine that the board sees as `/host`. */
  readonly share: string;
  /** Where what the kernel prints goes. */
  readonly console: string;
}

export class Machine {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly hands: GuestAgent;

  private constructor(child: ChildProcess, folder: string, hands: GuestAgent) {
    this.#child = child;
    this.#folder = folder;
    this.hands = hands;
  }

  /** Switches it on; resolves when it runs commands. @throws Error with what QEMU said, or when it has not booted within five minutes */
  static async start(options: MachineOptions): Promise<Machine> {
    // A socket's path may have 107 characters.
    const folder = await mkdtemp(join(tmpdir(), "loa-board-"));
    const socket = join(folder, "hands");
    // Interrupted, we end without the steps below.
    const tidy = () => rmSync(folder, { recursive: true, force: true });
    process.once("exit", tidy);
    const child = spawn(
      "setpriv",
      ["--pdeathsig", "KILL", "--", "qemu-system-aarch64", ...arguments_(options, socket)],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    let said = "";
    child.stderr?.on("data", (text) => {
      said = (said + text).slice(-4_096);
    });
    child.once("error", (error) => {
      said += error.message;
    });
    child.once("close", () => process.off("exit", tidy));
    while (!existsSync(socket) && child.exitCode === null && child.pid !== undefined) await sleep(50);
    try {
      const machine = new Machine(child, folder, await GuestAgent.connect(socket));
      try {
        await machine.hands.ready(BOOT_MS);
        return machine;
      } catch (error) {
        await machine.cutPower();
        throw error;
      }
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw new Error(`the board did not boot: ${said || (error as Error).message}`, { cause: error });
    }
  }

  /** SIGKILL: what the board had in its memory, or not flushed, is lost. */
  async cutPower(): Promise<void> {
    this.hands.close();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise((resolve) => this.#child.once("exit", resolve));
      this.#child.kill("SIGKILL");
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Shuts down as a technician does. @throws Error where it is not off within four minutes */
  async shutDown(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once("exit", () => resolve(true)));
    // What answers goes off as well, maybe before it has answered.
    await this.hands.sh("systemctl poweroff --no-block").catch(() => undefined);
    const off = await Promise.race([gone, sleep(OFF_MS, false, { ref: false })]);
    await this.cutPower();
    if (!off) throw new Error(`the board was not off after ${OFF_MS / 1_000} s`);
  }
}

function arguments_({ image, disk, share, console }: MachineOptions, socket: string): string[] {
  return [
    ...["-M", "virt", "-cpu", PROCESSOR, "-accel", "tcg,thread=multi", "-smp", "2", "-m", String(MEMORY_MB)],
    ...["-display", "none", "-monitor", "none", "-serial", `file:${console}`, "-rtc", "base=utc"],
    ...["-kernel", image.kernel, "-initrd", image.ramdisk],
    ...["-append", ["root=/dev/vda rw console=ttyAMA0 panic=5 systemd.firstboot=off", ...IDLE].join(" ")],
    // Flushes would only go from this machine's cache to its disk, which a cut of the emulator does not reach.
    ...["-drive", `if=none,id=disk,format=raw,cache=unsafe,file=${disk}`, "-device", "virtio-blk-pci,drive=disk"],
    ...["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="],
    ...["-device", "virtio-serial-pci", "-chardev", `socket,id=hands,path=${socket},server=on,wait=off`],
    ...["-device", "virtserialport,chardev=hands,name=org.qemu.guest_agent.0"],
    ...[
      "-fsdev",
      `local,id=host,path=${share},security_model=none`,
      "-device",
      "virtio-9p-pci,fsdev=host,mount_tag=host",
    ],
    ...["-object", "rng-random,id=rng,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng"],
  ];
}
