/** What is done at the pole is done by somebody: the kernel names him, and a key may be asked for. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { hashToken } from "../../agent/control/officer-token.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { Cluster } from "../support/cluster/cluster.ts";

let folder: string;
let cluster: Cluster;
afterEach(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

it("mutes only for who shows the officer's token, and journals who that was and who tried", {
  timeout: 40_000,
}, async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-controls-"));
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  const station = { limits: { officerToken: await hashToken("chìa khoá") } };
  cluster = await Cluster.open({ environment, folder: join(folder, "cluster"), station });
  const agent = await cluster.startAgent();
  const refused = await cli(cluster.place, ["mute"]);
  expect([refused.code, refused.stderr]).toEqual([65, expect.stringContaining("--token")]);
  expect((await cli(cluster.place, ["mute", "--token", "sai"])).code).toBe(65);
  expect((await agent.status()).muted).toBe(false);
  expect((await cli(cluster.place, ["mute", "--token", "chìa khoá"])).code).toBe(0);
  expect((await agent.status()).muted).toBe(true);
  const { records } = (await agent.ask("GET", "/v1/journal?limit=50")) as {
    records: { kind: string; body: { by?: string; what?: string; why?: string } }[];
  };
  const { uid, username } = userInfo();
  const kernel = expect.stringContaining(`${username} (uid ${uid})`);
  expect(records.filter(({ kind }) => kind === "control-refused").map(({ body }) => body)).toEqual([
    { what: "mute", by: kernel, why: expect.stringContaining("--token") },
    { what: "mute", by: kernel, why: "the token is wrong" },
  ]);
  expect(records.find(({ kind }) => kind === "muted")?.body).toEqual({ by: kernel });
});
