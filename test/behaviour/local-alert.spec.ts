/** An alert raised on the spot, with the real program, no sound card and no network. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConfigView } from "../../agent/control/config-view.ts";
import { hashToken } from "../../agent/control/officer-token.ts";
import { type AgentProcess, cli } from "../support/cluster/agent-process.ts";
import { Cluster } from "../support/cluster/cluster.ts";

let folder: string;
let cluster: Cluster;
let key: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-local-alert-"));
  key = join(folder, "key");
  await writeFile(key, "0");
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  cluster = await Cluster.open({ environment, folder: join(folder, "cluster") });
  await cluster.configure({
    limits: { officerToken: await hashToken("thon-1-2026") },
    hardware: {
      contacts: [{ name: "khoa-truong-thon", does: "local-alert", kind: "simulated", file: key, steadyMs: 100 }],
    },
  });
});
afterEach(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

const standing = ({ emergencies }: { emergencies: readonly { headline: string }[] }) =>
  emergencies.map(({ headline }) => headline).join();

async function written(): Promise<boolean> {
  const { stdout } = await cli(cluster.place, ["journal", "--json", "--limit", "50"]);
  return (JSON.parse(stdout) as { records: { kind: string }[] }).records.some(({ kind }) => kind === "local-alert");
}

async function confirmed(agent: AgentProcess): Promise<boolean> {
  const { confirmed: kept, pending } = (await agent.ask("GET", "/v1/config")) as ConfigView;
  return pending === null && kept.layers.some(({ body }) => body.policy.localAlert !== undefined);
}

async function start(signed: boolean): Promise<void> {
  if (signed) {
    const policy = { quietHours: [], localAlert: { headline: "Cháy, sơ tán ngay", text: "Cháy, sơ tán ngay." } };
    await cluster.source.publish("config", { policy }, { address: "province/01" });
  }
  const agent = await cluster.startAgent();
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
  // Confirmed by the source, else it is taken back when the source has gone.
  for (let tries = 0; signed && !(await confirmed(agent)); tries++) {
    expect(tries).toBeLessThan(200);
    await sleep(50);
  }
  await cluster.source.stop();
  await cluster.broker.stop("SIGKILL");
}

describe("an alert raised on the spot", { timeout: 60_000 }, () => {
  it("stands while the key is turned, over a kill of the agent, and ends when it is turned back", async () => {
    await start(true);
    // Found open first: a key that is closed from the start raises nothing.
    await sleep(1_000);
    await writeFile(key, "1");
    const raised = await cluster.agent?.until("the alert", (view) => standing(view) === "Cháy, sơ tán ngay");
    const identifier = raised?.emergencies[0]?.identifier;
    expect(identifier).toMatch(/^local-\d{8}T\d{6}Z-[0-9a-f]{8}$/);
    // It sounds before it is written; what the power takes in between is raised by turning the key again.
    for (let tries = 0; !(await written()); tries++) {
      expect(tries).toBeLessThan(200);
      await sleep(50);
    }
    await cluster.agent?.kill("SIGKILL");
    const again = await cluster.startAgent();
    const after = await again.until("the alert again", (view) => standing(view) === "Cháy, sơ tán ngay");
    expect(after.emergencies[0]?.identifier).toBe(identifier);
    await writeFile(key, "0");
    await again.until("silence", (view) => standing(view) === "");
    const { stdout } = await cli(cluster.place, ["journal", "--json", "--limit", "200"]);
    const kinds = (JSON.parse(stdout) as { records: { kind: string; body: { by?: string } }[] }).records;
    expect(kinds.find(({ kind }) => kind === "local-alert")?.body.by).toBe("contact khoa-truong-thon");
    expect(kinds.find(({ kind }) => kind === "emergency-stop")?.body.by).toBe("contact khoa-truong-thon");
  });

  it("needs the officer's token at the command line, and stops for good", async () => {
    await start(true);
    const without = await cli(cluster.place, ["emergency", "raise"]);
    expect([without.code === 0, without.stderr]).toEqual([false, expect.stringContaining("token")]);
    expect((await cli(cluster.place, ["emergency", "raise", "--token", "thon-1-2026"])).code).toBe(0);
    const view = await cluster.agent?.until("the alert", (one) => standing(one) === "Cháy, sơ tán ngay");
    const first = view?.emergencies[0]?.identifier;
    // The same one, not a second.
    const { stdout } = await cli(cluster.place, ["emergency", "raise", "--token", "thon-1-2026", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ raised: first });
    await cli(cluster.place, ["emergency", "stop", "--token", "thon-1-2026"]);
    await cluster.agent?.until("silence", (one) => standing(one) === "");
  });

  it("is refused where no signed configuration says what it is, and a technician's own layer does not count", async () => {
    await start(false);
    const layer = join(folder, "layer.yaml");
    await writeFile(layer, "policy:\n  localAlert: { headline: Giả, text: Giả }\n");
    await cli(cluster.place, ["config", "apply", layer]);
    const { code, stderr } = await cli(cluster.place, ["emergency", "raise", "--token", "thon-1-2026"]);
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining("localAlert")]);
    expect(standing((await cluster.agent?.status()) ?? { emergencies: [{ headline: "no agent" }] })).toBe("");
  });
});
