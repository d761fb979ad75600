/** A blank board, a technician with a stick, no network: it must leave as a station, and enrol when the province can be reached. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse, stringify } from "yaml";
import type { AcceptanceView } from "../../agent/setup/countersigning.ts";
import { writeStick } from "../source/stick.ts";
import { type AgentPlace, AgentProcess, builtFolder, cli } from "../support/cluster/agent-process.ts";
import { COMMUNE, localParts, PROVINCE, SHORT_TIMES, STATION } from "../support/cluster/cluster.ts";
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

const WEEK = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
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
    expect((await running.status()).enrolment.state).toMatch(/^(pending|enrolled)$/);
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

describe("a station that was set up without a network", () => {
  /** Set up from a file, with the commissioning folder on the stick; gives the record's digest and the printed page. */
  async function accepted(): Promise<{ page: string; recordSha256: string }> {
    const answers = join(folder, "answers.yaml");
    const told = { commission: await stick(), technician: "Trần Văn An", tone: "skip", state: state() };
    const hardware = { amplifier: { kind: "simulated", socket: secured.cluster.board.socket } };
    await writeFile(answers, stringify({ ...told, socket: place.socket, hardware }));
    const ran = await cli(place, ["setup", "--from", answers, "--yes", "--json", "--lang", "en"]);
    const { page, countersigned } = JSON.parse(ran.stdout) as { page: string; countersigned: unknown };
    expect(countersigned).toBeNull();
    // The field's pauses between neighbours are too long for a test.
    const written = parse(await readFile(place.configFile, "utf8")) as { uplink: object };
    const uplink = { ...written.uplink, ...SHORT_TIMES.uplink };
    await writeFile(place.configFile, stringify({ ...written, uplink }));
    const record = await readFile(page.replace(/\.html$/, ".json"));
    return { page, recordSha256: createHash("sha256").update(record).digest("hex") };
  }
  const view = async (running: AgentProcess) =>
    (await running.ask("GET", "/v1/enrolment")) as { state: string; acceptance: AcceptanceView | null };
  async function countersignedBy(running: AgentProcess): Promise<AcceptanceView> {
    for (let n = 0; n < 200; n++) {
      const { acceptance } = await view(running);
      if (acceptance !== null && acceptance.countersigned !== null) return acceptance;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`not countersigned: ${JSON.stringify(await view(running))}`);
  }

  it("has its acceptance countersigned with its enrolment, before the broker is ever reached, and tells so", {
    timeout: 60_000,
  }, async () => {
    const { page, recordSha256 } = await accepted();
    await secured.cluster.broker.stop("SIGKILL");
    const running = await start();
    const { sha256, countersigned } = await countersignedBy(running);
    expect([sha256, countersigned?.by]).toEqual([recordSha256, "province-01"]);
    const status = await running.status();
    expect([status.enrolment.state, status.link.connected]).toEqual(["enrolled", false]);
    const signed = page.replace(/\.html$/, ".countersigned.html");
    expect(countersigned?.page).toBe(signed);
    expect(await readFile(signed, "utf8")).toContain("countersigned by province-01 on");
    expect(await readFile(page, "utf8")).toContain("not yet: the province signs when the station enrols");
    const said = await cli(place, ["enrol", "--lang", "en"]);
    expect(said.stdout).toContain(`Acceptance ${sha256.slice(0, 12)}…: countersigned by province-01 on 20`);
    expect((await cli(place, ["enrol", "--lang", "vi"])).stdout).toContain("province-01 đã ký xác nhận lúc");
  });

  it("shows the word at the end of set-up where that starts the agent and the province answers", {
    timeout: 60_000,
  }, async () => {
    // The service manager of a machine that has none: it starts the agent that is installed.
    const tools = join(folder, "tools");
    await mkdir(tools);
    const program = `${process.execPath} ${join(builtFolder(), "agent/cli/main.js")} run --config ${place.configFile}`;
    const script = `#!/bin/sh\n[ "$1" = enable ] || exit 1\n${program} >/dev/null 2>>${place.logFile} &\necho $! >${tools}/pid\n`;
    await writeFile(join(tools, "systemctl"), script, { mode: 0o755 });
    place = { ...place, environment: { ...place.environment, PATH: `${tools}:${process.env.PATH}` } };
    await mkdir(join(folder, "etc"));
    await writeFile(place.configFile, stringify({ uplink: SHORT_TIMES.uplink }));
    const answers = join(folder, "answers.yaml");
    const told = { commission: await stick(), tone: "skip", state: state(), socket: place.socket, start: "now" };
    await writeFile(answers, stringify(told));
    const command = ["setup", "--from", answers, "--yes", "--lang", "en", "--socket", place.socket];
    const ran = await cli(place, command).finally(async () => {
      const pid = Number(await readFile(join(tools, "pid"), "utf8"));
      process.kill(pid, "SIGTERM");
      while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 50));
    });
    expect(ran.stdout).toContain("Waiting for the province to countersign");
    expect(ran.stdout).toMatch(/acceptance\/\S+\.countersigned\.html\n/);
    expect(ran.stdout).toMatch(/Acceptance [0-9a-f]{12}…: countersigned by province-01 on 20\d\d-/);
  });

  it("refuses a countersignature of another acceptance and enrols all the same; the right one comes by the broker", {
    timeout: 60_000,
  }, async () => {
    secured.cluster.source.acknowledges = false;
    const { source } = secured.cluster;
    secured.countersign = (name, handed) => source.countersign(name, { ...handed, sha256: "0".repeat(64) });
    const { recordSha256 } = await accepted();
    const running = await start();
    await running.until("the link up", ({ link }) => link.connected, 20_000);
    // The broker may let the station in before the documents that came with the certificate are judged.
    const refused = await vi.waitFor(
      async () => {
        const { records } = (await running.ask("GET", "/v1/journal?limit=200")) as {
          records: { kind: string; body: { reason?: string; detail?: string } }[];
        };
        const found = records.find(({ kind }) => kind === "refused")?.body;
        if (found === undefined) throw new Error("nothing was refused yet");
        return found;
      },
      { timeout: 10_000, interval: 100 },
    );
    expect(refused).toMatchObject({
      reason: "policy",
      detail: expect.stringContaining("000000000000… is none of this station"),
    });
    expect((await view(running)).acceptance).toEqual({ sha256: recordSha256, countersigned: null });
    expect((await cli(place, ["enrol", "--lang", "en"])).stdout).toContain("not countersigned yet");
    secured.cluster.source.acknowledges = true;
    // What was sent unacknowledged is sent again, or something new is.
    await running.ask("POST", "/v1/volume", { volume: 40, by: "test" });
    const { sha256, countersigned } = await countersignedBy(running);
    expect([sha256, countersigned?.by]).toEqual([recordSha256, "province-01"]);
  });
});

