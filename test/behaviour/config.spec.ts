/** Configuration from afar may be wrong; a station must never be lost by it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConfigView } from "../../agent/control/config-view.ts";
import { MINUTE, SECOND } from "../../playback/model/units.ts";
import { randomFrom } from "../source/random.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { Cluster } from "../support/cluster/cluster.ts";
import { type Behaviour, ConfigWorld } from "../support/virtual/config-world.ts";

/** The campaign asks for 500. */
const TRIALS = Number(process.env.LOA_CONFIGS ?? 50);
const WINDOW_S = 60;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-config-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("a configuration that names other brokers", () => {
  it(`is taken back within its deadline and 5 s in ${TRIALS} of ${TRIALS} trials with kills and boots in between`, {
    timeout: TRIALS * 1_000 + 20_000,
  }, async () => {
    const random = randomFrom(20_261_122);
    const stranded: string[] = [];
    for (let trial = 0; trial < TRIALS; trial++) {
      const world = new ConfigWorld(join(folder, `t${trial}`));
      await world.start();
      world.adopt(1, { policy: { volume: 40 } });
      await world.seconds(5);
      expect(world.book.state.pending).toBeNull();
      const behaviour = (["silent", "absent", "deadly"] as const)[trial % 3] as Behaviour;
      world.brokers.set("mqtt://elsewhere", behaviour);
      const bad = world.adopt(2, { brokers: ["mqtt://elsewhere"], confirmWithinMs: WINDOW_S * SECOND });
      const story: string[] = [behaviour];
      let left = WINDOW_S + 5;
      for (let n = Math.floor(random() * 4); n > 0 && left > 5; n--) {
        const wait = 1 + Math.floor(random() * 20);
        await world.seconds(wait);
        left -= wait;
        const how = random() < 0.3 ? "boot" : "restart";
        story.push(`${how} after ${wait} s`);
        await world[how]();
      }
      await world.seconds(Math.max(left, 1));
      const home = world.book.brokers()[0] === "mqtt://home" && world.connected;
      if (!home) stranded.push(`${trial}: ${story.join(", ")}`);
      // Known as bad, it is not tried again by itself.
      await world.seconds(120);
      if (behaviour !== "absent") expect(world.book.state.failed).toContain(bad);
      expect(world.book.layers.map(({ body }) => body.policy.volume)).toEqual([40]);
      // And the next good word of the province is heard.
      world.adopt(3, { policy: { volume: 55 } });
      await world.seconds(65);
      expect([world.book.state.pending, world.book.layers[0]?.body.policy.volume]).toEqual([null, 55]);
      await world.kill();
    }
    expect(stranded).toEqual([]);
  });

  it("is confirmed by the first signed answer that comes from there, and survives a boot afterwards", async () => {
    const world = new ConfigWorld(folder);
    await world.start();
    world.brokers.set("mqtt://new", "source");
    world.adopt(1, { brokers: ["mqtt://new"] });
    await world.seconds(5);
    expect(world.book.state.pending).toBeNull();
    await world.boot();
    expect(world.book.brokers()).toEqual(["mqtt://new"]);
    await world.kill();
  });

  it("is not even tried while the present broker is lost, because then both would be", async () => {
    const world = new ConfigWorld(folder);
    await world.start();
    world.brokers.set("mqtt://silent", "silent");
    world.adopt(1, { brokers: ["mqtt://silent"], confirmWithinMs: 10 * MINUTE });
    await world.seconds(3);
    expect(world.book.brokers()).toEqual(["mqtt://silent"]);
    world.adopt(2, { brokers: ["mqtt://home", "mqtt://silent"] });
    await world.seconds(3);
    expect(world.book.waiting).toContain("not connected");
    expect(world.book.brokers()).toEqual(["mqtt://silent"]);
    await world.kill();
  });
});

describe("a running station", () => {
  let cluster: Cluster;
  let silent: Server;
  beforeEach(async () => {
    const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
    cluster = await Cluster.open({ environment, folder: join(folder, "cluster") });
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    await cluster.close();
    silent.close();
  });
  const view = async () => (await cluster.agent?.ask("GET", "/v1/config")) as ConfigView;
  const until = async (what: string, holds: (view: ConfigView) => boolean, withinMs: number) => {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const now = await view();
      if (holds(now)) return now;
      if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what} ${JSON.stringify(now)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it("leaves a broker that only takes connections, also when it was killed in the window, and keeps its technician informed", {
    timeout: 60_000,
  }, async () => {
    await cluster.startAgent();
    await until(
      "the first configuration confirmed",
      ({ pending, layers }) => pending === null && layers.length === 1,
      10_000,
    );
    const port = (silent.address() as { port: number }).port;
    const publishedAt = performance.now();
    await cluster.source.publish(
      "config",
      { policy: { quietHours: [], volume: 33 }, brokers: [`mqtt://127.0.0.1:${port}`], confirmWithinMs: 6_000 },
      { address: "province/01" },
    );
    await until("the new brokers in force", ({ brokers }) => brokers[0]?.endsWith(`:${port}`) === true, 5_000);
    await cluster.agent?.kill("SIGKILL");
    await cluster.startAgent();
    expect((await view()).policy.volume).toBe(33);
    const back = await until("taken back", ({ pending }) => pending === null, 12_000);
    expect(performance.now() - publishedAt).toBeLessThanOrEqual(6_000 + 5_000);
    expect(back.policy.volume).not.toBe(33);
    expect(back.failed).toHaveLength(1);
    await cluster.agent?.until("the link up", ({ link }) => link.connected, 10_000);
    const history = await cli(cluster.place, ["config", "history", "--lang", "en"]);
    expect(history.stdout).toMatch(/config-pending[\s\S]+config-reverted .*no signed message/);
    const status = await cluster.agent?.until("the concern", ({ concerns }) =>
      concerns.some(({ code }) => code === "config-reverted"),
    );
    expect(status?.concerns.map(({ code }) => code)).toContain("config-reverted");
  });

  it("takes a technician's own layer by the same path, and gives it back", { timeout: 40_000 }, async () => {
    await cluster.startAgent();
    await until(
      "the first configuration confirmed",
      ({ pending, layers }) => pending === null && layers.length === 1,
      10_000,
    );
    cluster.source.time.answers = false;
    const file = join(folder, "own.yaml");
    await writeFile(file, "policy:\n  volume: 21\n");
    expect((await cli(cluster.place, ["config", "apply", file])).code).toBe(0);
    expect((await view()).policy.volume).toBe(21);
    const diff = await cli(cluster.place, ["config", "diff"]);
    expect(diff.stdout).toContain("+ local.policy.volume: 21");
    expect((await cli(cluster.place, ["config", "confirm"])).code).toBe(0);
    expect((await view()).pending).toBeNull();
    expect((await cli(cluster.place, ["config", "confirm"])).code).toBe(65);
    expect((await cli(cluster.place, ["config", "rollback"])).code).toBe(0);
    expect((await view()).policy.volume).not.toBe(21);
    await writeFile(file, "policy:\n  volume: 2100\n");
    const refused = await cli(cluster.place, ["config", "apply", file]);
    expect([refused.code, refused.stderr]).toEqual([65, expect.stringContaining("volume")]);
  });
});
