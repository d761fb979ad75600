/** A bundle as a technician sends it: readable by tar, bounded, and without a secret that was on the machine. */
import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { supportBundle } from "../../../agent/support/support-bundle.ts";
import { tarGz } from "../../../agent/support/tar.ts";
import { Ceremony } from "../../source/ceremony.ts";
import { MachineBench, WELL_AGENT } from "../../support/doctor/machine-bench.ts";
import { temporaryFolder } from "../../support/storage/temporary.ts";

const execute = promisify(execFile);

async function unpacked(bytes: Buffer): Promise<Record<string, string>> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "b.tar.gz"), bytes);
  await execute("tar", ["-xzf", "b.tar.gz", "-C", folder], { cwd: folder });
  const names = (await readdir(folder)).filter((name) => name !== "b.tar.gz");
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")])),
  );
}

describe("a support bundle", () => {
  it("tells what a machine is, without any secret that stands on it", async () => {
    const bench = await MachineBench.open((await Ceremony.hold()).rootFile());
    const log = join(bench.root, "var/log/loa.log");
    await bench.put(
      "var/log/loa.log",
      '{"level":40,"msg":"link down","reason":"mqtts://tram:mat-khau-log@h:1 refused","token":"mat-khau-log"}\n',
    );
    await bench.configure({
      log: { file: log },
      uplink: { brokers: ["mqtts://tram:mat-khau-broker@127.0.0.1:1"] },
      hardware: {
        board: {
          screen: { width: 64, height: 32 },
          faces: [
            {
              name: "mat-a",
              at: { x: 0, y: 0, width: 64, height: 32 },
              controller: { kind: "pjlink", link: { kind: "tcp", host: "127.0.0.1" }, password: "mat-khau-bang" },
            },
          ],
        },
      },
    });
    const bytes = await supportBundle({
      ...{ machine: bench.machine, config: bench.config, version: "1.2.3", by: "lan", agent: WELL_AGENT },
      ask: async (path) => ({ path, live: { url: "rtsp://u:mat-khau-nguon@cam/1" } }),
    });
    const files = await unpacked(bytes);
    expect(Object.keys(files).sort()).toEqual([
      ...["about.json", "agenda-warnings.json", "config.json", "doctor.json", "journal.json"],
      ...["log.txt", "machine.json", "station.yaml", "status.json"],
    ]);
    const text = Object.values(files).join("\n");
    expect(text).not.toContain("mat-khau");
    expect(files["log.txt"]).toContain("link down");
    expect(files["station.yaml"]).toContain("xa-00004-cum-01");
    expect(JSON.parse(files["about.json"] ?? "")).toMatchObject({ version: "1.2.3", by: "lan", running: true });
  });

  it("is made without an agent and of a broken station.yaml too, and says what is missing", async () => {
    const bench = await MachineBench.open((await Ceremony.hold()).rootFile());
    await bench.put("etc/loa/station.yaml", "station: [\nlimits: {officerToken: mat-khau}\n");
    await bench.put("bin/journalctl", "#!/bin/sh\nexit 1\n");
    const sources = { machine: bench.machine, config: bench.config, version: "1", by: "lan", agent: null, ask: null };
    const files = await unpacked(await supportBundle(sources));
    expect(files["missing.txt"]).toMatch(/status\.json: there is none[\s\S]*log\.txt: /);
    expect(Object.values(files).join()).not.toContain("mat-khau");
  });
});

describe("its tar", () => {
  it("gives back names and bytes of any length, as tar reads them", async () => {
    const entries = [0, 1, 511, 512, 513, 5_000].map((length) => ({ name: `f${length}`, text: "ế".repeat(length) }));
    const files = await unpacked(tarGz(entries, Date.parse("2026-11-22T00:00:00Z")));
    expect(files).toEqual(Object.fromEntries(entries.map(({ name, text }) => [name, text])));
    expect(() => tarGz([{ name: "x".repeat(101), text: "" }], 0)).toThrow("too long");
  });
});
