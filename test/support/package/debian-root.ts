/** A clean Debian in a folder, with what the package depends on, in which it is installed as on a board. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
/** Dependencies of the package, so that installing it needs no network. */
const BASE = ["systemd", "udev", "ffmpeg", "espeak-ng", "fonts-dejavu-core", "libasound2", "libstdc++6"];

export interface Ran {
  readonly code: number;
  readonly output: string;
}

export class DebianRoot {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Made by mmdebstrap from the machine's own sources; takes about a minute. */
  static async make(suite: string): Promise<DebianRoot> {
    const folder = mkdtempSync(join(tmpdir(), "loa-root-"));
    const small = ["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*"];
    await execute("mmdebstrap", ["--variant=minbase", `--include=${BASE.join(",")}`, ...small, suite, folder], {
      maxBuffer: 50_000_000,
    });
    return new DebianRoot(folder);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs a command inside; never rejects for an exit code. */
  async run(command: string, ...args: readonly string[]): Promise<Ran> {
    // `/proc` for Node, a little of `/dev`; nothing of the machine's own system.
    const inside = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--root", this.folder];
    try {
      const { stdout, stderr } = await execute(inside[0] ?? "", [...inside.slice(1), command, ...args], {
        maxBuffer: 50_000_000,
        timeout: 120_000,
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", DEBIAN_FRONTEND: "noninteractive", LANG: "C.UTF-8" },
      });
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string };
      return { code: Number(code ?? 1), output: `${stdout ?? ""}${stderr ?? ""}` };
    }
  }

  async install(deb: string): Promise<Ran> {
    await mkdir(this.path("packages"), { recursive: true });
    await copyFile(deb, join(this.path("packages"), basename(deb)));
    return this.run("dpkg", "-i", `/packages/${basename(deb)}`);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Debian's name of the release that this machine has. */
export function release(): string {
  return execFileSync("sh", ["-c", ". /etc/os-release; echo $VERSION_CODENAME"], { encoding: "utf8" }).trim();
}