describe("a signed command", () => {
  it("moves the station to another commune; what the old one signed counts no longer", {
    timeout: 40_000,
  }, async () => {
    const { cluster } = secured;
    const programme = {
      ...{ id: "xa-cu", title: "xã cũ", class: "normal" as const, start: "05:00" },
      recurrence: { kind: "weekly" as const, weekdays: [...WEEK] },
      items: [{ kind: "silence" as const, id: "s", title: "s", durationMs: 1_000 }],
    };
    await cluster.source.publish(
      "schedule",
      { level: "commune", programmes: [programme] },
      { address: "commune/00004" },
    );
    const first = await cluster.startAgent();
    const planned = async (agent: AgentProcess) => {
      const { slots } = (await agent.ask("GET", "/v1/agenda?days=2")) as { slots: { title: string }[] };
      return slots.map(({ title }) => title);
    };
    await vi.waitFor(async () => expect(await planned(first)).toContain("xã cũ"), { timeout: 15_000, interval: 100 });
    await cluster.source.command(`station/${STATION}`, { name: "re-home", commune: "00007", hamlet: "thon-2" });
    await first.exited;
    const moved = await cluster.startAgent();
    const status = await moved.until("the link up", ({ link }) => link.connected, 20_000);
    expect([status.commune, await planned(moved)]).toEqual(["00007", []]);
    const { records } = (await moved.ask("GET", "/v1/journal?limit=100")) as {
      records: { kind: string; body: object }[];
    };
    expect(records.find(({ kind }) => kind === "re-homed")?.body).toMatchObject({ commune: "00007", hamlet: "thon-2" });
  });
});
