/** The real agent against a real broker, without a sound card: what reaches the source, and what a lost link may not lose. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { StatusView } from "../../agent/control/views.ts";
import { Database } from "../../storage/database.ts";
import { wireInstant } from "../source/envelope.ts";
import { ProvincialSource } from "../source/source.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { Cluster, type ClusterOptions, localParts, STATION } from "../support/cluster/cluster.ts";

let folder: string;
let cluster: Cluster;

async function open(options: Partial<ClusterOptions> = {}): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "loa-uplink-"));
  // An ALSA configuration without any card: the agent must live and speak without sound.
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  cluster = await Cluster.open({ environment, folder: join(folder, "cluster"), ...options });
  await cluster.startAgent();
}

afterEach(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

/** Something for the journal, by the way a technician makes it. */
async function write(times: number): Promise<void> {
  for (let n = 0; n < times; n++)
    await cluster.agent?.ask("POST", "/v1/volume", { volume: 50 + (n % 40), by: `test ${n}` });
}

const issued = async () => (await cluster.agent?.status())?.outbox.issued ?? 0;

describe("events", () => {
  it("reach a source that was down and a broker that was wiped once each, in order, with nothing missing", {
    timeout: 60_000,
  }, async () => {
    await open();
    const { agent, broker } = cluster;
    await write(10);
    await cluster.source.waitFor((source) => source.events(STATION).length >= 10, 10_000);
    await cluster.source.stop();
    await write(60);
    await broker.stop("SIGKILL");
    await agent?.until("the link down", ({ link }) => !link.connected);
    await write(30);
    await broker.wipe();
    await broker.restart();
    await agent?.until("the link up", ({ link }) => link.connected);
    await write(5);
    cluster.source = await ProvincialSource.open(join(cluster.folder, "source"), { broker: broker.url });
    await cluster.source.republish();
    const last = await issued();
    const events = await cluster.source.waitFor((source) => {
      const stored = source.events(STATION);
      return stored.length >= last ? stored : null;
    }, 30_000);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: events.length }, (_, n) => n + 1));
    expect(cluster.source.findings(STATION)).toEqual([]);
    await agent?.until("the outbox empty", ({ outbox }) => outbox.rows === 0);
  });

  it("stay in the outbox while the source does not acknowledge, across a kill of the agent", {
    timeout: 40_000,
  }, async () => {
    await open();
    cluster.source.acknowledges = false;
    await write(8);
    await cluster.source.waitFor((source) => source.events(STATION).length >= 8, 10_000);
    const { outbox } = (await cluster.agent?.status()) ?? expect.fail("no agent");
    const before = outbox.issued;
    expect(outbox.rows).toBe(before);
    await cluster.agent?.kill("SIGKILL");
    const agent = await cluster.startAgent();
    cluster.source.acknowledges = true;
    await write(1);
    await agent.until("the outbox empty", ({ outbox }) => outbox.rows === 0 && outbox.issued > before);
    expect(cluster.source.findings(STATION)).toEqual([]);
  });
});

describe("an outage longer than the outbox", () => {
  it("costs the least important events, and each of them is accounted for", { timeout: 60_000 }, async () => {
    await open({ outbox: { rows: 40 } });
    // What the source has and could not acknowledge any more would count as lost too.
    await cluster.agent?.until("the outbox empty", ({ outbox }) => outbox.rows === 0);
    await cluster.source.stop();
    await cluster.broker.stop("SIGKILL");
    await write(120);
    await cluster.broker.restart();
    cluster.source = await ProvincialSource.open(join(cluster.folder, "source"), { broker: cluster.broker.url });
    const last = await issued();
    await cluster.source.waitFor((source) => source.stored(STATION) >= last, 30_000);
    const delivered = cluster.source.events(STATION).map(({ seq }) => seq);
    const missing = cluster.source
      .gaps(STATION)
      .flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
    expect(missing.length).toBeGreaterThanOrEqual(80);
    // The link's own return is an event too, and comes when it comes.
    const told = [...delivered, ...missing].sort((a, b) => a - b);
    expect(told.length).toBeGreaterThanOrEqual(last);
    expect(told).toEqual(Array.from({ length: told.length }, (_, n) => n + 1));
    expect(
      cluster.source.findings(STATION).filter(({ kind }) => kind !== "broken-chain" && kind !== "missing-record"),
    ).toEqual([]);
  });
});

