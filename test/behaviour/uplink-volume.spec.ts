/** What an idle station costs its province: a modem's data is paid for by the megabyte. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { parseStationFile } from "../../agent/config/station-file.ts";
import { Cluster, STATION } from "../support/cluster/cluster.ts";
import { CountingProxy } from "../support/cluster/counting-proxy.ts";

const DAY_S = 86_400;
/** `KEEP_ALIVE_S` of the link, and what a ping and its answer weigh (MQTT 5 §3.12, §3.13). */
const KEEP_ALIVE_S = 45;
const PING_BYTES = 4;
/** A slot's record and its acknowledgement; six programmes a day are usual. */
const SLOTS = 6;
const ALLOWED = 250_000;

let folder: string;
let cluster: Cluster;
let proxy: CountingProxy;
afterEach(async () => {
  await cluster.close();
  await proxy.stop();
  await rm(folder, { recursive: true, force: true });
});

it(`is at most ${ALLOWED / 1_000} KB a day, counted on the wire`, { timeout: 60_000 }, async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-volume-"));
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  // The cluster's short times make health come every 2 s; each is as long as in the field.
  cluster = await Cluster.open({
    environment,
    folder: join(folder, "cluster"),
    through: async (port) => {
      proxy = await CountingProxy.start(port);
      return proxy.port;
    },
  });
  const agent = await cluster.startAgent();
  await agent.until("the link up", ({ link }) => link.connected);
  await cluster.source.waitFor((source) => source.health(STATION).length >= 2, 20_000);
  await agent.until("nothing left to tell", ({ outbox }) => outbox.rows === 0);
  const connecting = proxy.up + proxy.down;
  const before = { bytes: connecting, reports: cluster.source.health(STATION).length };
  await sleep(9_000);
  const reports = cluster.source.health(STATION).length - before.reports;
  expect(reports).toBeGreaterThanOrEqual(3);
  const perReport = (proxy.up + proxy.down - before.bytes) / reports;
  await agent.until("nothing left to tell", ({ outbox }) => outbox.rows === 0);
  const quiet = proxy.up + proxy.down;
  await agent.ask("POST", "/v1/volume", { volume: 51 });
  await agent.until("told and acknowledged", ({ outbox }) => outbox.rows === 0);
  const perEvent = Math.max(proxy.up + proxy.down - quiet, 1_500);
  const field = parseStationFile("station: s\ncommune: '00004'\nprovince: '01'\nroot: r\n", "/");
  if (!("uplink" in field)) throw new Error("the smallest station file has a mistake");
  const day = {
    connecting,
    health: Math.round((DAY_S / (field.uplink.healthEveryMs / 1_000)) * perReport),
    pings: Math.round((DAY_S / KEEP_ALIVE_S) * PING_BYTES),
    slots: SLOTS * perEvent,
  };
  const total = Object.values(day).reduce((sum, bytes) => sum + bytes, 0);
  process.stdout.write(
    `idle uplink (bytes a day): ${JSON.stringify({ ...day, total, perReport: Math.round(perReport) })}\n`,
  );
  expect(total).toBeLessThanOrEqual(ALLOWED);
});
