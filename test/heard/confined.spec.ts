/**
 * The agent and its guard as their service units confine them: no capability, the unit's system calls and addresses, nothing more. The agent measures,
 * decodes and is heard; the guard has the amplifier off when the agent is killed.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { boardMonotonic } from "../../drivers/board/protocol.ts";
import type { MediaFile } from "../source/media.ts";
import { builtFolder } from "../support/cluster/agent-process.ts";
import { localParts, STATION } from "../support/cluster/cluster.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";
import { GuardListener } from "../support/drivers/guard-listener.ts";
import { coverage, findBeginning } from "../support/sound/coverage.ts";

const UNITS = resolve(import.meta.dirname, "../../deploy/package/files");
const UNDER_UNIT = resolve(import.meta.dirname, "../support/package/under-unit.py");
const POWERLESS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"];
const under = (unit: string) => [...POWERLESS, "/usr/bin/python3", UNDER_UNIT, join(UNITS, unit)];
const UNDER = under("loa.service");
const GUARD = [...under("loa-guard@.service"), process.execPath, join(builtFolder(), "drivers/guard/main.js")];

let folder: string;
let heard: HeardCluster;
let listener: GuardListener;
let bulletin: MediaFile;
let at: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-guard-"));
  listener = await GuardListener.start(folder, GUARD);
  const environment = { LOA_GUARD_SOCKET: listener.socket };
  heard = await HeardCluster.open({ sound: { band: "off" }, under: UNDER, environment });
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

afterAll(async () => {
  await heard?.close();
  listener?.stop();
  await rm(folder, { recursive: true, force: true });
});

it("holds no capability and runs under the filter, and so does its guard", async () => {
  const guards = await listener.guards();
  expect(guards).toHaveLength(1);
  for (const pid of [heard.cluster.agent?.pid, ...guards]) {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    expect(/^CapEff:\s+0+$/m.test(status)).toBe(true);
    expect(/^CapBnd:\s+0+$/m.test(status)).toBe(true);
    expect(/^Seccomp:\s+2$/m.test(status)).toBe(true);
  }
});

it("is heard at its instant, whole", () => {
  const { recorder } = heard;
  const [recording, source] = [recorder.samples(), heard.samplesOf(bulletin)];
  const head = findBeginning(recording, source, { sample: recorder.sampleAt(at), within: 500 * 48 });
  if (head === null) throw new Error("the bulletin is not heard where it was planned");
  expect(Math.abs(recorder.wallTimeOf(head.sample) - at)).toBeLessThan(100);
  // Across breaks of the card: two files take turns at the cores here.
  expect(coverage(recording, source, head.sample).matched / 48).toBeGreaterThan(bulletin.durationMs - 100);
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

it("is killed, and its guard has the amplifier off within 3 s", async () => {
  const { agent, board } = heard.cluster;
  const [guard] = await listener.guards();
  if (agent === null) throw new Error("no agent runs");
  // Stopped first: it would see that somebody else moved its lines.
  process.kill(agent.pid, "SIGSTOP");
  await board.drive({ power: true, muted: false });
  const killed = boardMonotonic();
  await agent.kill("SIGKILL");
  const off = await board.logged(
    (line) => line.event === "lines" && line.power === false && line.muted === true,
    killed,
  );
  expect(off.pid).toBe(guard);
  expect(off.monotonicMs - killed).toBeLessThan(3_000);
});
