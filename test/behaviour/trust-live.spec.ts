/** The real agent on a real broker: new root keys while it runs, and a restart that a signed command asks for. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../../agent/cli/command.ts";
import { Cluster, STATION } from "../support/cluster/cluster.ts";

interface JournalRecord {
  readonly kind: string;
  readonly body: { readonly kind?: string; readonly seq?: number; readonly name?: string; readonly status?: string };
}

let folder: string;
let cluster: Cluster;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-trust-"));
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  cluster = await Cluster.open({ environment, folder: join(folder, "cluster") });
  await cluster.startAgent();
});
afterEach(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

const records = () => cluster.source.records(STATION).map(({ record }) => record as unknown as JournalRecord);
const told = (kind: string, what: Partial<JournalRecord["body"]>) =>
  cluster.source.waitFor(
    () =>
      records().some(
        (one) =>
          one.kind === kind && Object.entries(what).every(([name, value]) => Reflect.get(one.body, name) === value),
      ),
    15_000,
  );

const schedule = (id: string) =>
  cluster.schedule([
    {
      id,
      title: id,
      class: "normal",
      recurrence: { kind: "weekly", weekdays: ["MO"] },
      start: "05:00",
      items: [{ kind: "silence", id: "i", durationMs: 1_000 }],
    },
  ]);

describe("a running station", () => {
  it("takes two new roots in turn without losing its schedule, over a restart that was ordered by a command", {
    timeout: 60_000,
  }, async () => {
    await schedule("truoc");
    await told("adopted", { kind: "schedule", seq: 1 });
    await cluster.source.rotateRoot();
    await told("adopted", { kind: "root", seq: 2 });
    await cluster.source.rotateRoot({ keep: 1 });
    await told("adopted", { kind: "root", seq: 3 });
    expect(records().filter(({ kind }) => kind === "withdrawn")).toEqual([]);

    await cluster.source.command(`station/${STATION}`, { name: "restart" });
    expect(await cluster.agent?.exited).toBe(EXIT.unavailable);
    const agent = await cluster.startAgent();
    await told("command-result", { name: "restart", status: "done" });
    await agent.until("the link up", ({ link }) => link.connected);
    await cluster.source.publishTrust();
    await schedule("sau");
    await told("adopted", { kind: "schedule", seq: 2 });
    expect(records().filter(({ kind }) => kind === "withdrawn" || kind === "refused")).toEqual([]);
  });

  it("that was away for three rotations follows them from its pinned root, whatever the broker sends first", {
    timeout: 60_000,
  }, async () => {
    await cluster.agent?.kill("SIGKILL");
    for (let n = 0; n < 3; n++) await cluster.source.rotateRoot();
    await schedule("sau");
    await cluster.startAgent();
    await told("adopted", { kind: "root", seq: 4 });
    await told("adopted", { kind: "schedule", seq: 1 });
  });
});
