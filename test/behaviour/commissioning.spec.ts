/** A blank board, a technician with a stick, no network: it must leave as a station, and enrol when the province can be reached. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeStick } from "../source/stick.ts";
import { type AgentPlace, AgentProcess, cli } from "../support/cluster/agent-process.ts";
import { COMMUNE, localParts, PROVINCE, STATION } from "../support/cluster/cluster.ts";
import { SecuredCluster } from "../support/cluster/secured-cluster.ts";

let folder: string;
let secured: SecuredCluster;
let place: AgentPlace;
let agent: AgentProcess | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-pole-"));
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  secured = await SecuredCluster.open({ folder, environment, claim: "claim-on-the-stick" });
  place = {
    configFile: join(folder, "etc/station.yaml"),
    socket: join(folder, "agent.sock"),
    logFile: join(folder, "agent.log"),
    environment,
  };
});
afterEach(async () => {
  await agent?.kill("SIGTERM");
  agent = null;
  await secured.close();
  await rm(folder, { recursive: true, force: true });
});

const station = { station: STATION, commune: COMMUNE, province: PROVINCE };
const state = () => join(folder, "state");

async function stick(change: { replaces?: boolean; claim?: string } = {}): Promise<string> {
  const { cluster, authority, service } = secured;
  await cluster.schedule([
    {
      id: "sang",
      title: "Phút lặng",
      class: "normal",
      recurrence: { kind: "weekly", weekdays: ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] },
      start: localParts(Date.now() + 3_600_000).time,
      items: [{ kind: "silence", id: "i", durationMs: 5_000 }],
    },
  ]);
  const path = join(folder, "stick");
  await writeStick(path, cluster.source, station, [], {
    brokers: [cluster.broker.url.replace("mqtt:", "mqtts:")],
    enrolUrl: service.enrolUrl,
    timeUrl: service.timeUrl,
    authorities: authority.certificate,
    claim: "claim-on-the-stick",
    ...change,
  });
  return path;
}

const commission = (path: string, ...more: string[]) =>
  cli(place, ["commission", path, "--state", state(), "--lang", "en", ...more]);

async function start(): Promise<AgentProcess> {
  // The socket's packaged place is not ours to take in a test.

  const text = await readFile(place.configFile, "utf8");
  if (!text.includes("socket:")) await writeFile(place.configFile, `${text}socket: ${place.socket}\n`);
  agent = await AgentProcess.start(place);
  return agent;
}

describe("a blank board", () => {
  it("is commissioned from a stick without a network, has its schedule, and enrols once the province answers", {
    timeout: 60_000,
  }, async () => {
    const path = await stick();
    const { broker } = secured.cluster;
    await secured.cluster.source.stop();
    await broker.stop("SIGKILL");
    const done = await commission(path);
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining("Compare the root keys")]);
    const running = await start();
    const imported = await cli(place, ["import", path, "--json"]);
    expect(imported.code).toBe(0);
    const status = await running.until("the schedule", ({ next }) => next.length > 0 || true, 5_000);
    expect(status.enrolment.state).toMatch(/pending|enrolled/);
    const { slots } = (await running.ask("GET", "/v1/agenda?days=2")) as { slots: { title: string }[] };
    expect(slots.map(({ title }) => title)).toContain("Phút lặng");
    await broker.restart();
    await running.until("the link up", ({ link }) => link.connected, 20_000);
    expect(existsSync(join(folder, "etc/claim"))).toBe(false);
  });

  it("is not commissioned twice, nor takes another board's place without that name typed, nor from a torn file", {
    timeout: 40_000,
  }, async () => {
    const swapped = await stick({ replaces: true });
    const unsaid = await commission(swapped);
    expect([unsaid.code, unsaid.stderr]).toEqual([78, expect.stringContaining(`--replace ${STATION}`)]);
    expect((await commission(swapped, "--replace", "xa-00009-cum-01")).code).toBe(78);
    expect(existsSync(place.configFile)).toBe(false);
    expect((await commission(swapped, "--replace", STATION)).code).toBe(0);
    const again = await commission(swapped, "--replace", STATION);
    expect([again.code, again.stderr]).toEqual([78, expect.stringContaining("factory-reset")]);

    await writeFile(join(swapped, "commission.json"), '{"version":1,"station":');
    await rm(place.configFile);
    expect((await commission(swapped)).code).toBe(78);
    expect((await commission(join(folder, "nowhere"))).stderr).toContain("commission.json");
  });

  it("is what a station becomes by a factory reset, but never under a running agent", { timeout: 40_000 }, async () => {
    const path = await stick();
    expect((await commission(path)).code).toBe(0);
    await start();
    const running = await cli(place, ["factory-reset", "--yes", "--lang", "en"]);
    expect([running.code, running.stderr]).toEqual([65, expect.stringContaining("stop the loa service")]);
    await agent?.kill("SIGTERM");
    agent = null;
    expect((await cli(place, ["factory-reset", "--lang", "en"])).code).toBe(64);
    expect(existsSync(state())).toBe(true);
    expect((await cli(place, ["factory-reset", "--yes"])).code).toBe(0);
    expect([existsSync(state()), existsSync(place.configFile), existsSync(join(folder, "etc/root.json"))]).toEqual([
      false,
      false,
      false,
    ]);
    expect((await commission(path)).code).toBe(0);
  });
});

describe("a signed command", () => {
  it("moves the station to another commune, whose documents count from then on and the old ones no longer", {
    timeout: 40_000,
  }, async () => {
    const { cluster } = secured;
    await cluster.source.publish("schedule", { level: "commune", programmes: [] }, { address: "commune/00004" });
    const first = await cluster.startAgent();
    await first.until("the link up", ({ link }) => link.connected, 15_000);
    await cluster.source.command(`station/${STATION}`, { name: "re-home", commune: "00007", hamlet: "thon-2" });
    await first.exited;
    const moved = await cluster.startAgent();
    const status = await moved.status();
    expect(status.commune).toBe("00007");
    const { records } = (await moved.ask("GET", "/v1/journal?limit=100")) as {
      records: { kind: string; body: object }[];
    };
    expect(records.find(({ kind }) => kind === "re-homed")?.body).toMatchObject({ commune: "00007", hamlet: "thon-2" });
  });
});
