/** What the drop-in for boards with faces opens of the service, and nothing more. */
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";

const FILES = resolve(import.meta.dirname, "../../deploy/package/files");
const assessed = z.array(z.object({ name: z.string(), set: z.boolean().nullable() }));

it("opens six things, and exposes the service by no more than 2.3", async () => {
  const root = await mkdtemp(join(tmpdir(), "loa-faces-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const units = join(root, "usr/lib/systemd/system");
  const drop = join(root, "etc/systemd/system/loa.service.d");
  await mkdir(units, { recursive: true });
  await copyFile(join(FILES, "loa.service"), join(units, "loa.service"));
  const ask = (...more: string[]) =>
    execFileSync(
      "systemd-analyze",
      ["security", "--offline=true", `--root=${root}`, "--no-pager", ...more, "loa.service"],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
  const open = () => {
    const rows = assessed.parse(JSON.parse(ask("--json=short")));
    return rows.filter(({ set }) => set === false).map(({ name }) => name);
  };
  const before = open();
  await mkdir(drop, { recursive: true });
  await copyFile(join(FILES, "faces.conf"), join(drop, "faces.conf"));
  expect(
    open()
      .filter((name) => !before.includes(name))
      .toSorted(),
  ).toEqual([
    "RestrictAddressFamilies=~AF_NETLINK",
    "RestrictNamespaces=~net",
    "RestrictNamespaces=~pid",
    "RestrictNamespaces=~user",
    "SystemCallFilter=~@mount",
    "SystemCallFilter=~@privileged",
  ]);
  const exposure = Number(/Overall exposure level for loa\.service: ([\d.]+)/.exec(ask())?.[1]);
  expect(exposure).toBeGreaterThan(1.5);
  expect(exposure).toBeLessThanOrEqual(2.3);
});
