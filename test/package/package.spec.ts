/** The Debian package as a technician meets it: built, looked at by Debian's own tools, installed, upgraded, removed, purged. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProvincialSource } from "../source/source.ts";
import { DebianRoot, release } from "../support/package/debian-root.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const execute = promisify(execFile);
const out = mkdtempSync(join(tmpdir(), "loa-packages-"));
const OWN = process.arch === "arm64" ? "arm64" : "amd64";

interface Built {
  readonly file: string;
  readonly version: string;
  readonly sha256: string;
}

async function build(arch: string, folder: string, epoch?: number): Promise<Built> {
  const env = { ...process.env, ...(epoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(epoch) }) };
  const args = ["deploy/package/package.ts", "--arch", arch, "--out", join(out, folder), "--quick"];
  const { stdout } = await execute(process.execPath, args, { cwd: ROOT, env, maxBuffer: 50_000_000 });
  return JSON.parse(stdout) as Built;
}

let first: Built;
beforeAll(async () => {
  first = await build(OWN, "first");
}, 240_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe("the package", () => {
  it("is the same bytes when it is built again", { timeout: 240_000 }, async () => {
    const second = await build(OWN, "second");
    const digest = async ({ file }: Built) =>
      createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
    expect(await digest(second)).toBe(first.sha256);
    expect(await digest(first)).toBe(first.sha256);
  });

  it("has no error that lintian knows", { timeout: 120_000 }, async () => {
    const { stdout } = await execute("lintian", ["--fail-on", "none", "--tag-display-limit", "0", first.file]);
    expect(stdout.split("\n").filter((line) => line.startsWith("E:"))).toEqual([]);
  });

  it.each(["loa.service", "loa-guard@.service"])(
    "runs %s exposed by no more than 1.5",
    { timeout: 60_000 },
    async (name) => {
      const folder = join(out, "tree");
      await execute("dpkg-deb", ["-x", first.file, folder]);
      const unit = join(folder, "usr/lib/systemd/system", name);
      const { stdout } = await execute("systemd-analyze", ["security", "--offline=true", "--no-pager", unit]);
      const exposure = Number(/Overall exposure level for loa[^:]*\.service: ([\d.]+)/.exec(stdout)?.[1]);
      expect(exposure).toBeGreaterThan(0);
      expect(exposure).toBeLessThanOrEqual(1.5);
      const units = [unit, join(dirname(unit), "loa-guard.socket")];
      await execute("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", ...units]).catch((error) => {
        // The programs that it starts stand where the package puts them, not here.
        const said = String((error as { stderr: string }).stderr).split("\n");
        expect(
          said.filter((line) => line !== "" && !/is not executable|Unknown lvalue|No such file/.test(line)),
        ).toEqual([]);
      });
    },
  );

  it("holds nothing of where it was built", { timeout: 60_000 }, async () => {
    const folder = join(out, "tree");
    for (const name of await readdir(join(folder, "usr/lib/loa/node_modules/sqlite3/build/Release"))) {
      const bytes = await readFile(join(folder, "usr/lib/loa/node_modules/sqlite3/build/Release", name));
      expect(bytes.includes(ROOT)).toBe(false);
    }
  });
});

describe("the package on a clean Debian", () => {
  let board: DebianRoot;
  beforeAll(async () => {
    board = await DebianRoot.make(release());
  }, 300_000);
  afterAll(() => board?.remove());

  const STATE = "var/lib/loa/identity/station.json";
  const kept = async () => [
    await readFile(board.path(STATE), "utf8").catch(() => null),
    await readFile(board.path("etc/loa/station.yaml"), "utf8").catch(() => null),
  ];

  it("installs, with its user, its service and a program that runs", { timeout: 240_000 }, async () => {
    const installed = await board.install(first.file);
    expect(installed.output).not.toContain("error");
    expect(installed.code).toBe(0);
    const { output: groups } = await board.run("id", "-nG", "loa");
    expect(groups.trim().split(" ")).toEqual(
      expect.arrayContaining(["gpio", "audio", "dialout", "video", "render", "input"]),
    );
    expect((await board.run("systemctl", "is-enabled", "loa.service")).output.trim()).toBe("enabled");
    expect((await board.run("loa", "version")).output.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await board.run("loa", "doctor", "--lang", "en")).output).toContain("station.yaml");
    expect((await board.run("loa", "help", "--lang", "vi")).output).toContain("Cách dùng");
  });

  it("is made a station by a technician who is root, and the service can read it", { timeout: 120_000 }, async () => {
    const source = await ProvincialSource.open(join(out, "source"), { broker: "mqtt://127.0.0.1:9", doNotWait: true });
    const root = source.ceremony.rootFile();
    const said = { version: 1, station: "xa-00004-cum-01", commune: "00004", province: "01", brokers: [], root };
    await mkdir(board.path("stick"), { recursive: true });
    await writeFile(board.path("stick/commission.json"), JSON.stringify({ ...said, claim: "DOI-LAY-CHUNG-THU" }));
    const done = await board.run("loa", "commission", "/stick", "--lang", "en");
    expect([done.code, done.output]).toEqual([0, expect.stringContaining("xa-00004-cum-01")]);
    const asService = await board.run("runuser", "-u", "loa", "--", "loa", "config", "check", "--lang", "en");
    expect([asService.code, asService.output]).toEqual([0, expect.stringContaining("correct")]);
    for (const name of ["station.yaml", "root.json"]) {
      expect((await stat(board.path(`etc/loa/${name}`))).mode & 0o777, name).toBe(0o640);
    }
    const claim = "/var/lib/loa/identity/claim";
    expect((await board.run("runuser", "-u", "loa", "--", "cat", claim)).output).toBe("DOI-LAY-CHUNG-THU\n");
    expect((await board.run("runuser", "-u", "nobody", "--", "cat", claim)).code).not.toBe(0);
    await source.stop();
  });

  it("keeps identity and configuration through upgrade, downgrade, removal and reinstallation", {
    timeout: 240_000,
  }, async () => {
    await mkdir(board.path("var/lib/loa/identity"), { recursive: true });
    await writeFile(board.path(STATE), "khoá của trạm");
    await writeFile(board.path("etc/loa/station.yaml"), "station: xa-00004-cum-01\n");
    const before = await kept();
    const newer = await build(OWN, "newer", 2_000_000_000);
    expect(newer.version > first.version).toBe(true);
    for (const { file } of [newer, first]) {
      expect((await board.install(file)).code).toBe(0);
      expect(await kept()).toEqual(before);
    }
    expect((await board.run("dpkg", "-r", "loa")).code).toBe(0);
    expect(await kept()).toEqual(before);
    expect((await board.run("test", "-e", "/usr/bin/loa")).code).toBe(1);
    expect((await board.install(first.file)).code).toBe(0);
    expect(await kept()).toEqual(before);
  });

  it("stays switched off where somebody switched it off", { timeout: 60_000 }, async () => {
    await board.run("systemctl", "disable", "loa.service");
    expect((await board.install(first.file)).code).toBe(0);
    expect((await board.run("systemctl", "is-enabled", "loa.service")).output.trim()).toBe("disabled");
  });

  it("leaves nothing after a purge", { timeout: 60_000 }, async () => {
    expect((await board.run("dpkg", "-P", "loa")).code).toBe(0);
    expect(await kept()).toEqual([null, null]);
    for (const path of ["/etc/loa", "/var/lib/loa", "/usr/lib/loa", "/usr/lib/systemd/system/loa.service"]) {
      expect((await board.run("test", "-e", path)).code, path).toBe(1);
    }
  });
});
