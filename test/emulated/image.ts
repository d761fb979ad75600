/**
 * The disk that a new board is flashed with: Debian for arm64 with Debian's own kernel, and what our package depends on, so that the board needs no
 * network to install it. Made once for a list of packages and kept; every run works on a copy.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { readIfPresent } from "../../storage/durable-file.ts";

const execute = promisify(execFile);

/** The system, what the package depends on, and the ears and hands of the checks. */
const PACKAGES = [
  ...["linux-image-arm64", "initramfs-tools", "zstd", "systemd-sysv", "udev", "kmod", "e2fsprogs", "iproute2"],
  ...["ffmpeg", "espeak-ng", "fonts-dejavu-core", "libasound2", "libstdc++6"],
  ...["qemu-guest-agent", "alsa-utils", "gpiod", "curl"],
];
/** All of it together takes a third. */
const DISK = "5G";

/** As Debian calls the binary format of the board's programs. */
const BINARIES = "qemu-aarch64";

/** Text files that are laid over the plain Debian. */
const FILES: Readonly<Record<string, string>> = {
  "etc/hostname": "board\n",
  "etc/fstab":
    "/dev/vda / ext4 defaults,noatime 0 1\nhost /host 9p trans=virtio,version=9p2000.L,msize=262144,nofail 0 0\n",
  // No gateway and no resolver: the board reaches the machine that emulates it, and nothing beyond.
  "etc/systemd/network/10-board.network":
    "[Match]\nType=ether\n[Network]\nAddress=10.0.2.15/24\nLinkLocalAddressing=no\n",
  "etc/modules-load.d/board.conf": "snd-aloop\nsoftdog\n",
  // `deploy/README.md` advises 15 s; a board whose emulator had half a core started itself again while a package was unpacked, and this is the likely reason.
  "etc/systemd/system.conf.d/watchdog.conf": "[Manager]\nRuntimeWatchdogSec=60\n",
};
/** Of the modules only those that lead to the root: a smaller ramdisk is made and unpacked in a third of the time. */
const RAMDISK = `mkdir -p "$1/etc/initramfs-tools/hooks" "$1/etc/initramfs-tools/conf.d"
echo MODULES=list > "$1/etc/initramfs-tools/conf.d/board"
cat > "$1/etc/initramfs-tools/hooks/board" <<'END'
#!/bin/sh
[ "$1" = prereqs ] && exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules virtio_pci virtio_blk ext4
END
chmod 755 "$1/etc/initramfs-tools/hooks/board"`;

export interface BoardImage {
  readonly disk: string;
  readonly kernel: string;
  readonly ramdisk: string;
  /** Of the kernel, as `uname -r` says it. */
  readonly release: string;
}

/** The image in `folder`, made there where it is not or is of other packages: about five minutes. Root only. @throws with what Debian's tools said */
export async function boardImage(folder: string, suite: string, say: (text: string) => void): Promise<BoardImage> {
  const recipe = createHash("sha256")
    .update(JSON.stringify([suite, PACKAGES, FILES, RAMDISK, DISK]))
    .digest("hex");
  const stamp = join(folder, "stamp");
  if ((await readIfPresent(stamp)) !== recipe) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await make(folder, suite, say);
    await writeFile(stamp, recipe);
  } else say("image: as made before");
  const release = await readFile(join(folder, "release"), "utf8");
  return { disk: join(folder, "disk"), kernel: join(folder, "kernel"), ramdisk: join(folder, "ramdisk"), release };
}

async function make(folder: string, suite: string, say: (text: string) => void): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "loa-board-root-"));
  const ours = await understandArm();
  try {
    say(`image: Debian ${suite} for arm64, ${PACKAGES.length} packages and theirs, by mmdebstrap`);
    const began = Date.now();
    const alive = setInterval(() => say(`image: … ${Math.round((Date.now() - began) / 1_000)} s`), 20_000);
    const small = ["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*"];
    const include = `--include=${PACKAGES.join(",")}`;
    const hook = `--essential-hook=${RAMDISK}`;
    await run("mmdebstrap", ["--arch=arm64", "--variant=minbase", include, hook, ...small, suite, root]).finally(() =>
      clearInterval(alive),
    );
    for (const [name, text] of Object.entries(FILES)) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
    await mkdir(join(root, "host"));
    await run("systemctl", [`--root=${root}`, "enable", "systemd-networkd.service"]);
    const boot = await readdir(join(root, "boot"));
    const kernel = boot.find((name) => name.startsWith("vmlinuz-")) ?? "";
    const release = kernel.slice("vmlinuz-".length);
    await copyFile(join(root, "boot", kernel), join(folder, "kernel"));
    await copyFile(join(root, "boot", `initrd.img-${release}`), join(folder, "ramdisk"));
    await writeFile(join(folder, "release"), release);
    say("image: ext4");
    const disk = join(folder, "disk.part");
    await run("mke2fs", ["-q", "-t", "ext4", "-L", "board", "-d", root, disk, DISK]);
    await rename(disk, join(folder, "disk"));
  } finally {
    if (ours) await run("update-binfmts", ["--disable", BINARIES]);
    await rm(root, { recursive: true, force: true });
  }
}

/** Has the kernel hand programs of the board to the emulator, unless it does, or runs them itself; whether that was our doing. */
async function understandArm(): Promise<boolean> {
  const can = await run("arch-test", ["arm64"]).then(
    () => true,
    () => false,
  );
  if (!can) await run("update-binfmts", ["--enable", BINARIES]);
  return !can;
}

async function run(command: string, args: readonly string[]): Promise<void> {
  await execute(command, [...args], { maxBuffer: 100_000_000, env: { ...process.env, LC_ALL: "C.UTF-8" } });
}
