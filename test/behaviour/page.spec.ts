/** Who may speak into the station's microphone: the real program, no sound card, no network. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { hashToken } from "../../agent/control/officer-token.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { Cluster } from "../support/cluster/cluster.ts";

const TOKEN = ["--token", "thon-1-2026"];
let folder: string;
let cluster: Cluster;

afterEach(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(station: object, signed: boolean): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "loa-page-"));
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  cluster = await Cluster.open({ environment, folder: join(folder, "cluster") });
  await cluster.configure(station);
  if (signed)
    await cluster.source.publish("config", { policy: { quietHours: [], page: {} } }, { address: "province/01" });
  const agent = await cluster.startAgent();
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
  if (signed)
    await agent.until("the configuration", ({ concerns }) => concerns.every(({ code }) => code !== "config-pending"));
}

const refused = async (...args: string[]) => {
  const { code, stderr } = await cli(cluster.place, ["page", ...args]);
  return [code, stderr];
};
const limits = async () => ({ officerToken: await hashToken("thon-1-2026") });

describe("a page", { timeout: 60_000 }, () => {
  it("needs an officer's token that the station knows", async () => {
    await start({ hardware: { microphone: {} } }, true);
    expect(await refused(...TOKEN)).toEqual([65, expect.stringContaining("officer's token")]);
  });

  it("needs a signed layer; a technician's own does not count", async () => {
    await start({ limits: await limits(), hardware: { microphone: {} } }, false);
    const layer = join(folder, "layer.yaml");
    await writeFile(layer, "policy:\n  page: {}\n");
    await cli(cluster.place, ["config", "apply", layer]);
    expect(await refused(...TOKEN)).toEqual([65, expect.stringContaining("policy.page")]);
  });

  it("needs a microphone in station.yaml", async () => {
    await start({ limits: await limits() }, true);
    expect(await refused()).toEqual([65, expect.stringContaining("--token")]);
    expect(await refused(...TOKEN)).toEqual([65, expect.stringContaining("hardware.microphone")]);
    expect(await refused("stop")).toEqual([65, expect.stringContaining("--token")]);
    const { stdout } = await cli(cluster.place, ["page", "stop", ...TOKEN, "--json"]);
    expect(JSON.parse(stdout)).toEqual({ stopped: null });
  });

  it("is refused at once where the microphone cannot be opened", async () => {
    await start({ limits: await limits(), hardware: { microphone: { device: "USB" } } }, true);
    expect(await refused(...TOKEN)).toEqual([65, expect.stringContaining('no input "USB"; there are: none')]);
    expect((await cluster.agent?.status())?.over).toBeNull();
  });
});
