/** What dpkg is told of the package, and what it runs when the package comes and goes. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, lutimesSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Architecture, TARGETS } from "./architectures.ts";
import { walk } from "./modules.ts";

/** What the program calls or loads from the system. */
const DEPENDS = [
  "libc6 (>= 2.36)",
  "libstdc++6 (>= 12)",
  "libasound2 | libasound2t64",
  "ffmpeg",
  "espeak-ng",
  "fonts-dejavu-core",
];
const RECOMMENDS = ["systemd | systemd-standalone-sysusers", "chrony | systemd-timesyncd", "alsa-utils"];
/** For boards with faces; cage does not start without Xwayland. */
const SUGGESTS = ["chromium", "cage", "xwayland", "seatd"];
const SCRIPTS = ["preinst", "postinst", "prerm", "postrm"] as const;

export interface ControlOptions {
  readonly stage: string;
  readonly arch: Architecture;
  readonly version: string;
  readonly epoch: number;
}

export function writeControl({ stage, arch, version, epoch }: ControlOptions): void {
  refuseForeign(stage, arch);
  const files = walk(stage);
  const kib = files.reduce((sum, path) => sum + Math.ceil(lstatSync(path).size / 1_024), 0);
  const control = join(stage, "DEBIAN");
  mkdirSync(control);
  writeFileSync(
    join(control, "control"),
    [
      "Package: loa",
      `Version: ${version}`,
      `Architecture: ${arch}`,
      "Maintainer: Loa <loa@localhost.localdomain>",
      `Installed-Size: ${kib}`,
      `Depends: ${DEPENDS.join(", ")}`,
      `Recommends: ${RECOMMENDS.join(", ")}`,
      `Suggests: ${SUGGESTS.join(", ")}`,
      "Section: sound",
      "Priority: optional",
      "Description: agent of a commune's loudspeaker station",
      " Plays signed schedules through loudspeakers and on public boards, with or",
      " without a network; reports what was really heard and shown.",
      "",
    ].join("\n"),
  );
  const sums = files
    .map((path) => `${createHash("md5").update(readFileSync(path)).digest("hex")}  ${relative(stage, path)}`)
    .sort((a, b) => (a.slice(34) < b.slice(34) ? -1 : 1));
  writeFileSync(join(control, "md5sums"), `${sums.join("\n")}\n`);
  for (const name of SCRIPTS) {
    writeFileSync(join(control, name), readFileSync(join(import.meta.dirname, "files", name)), { mode: 0o755 });
  }
  settle(stage, epoch);
}

/** A module for another processor would be found out on the pole. @throws Error */
function refuseForeign(stage: string, arch: Architecture): void {
  const natives = walk(stage).filter((path) => path.endsWith(".node") || path.endsWith("/node"));
  for (const path of natives) {
    const kind = execFileSync("file", ["-b", path], { encoding: "utf8" });
    if (!kind.includes(TARGETS[arch].machine)) throw new Error(`${path} is not for ${arch}: ${kind}`);
  }
}

/** What is started; everything else is read. */
const EXECUTABLE = /\/(usr\/bin\/loa|usr\/lib\/loa\/node|DEBIAN\/(preinst|postinst|prerm|postrm))$/;

/** Modes and times are the same wherever and by whomever it is built. */
function settle(folder: string, epoch: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const entry = lstatSync(path);
    if (entry.isDirectory()) settle(path, epoch);
    else if (entry.isFile()) chmodSync(path, EXECUTABLE.test(path) ? 0o755 : 0o644);
    lutimesSync(path, epoch, epoch);
  }
  chmodSync(folder, 0o755);
  lutimesSync(folder, epoch, epoch);
}