describe("a journal that root has rewritten", () => {
  it("is noticed by --verify on the station and by the source", { timeout: 40_000 }, async () => {
    await open();
    await write(6);
    await cluster.source.waitFor((source) => source.events(STATION).length >= 6, 10_000);
    expect((await cli(cluster.place, ["journal", "--verify"])).code).toBe(0);
    await cluster.agent?.kill("SIGTERM");
    const database = await Database.open(join(cluster.folder, "state/loa.db"));
    await database.run("DELETE FROM journal WHERE seq > 4");
    await database.run("UPDATE journal SET text = replace(text, 'test 0', 'test x')");
    await database.close();
    const agent = await cluster.startAgent();
    const verdict = await cli(cluster.place, ["journal", "--verify", "--lang", "en"]);
    expect([verdict.code, verdict.stdout]).toEqual([65, expect.stringContaining("ALTERED")]);
    await agent.until("the link up", ({ link }) => link.connected);
    const findings = await cluster.source.waitFor((source) => {
      const found = source.findings(STATION);
      return found.length > 0 ? found : null;
    }, 10_000);
    expect(findings.map(({ kind }) => kind)).toContain("fallen-head");
  });
});

describe("commands", () => {
  it("are executed once, answered again with the stored result, refused after their end, and say what is unsupported", {
    timeout: 40_000,
  }, async () => {
    await open();
    // Before signed time a command must prove its age otherwise; that is tested elsewhere.
    await cluster.agent?.until("signed time", ({ clock }) => clock.trust === "attested");
    const { source } = cluster;
    const results = () =>
      source
        .records(STATION)
        .map(({ record }) => record as { kind: string; body: { name: string; status: string; duplicate: boolean } })
        .filter(({ kind }) => kind === "command-result")
        .map(({ body }) => `${body.name} ${body.status}${body.duplicate ? " again" : ""}`);
    const address = `station/${STATION}` as const;
    const { topic, bytes } = await source.command(address, { name: "volume", percent: 33 });
    await cluster.agent?.until("the volume", ({ volume }) => volume === 33);
    await cluster.agent?.ask("POST", "/v1/volume", { volume: 70 });
    await source.publishBytes(topic, bytes);
    await source.waitFor(() => results().includes("volume done again"), 10_000);
    expect((await cluster.agent?.status())?.volume).toBe(70);
    await source.command(address, { name: "screenshot", face: "mat-1", putTo: "https://example.vn/x" });
    await source.waitFor(() => results().includes("screenshot unsupported"), 10_000);
    await source.command(address, { name: "volume", percent: 10 }, { exp: Date.now() - 1_000 });
    await source.waitFor(
      (one) =>
        one.records(STATION).some(({ record }) => (record as { body: { reason?: string } }).body.reason === "expired"),
      10_000,
    );
    await sleep(200);
    expect((await cluster.agent?.status())?.volume).toBe(70);
  });
});

describe("the broker's last word", () => {
  it("says that a killed station is gone, and its birth that it is back", { timeout: 40_000 }, async () => {
    await open();
    await cluster.source.waitFor((source) => source.presence(STATION) === "online", 10_000);
    await cluster.agent?.kill("SIGKILL");
    await cluster.source.waitFor((source) => source.presence(STATION) === "offline", 10_000);
    await cluster.startAgent();
    await cluster.source.waitFor((source) => source.presence(STATION) === "online", 10_000);
  });
});

