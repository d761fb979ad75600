/** What a fleet does to its broker when that goes and comes back. The campaign runs it with 2,000 stations and two minutes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Fleet } from "../support/fleet/fleet.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { NatsCluster } from "../support/processes/nats-cluster.ts";

const STATIONS = Number(process.env.LOA_FLEET ?? 60);
const DOWN_S = Number(process.env.LOA_FLEET_DOWN_S ?? 4);
const NATS_STATIONS = Number(process.env.LOA_FLEET_NATS ?? 12);
/** A cluster stores the first birth of each new station three times: no province switches all on at once. */
const NATS_START_MS = 30;
/** The field's times, shortened with the outage: two minutes of it belong to a cap of two minutes. */
const SCALE = DOWN_S / 120;
const TIMES = { baseMs: 2_000 * SCALE, capMs: 120_000 * SCALE, spreadMs: 60_000 * SCALE, stableMs: 60_000 * SCALE };
const RESEND_MS = 20_000 * SCALE + 2_000;
const MOST_ATTEMPTS = 500;
const COMMAND_MS = 300_000;

let folder: string;
let broker: Mosquitto | null = null;
let nats: NatsCluster | null = null;
let fleet: Fleet | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-fleet-broker-"));
});
afterEach(async () => {
  await fleet?.close();
  await broker?.stop("SIGKILL");
  await nats?.stop();
  [fleet, broker, nats] = [null, null, null];
  await rm(folder, { recursive: true, force: true });
});

function tell(what: string, figures: object): void {
  process.stdout.write(`${what}: ${JSON.stringify(figures)}\n`);
}

it(`brings ${STATIONS} stations back after a broker that was dead for ${DOWN_S} s, with nothing lost or doubled`, {
  timeout: 120_000 + DOWN_S * 8_000 + STATIONS * 100,
}, async () => {
  broker = await Mosquitto.start({ folder, extra: ["max_inflight_messages 100", "max_connections -1"] });
  fleet = await Fleet.open(STATIONS, { urls: [broker.url] }, TIMES, RESEND_MS);
  const first = await fleet.untilConnected(1, 60_000 + STATIONS * 50);
  await fleet.write(1, 2_000 + STATIONS * 5);
  await broker.stop("SIGKILL");
  await fleet.write(2, (DOWN_S * 1_000) / 2);
  await sleep((DOWN_S * 1_000) / 2);
  fleet.attempts();
  await broker.restart();
  const back = await fleet.untilConnected(0.99, 120_000);
  await fleet.untilConnected(1, 240_000);
  const { peak, total } = fleet.attempts();
  await fleet.write(3, 2_000);
  const problems = await fleet.account(120_000 + STATIONS * 50);
  tell("fleet on Mosquitto", {
    stations: STATIONS,
    downSeconds: DOWN_S,
    firstMs: Math.round(first),
    backMs: Math.round(back),
    attempts: total,
    peakPerSecond: peak,
  });
  expect(problems).toEqual([]);
  expect(fleet.faults).toEqual([]);
  expect(back).toBeLessThanOrEqual(120_000 * Math.max(SCALE, 0.1));
  expect(peak).toBeLessThanOrEqual(Math.min(MOST_ATTEMPTS, 2 * STATIONS));
});

it(`keeps ${NATS_STATIONS} stations on a three-node NATS cluster of which one node is killed, with nothing lost or doubled`, {
  timeout: 300_000 + NATS_STATIONS * 500,
}, async () => {
  nats = await NatsCluster.start(folder);
  fleet = await Fleet.open(
    NATS_STATIONS,
    { urls: nats.urls, older: true, startEveryMs: NATS_START_MS },
    TIMES,
    RESEND_MS,
  );
  const first = await fleet.untilConnected(1, 60_000 + NATS_STATIONS * 300);
  await fleet.write(1, 2_000 + NATS_STATIONS * 5);
  // The hardest one to lose: a third of the stations sit on it, perhaps the source too, and nothing is published until another one leads.
  const leader = await nats.leader();
  await nats.kill(leader);
  fleet.attempts();
  const killedAt = performance.now();
  await fleet.write(2, 2_000 + NATS_STATIONS * 5);
  // Published while some stations are there and others on their way back: nothing of it is queued for either.
  const changed = fleet.source.publish("config", { policy: { volume: 71 } }, { address: "province/01" });
  const ordered = fleet.source.command("province/01", { name: "volume", percent: 60 }, { expiresInMs: COMMAND_MS });
  await fleet.untilConnected(0.99, 120_000);
  const back = performance.now() - killedAt;
  await nats.revive(leader);
  await fleet.untilConnected(1, 240_000);
  await fleet.write(3, 2_000);
  // Before the account: an adoption is an event, too.
  const lacking = await fleet.lacking((await changed).sha256, 60_000);
  const disobedient = await fleet.disobedient((await ordered).claims.jti, COMMAND_MS);
  const problems = await fleet.account(60_000 + NATS_STATIONS * 500);
  const { peak, total } = fleet.attempts();
  tell("fleet on NATS", {
    stations: NATS_STATIONS,
    firstMs: Math.round(first),
    backMs: Math.round(back),
    attempts: total,
    peakPerSecond: peak,
    allStoredMs: Math.round(performance.now() - killedAt),
  });
  expect(problems).toEqual([]);
  expect(lacking).toEqual([]);
  expect(disobedient).toEqual([]);
  expect(fleet.faults).toEqual([]);
  expect(back).toBeLessThanOrEqual(120_000 * Math.max(SCALE, 0.1));
  expect(peak).toBeLessThanOrEqual(Math.min(MOST_ATTEMPTS, 2 * NATS_STATIONS));
});
