/** What the package does to the service when it comes, comes again and goes: its own scripts, with a service manager that only writes down what it is told. */
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../support/drivers/temporary.ts";

const FILES = join(import.meta.dirname, "../../../deploy/package/files");
/** In a mount namespace of its own, because what runs is looked for in `/run`. */
const RUN = 'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && for one in "$@"; do sh $one; done';

/** `scripts`: each with its arguments, as dpkg calls them. Gives what becomes of the service, in its order. */
async function told(enabled: boolean, ...scripts: readonly string[]): Promise<string[]> {
  const folder = await temporaryFolder();
  const programs = join(folder, "bin");
  await mkdir(programs);
  const said = join(folder, "said");
  const manager = `echo "$*" >> ${said}; [ "$1" != is-enabled ] || exit ${enabled ? 0 : 1}`;
  // None of them is to touch this machine.
  const others = ["systemd-sysusers", "systemd-tmpfiles", "udevadm"].map((name) => [name, "true"]);
  for (const [name = "", does = ""] of [["systemctl", manager], ...others]) {
    await writeFile(join(programs, name), `#!/bin/sh\n${does}\n`);
    await chmod(join(programs, name), 0o755);
  }
  const asRoot = process.getuid?.() === 0 ? [] : ["-r"];
  const args = [...asRoot, "-m", "--propagation", "private", "sh", "-ec", RUN, "sh", ...scripts];
  await promisify(execFile)("unshare", args, { cwd: FILES, env: { PATH: `${programs}:/usr/bin:/bin` } });
  return (await readFile(said, "utf8"))
    .split("\n")
    .filter((line) => /^(enable|restart|try-restart|start|stop) /.test(line));
}

describe("the package's scripts", () => {
  it("enable and start the service when it is first installed", async () => {
    expect(await told(true, "preinst install", "postinst configure")).toEqual([
      "enable loa.service",
      "restart loa.service",
    ]);
  });

  it.each([true, false])("replace only a service that runs at an upgrade, enabled or not (%s)", async (enabled) => {
    expect(await told(enabled, "preinst upgrade 0.0.9", "postinst configure 0.0.9")).toEqual([
      "try-restart loa.service",
    ]);
  });

  it("start what is put back after a removal, unless somebody switched it off", async () => {
    const scripts = ["prerm remove", "preinst install 0.0.9", "postinst configure 0.0.9"];
    expect(await told(true, ...scripts)).toEqual(["stop loa.service loa-guard.socket", "restart loa.service"]);
    expect(await told(false, ...scripts)).toEqual(["stop loa.service loa-guard.socket", "try-restart loa.service"]);
  });

  it("take the upgrade after it for an upgrade", async () => {
    const scripts = ["preinst install", "postinst configure", "preinst upgrade 0.0.9", "postinst configure 0.0.9"];
    expect((await told(true, ...scripts)).at(-1)).toBe("try-restart loa.service");
  });
});