describe("an alert that the officer stops", () => {
  it("stays stopped over a kill, while another one stands", { timeout: 40_000 }, async () => {
    await open();
    const publish = (identifier: string) =>
      cluster.source.publish(
        "emergency",
        {
          identifier,
          sent: wireInstant(Date.now()),
          status: "actual",
          msgType: "alert",
          expires: wireInstant(Date.now() + 600_000),
          headline: `Lũ ${identifier}`,
          items: [{ kind: "silence", id: "i", durationMs: 1_000 }],
        },
        { address: "province/01" },
      );
    const standing =
      (ids: string[]) =>
      ({ emergencies }: StatusView) =>
        emergencies
          .map(({ identifier }) => identifier)
          .sort()
          .join() === ids.join();
    await publish("lu-1");
    await cluster.agent?.until("the alert", standing(["lu-1"]));
    const stopped = await cli(cluster.place, ["emergency", "stop", "--json"]);
    expect([stopped.code, JSON.parse(stopped.stdout)]).toEqual([0, { stopped: ["lu-1"] }]);
    await cluster.agent?.until("its end", standing([]));
    await publish("lu-2");
    await cluster.agent?.until("the new one", standing(["lu-2"]));
    await cluster.agent?.kill("SIGKILL");
    const agent = await cluster.startAgent();
    await agent.until("only the new one", standing(["lu-2"]));
    await cluster.source.waitFor(
      (source) => source.records(STATION).some(({ record }) => (record as { kind: string }).kind === "emergency-stop"),
      10_000,
    );
  });
});

describe("without a sound card", () => {
  it("the agent lives, says so, and journals truthfully what could not sound", { timeout: 40_000 }, async () => {
    await open();
    const agent = cluster.agent;
    const at = Math.ceil((Date.now() + 1_500) / 1_000) * 1_000;
    const { date, time } = localParts(at);
    await cluster.schedule([
      {
        id: "sang",
        title: "Bản tin",
        class: "normal",
        lateness: { word: "cut-in" },
        recurrence: { kind: "once", date },
        start: time,
        items: [{ kind: "silence", id: "i", durationMs: 1_000 }],
      },
    ]);
    await agent?.until(
      "the concern",
      ({ concerns, sound }) => sound.state === "absent" && concerns.some(({ code }) => code === "sound-absent"),
    );
    const slot = await cluster.source.waitFor((source) => {
      const found = source
        .records(STATION)
        .map(({ record }) => record as { kind: string; body: { outcome: string; why: { reason: string } } });
      return found.find(({ kind }) => kind === "slot") ?? null;
    }, 20_000);
    expect([slot.body.outcome, slot.body.why.reason]).toEqual(["missed", "no-output"]);
  });
});

describe("the command line", () => {
  it("answers in Vietnamese and English, in JSON, and with sysexits when the daemon is down", {
    timeout: 120_000,
  }, async () => {
    await open();
    const { place, agent } = cluster;
    expect((await cli(place, ["status", "--lang", "vi"])).stdout).toContain("Đồng hồ");
    expect((await cli(place, ["status", "--lang", "en"])).stdout).toContain("Clock");
    expect(JSON.parse((await cli(place, ["status", "--json"])).stdout).station).toBe(STATION);
    expect((await cli(place, ["volume", "55"])).code).toBe(0);
    expect((await cli(place, ["volume", "--lang", "vi"])).stdout.trim()).toBe(
      "Âm lượng horn: 55 % (-13.5 dB) · ≤ 55 % · Khẩn cấp 100 % (0 dB)",
    );
    expect((await cli(place, ["volume", "550"])).code).toBe(64);
    expect((await cli(place, ["mute"])).code).toBe(0);
    expect((await agent?.status())?.muted).toBe(true);
    expect((await cli(place, ["unmute"])).code).toBe(0);
    expect((await cli(place, ["agenda", "--json"])).stdout).toContain("slots");
    expect((await cli(place, ["why", "05:10"])).code).toBe(0);
    expect((await cli(place, ["why", "never"])).code).toBe(65);
    expect((await cli(place, ["emergency", "stop", "--lang", "en"])).stdout).toContain("No emergency");
    expect((await cli(place, ["journal", "--json", "--limit", "3"])).stdout).toContain('"records":[{');
    expect((await cli(place, ["config", "check"])).code).toBe(0);
    expect((await cli(place, ["nonsense"])).code).toBe(64);
    await agent?.kill("SIGTERM");
    const down = await cli(place, ["status", "--lang", "en"]);
    expect([down.code, down.stderr]).toEqual([69, expect.stringContaining("No agent answers")]);
    const doctor = await cli(place, ["doctor", "--lang", "en"]);
    expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringContaining("not running")]);
    expect(doctor.stdout).toContain("✓ root");
    cluster.agent = null;
  });
});
