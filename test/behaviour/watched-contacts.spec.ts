/** Door, isolator and mains of a real station, as contacts tell of them. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cli } from "../support/cluster/agent-process.ts";
import { Cluster } from "../support/cluster/cluster.ts";

const WATCHED = ["door", "isolator", "mains"] as const;
type Watched = (typeof WATCHED)[number];

let folder: string;
let cluster: Cluster;
const set = (one: Watched, closed: boolean) => writeFile(join(folder, one), closed ? "1" : "0");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-watched-"));
  await mkdir(join(folder, "supplies"));
  for (const one of WATCHED) await set(one, true);
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  cluster = await Cluster.open({ environment, folder: join(folder, "cluster") });
  await cluster.configure({
    hardware: {
      contacts: WATCHED.map((does) => ({
        ...{ name: does, does, kind: "simulated", file: join(folder, does), steadyMs: 100 },
      })),
      battery: { path: join(folder, "supplies"), capacityWh: 100, idleW: 5, playingW: 60 },
    },
  });
});
afterEach(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

async function written(): Promise<Record<string, unknown>[]> {
  const { stdout } = await cli(cluster.place, ["journal", "--json", "--limit", "100"]);
  const { records } = JSON.parse(stdout) as { records: { kind: string; body: object }[] };
  return records
    .filter(({ kind }) => (WATCHED as readonly string[]).includes(kind))
    .map(({ kind, body }) => ({ kind, ...body }));
}

describe("a station whose cabinet, isolator and mains have contacts", { timeout: 90_000 }, () => {
  it("is concerned about what is open and writes it down", async () => {
    const agent = await cluster.startAgent();
    const until = (codes: readonly string[]) =>
      agent.until(codes.join() || "all shut", ({ concerns }) => {
        const raised = concerns.map(({ code }): string => code);
        return ["cabinet-open", "isolator-open", "on-battery"].every(
          (code) => codes.includes(code) === raised.includes(code),
        );
      });
    await sleep(2_000);
    await until([]);
    expect(await written()).toEqual([]);
    await set("door", false);
    await until(["cabinet-open"]);
    await set("isolator", false);
    await set("mains", false);
    const view = await until(["cabinet-open", "isolator-open", "on-battery"]);
    const details = view.concerns.map(({ code, detail }) => `${code}: ${detail}`);
    expect(details).toContain("isolator-open: isolator");
    expect(details).toContain("on-battery: charge unknown; the rest is kept for emergencies");
    expect(
      (await written()).map(({ kind, contact, state, moves }) => [kind, contact, state, moves]).toSorted(),
    ).toEqual(WATCHED.map((one) => [one, one, "open", 1]));
    for (const one of ["door", "isolator"] as const) await set(one, true);
    await until(["on-battery"]);
  });
});
