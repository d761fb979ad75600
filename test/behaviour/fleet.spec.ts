/** What a fleet does to its broker when that goes and comes back. The campaign runs it with 2,000 stations and two minutes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { Fleet } from "../support/fleet/fleet.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";

const STATIONS = Number(process.env.LOA_FLEET ?? 60);
const DOWN_S = Number(process.env.LOA_FLEET_DOWN_S ?? 4);
/** The field's times, shortened with the outage: two minutes of it belong to a cap of two minutes. */
const SCALE = DOWN_S / 120;
const TIMES = { baseMs: 2_000 * SCALE, capMs: 120_000 * SCALE, spreadMs: 60_000 * SCALE, stableMs: 60_000 * SCALE };
const MOST_ATTEMPTS = 500;

let folder: string;
let broker: Mosquitto;
let fleet: Fleet | null = null;
afterEach(async () => {
  await fleet?.close();
  await broker.stop("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

it(`brings ${STATIONS} stations back after a broker that was dead for ${DOWN_S} s, with nothing lost or doubled`, {
  timeout: 120_000 + DOWN_S * 8_000 + STATIONS * 100,
}, async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-fleet-broker-"));
  broker = await Mosquitto.start({ folder, extra: ["max_inflight_messages 100", "max_connections -1"] });
  fleet = await Fleet.open(
    STATIONS,
    { urls: [broker.url], stop: () => broker.stop("SIGKILL"), restart: () => broker.restart() },
    TIMES,
    20_000 * SCALE + 2_000,
  );
  const first = await fleet.untilConnected(1, 60_000 + STATIONS * 50);
  await fleet.write(1, 2_000 + STATIONS * 5);
  fleet.attempts();
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
  process.stdout.write(
    `fleet: ${JSON.stringify({ stations: STATIONS, down: DOWN_S, firstMs: Math.round(first), backMs: Math.round(back), attempts: total, peakPerSecond: peak })}\n`,
  );
  expect(problems).toEqual([]);
  expect(fleet.faults).toEqual([]);
  expect(back).toBeLessThanOrEqual(120_000 * Math.max(SCALE, 0.1));
  expect(peak).toBeLessThanOrEqual(Math.max(MOST_ATTEMPTS, STATIONS));
});
