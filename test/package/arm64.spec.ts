/** The package for ARM boards, built here with a cross compiler and run under qemu's user emulation: what it loads is really for that processor. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const execute = promisify(execFile);
const out = mkdtempSync(join(tmpdir(), "loa-arm64-"));
const home = join(out, "tree/usr/lib/loa");
/** Where Debian's cross libraries stand. */
const LIBRARIES = "/usr/aarch64-linux-gnu";

/** Emulated programs may hang where the emulator does not know a call. */
const WITHIN = { timeout: 90_000, maxBuffer: 10_000_000 };
const emulated = (...args: readonly string[]) =>
  execute("qemu-aarch64", ["-L", LIBRARIES, join(home, "node"), ...args], WITHIN);

beforeAll(async () => {
  const args = ["deploy/package/package.ts", "--arch", "arm64", "--out", out, "--quick"];
  const { stdout } = await execute(process.execPath, args, { cwd: ROOT, maxBuffer: 50_000_000 });
  const { file } = JSON.parse(stdout) as { file: string };
  await execute("dpkg-deb", ["-x", file, join(out, "tree")]);
}, 420_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe.skipIf(process.arch === "arm64")("the package for arm64, emulated", () => {
  it("says its version and its commands", { timeout: 120_000 }, async () => {
    const main = join(home, "dist/agent/cli/main.js");
    expect((await emulated(main, "version")).stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await emulated(main, "help", "--lang", "vi")).stdout).toContain("loa face");
  });

  it("loads its natives: SQLite, the edge watcher, the C library's functions", { timeout: 120_000 }, async () => {
    const script = `
      const load = require("node:module").createRequire(${JSON.stringify(`${home}/dist/`)});
      const koffi = load("koffi");
      load("epoll");
      const sqlite3 = load("sqlite3");
      new sqlite3.Database(":memory:").get("select 6 * 7 as answer", (error, row) => {
        const same = koffi.load("libc.so.6").func("int getpid()")() === process.pid;
        console.log(JSON.stringify([process.arch, error, row.answer, same]));
      });`;
    expect(JSON.parse((await emulated("-e", script)).stdout)).toEqual(["arm64", null, 42, true]);
  });

  it("needs no newer C library than Debian 12 has", { timeout: 60_000 }, async () => {
    const natives = [
      "node",
      "node_modules/sqlite3/build/Release/node_sqlite3.node",
      "node_modules/epoll/build/Release/epoll.node",
      "node_modules/node-web-audio-api/node-web-audio-api.linux-arm64-gnu.node",
    ];
    for (const name of natives) {
      const { stdout } = await execute("readelf", ["-V", "--wide", join(home, name)], WITHIN);
      const needed = [...stdout.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
      expect(Math.max(...needed), name).toBeLessThanOrEqual(36);
    }
  });
});
