/**
 * The agent as the service unit confines it: no capability, the unit's system calls and addresses, nothing more. It measures, decodes and is heard.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { MediaFile } from "../source/media.ts";
import { localParts, STATION } from "../support/cluster/cluster.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";

const UNIT = resolve(import.meta.dirname, "../../deploy/package/files/loa.service");
const UNDER_UNIT = resolve(import.meta.dirname, "../support/package/under-unit.py");
const POWERLESS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"];
const UNDER = [...POWERLESS, "/usr/bin/python3", UNDER_UNIT, UNIT];

let heard: HeardCluster;
let bulletin: MediaFile;
let at: number;

beforeAll(async () => {
  heard = await HeardCluster.open({
    sound: { band: "off" },
    under: UNDER,
  });
  const { cluster } = heard;
  bulletin = await heard.speech("Trạm phát thanh chạy trong khuôn khổ của dịch vụ.", "mp3");
  const agent = await cluster.startAgent();
  await cluster.approve([bulletin]);
  await cluster.cached();
  await agent.until("all media measured", ({ media }) => media.unmeasured === 0);
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
  at = Math.ceil((Date.now() + 2_500) / 1_000) * 1_000;
  const { date, time } = localParts(at);
  const items = [{ kind: "media" as const, id: "tin", title: bulletin.title, sha256: bulletin.sha256 }];
  await cluster.schedule([
    { id: "sang", title: "Bản tin", class: "normal", recurrence: { kind: "once", date }, start: time, items },
  ]);
  await heard.recorder.until(at + bulletin.durationMs + 1_500);
}, 60_000);

afterAll(() => heard?.close());

it("holds no capability and runs under the filter", async () => {
  const status = await readFile(`/proc/${heard.cluster.agent?.pid}/status`, "utf8");
  expect(/^CapEff:\s+0+$/m.test(status)).toBe(true);
  expect(/^CapBnd:\s+0+$/m.test(status)).toBe(true);
  expect(/^Seccomp:\s+2$/m.test(status)).toBe(true);
});

it("is heard at its instant, whole", () => {
  const item = heard.find(bulletin, at, 500);
  expect(item.score).toBeGreaterThan(0.9);
  expect(Math.abs(item.at - at)).toBeLessThan(100);
  expect(item.lengthMs).toBeGreaterThan(bulletin.durationMs - 100);
});

it("lets what only shows yield to what sounds", async () => {
  const [command = "", ...args] = [...UNDER, "nice", "-n", "10", "nice"];
  expect(await promisify(execFile)(command, args)).toEqual({ stdout: "10\n", stderr: "" });
});

it("knows how loud the file is, and its networks", async () => {
  const log = await readFile(heard.cluster.place.logFile, "utf8");
  expect(log).not.toMatch(/could not be measured|Operation not permitted/);
  const host = await heard.cluster.source.waitFor(
    (source) =>
      source
        .health(STATION)
        .map((health) => health.host)
        .findLast((one) => "network" in one),
    20_000,
  );
  expect(Array.isArray(host.network)).toBe(true);
});
