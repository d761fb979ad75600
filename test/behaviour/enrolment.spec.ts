/** A station with a certificate of its own against a real Mosquitto that lets nobody else in. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StatusView } from "../../agent/control/views.ts";
import { STATION } from "../support/cluster/cluster.ts";
import { OTHER, SecuredCluster } from "../support/cluster/secured-cluster.ts";

let folder: string;
let secured: SecuredCluster;
const environment = () => ({ ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-enrol-"));
});
afterEach(async () => {
  await secured.close();
  await rm(folder, { recursive: true, force: true });
});

const identity = async (slot: string) =>
  JSON.parse(await readFile(join(folder, "cluster/state/identity", `${slot}.json`), "utf8")) as {
    key: string;
    certificate: string;
    worked: number;
  };

describe("a commissioned station", () => {
  it("makes its own key, enrols with its claim once, and reports over mTLS", { timeout: 40_000 }, async () => {
    secured = await SecuredCluster.open({ folder, environment: environment() });
    const agent = await secured.cluster.startAgent();
    await agent.until("the link up", ({ link }) => link.connected, 15_000);
    await secured.cluster.source.waitFor((source) => source.presence(STATION) === "online", 5_000);
    expect((await agent.status()).enrolment).toMatchObject({ state: "enrolled", problem: null });
    expect(existsSync(join(folder, "claim"))).toBe(false);
    expect((await identity("current")).key).toContain("PRIVATE KEY");
  });

  it("plays on and says that it is pending where the claim is refused; a typed claim lets it in", {
    timeout: 40_000,
  }, async () => {
    secured = await SecuredCluster.open({ folder, environment: environment(), claim: null });
    const agent = await secured.cluster.startAgent();
    const pending = await agent.until("a refusal", ({ enrolment }) => enrolment.problem !== null, 10_000);
    expect(pending.enrolment.state).toBe("pending");
    expect(pending.link.connected).toBe(false);
    secured.service.addClaim("typed-by-hand", STATION);
    await agent.ask("POST", "/v1/enrolment", { claim: "typed-by-hand" });
    await agent.until("the link up", ({ link }) => link.connected, 15_000);
  });
});

describe("the generated access list", () => {
  it("denies each reading and writing across stations, and grants what is the station's own", {
    timeout: 90_000,
  }, async () => {
    secured = await SecuredCluster.open({ folder, environment: environment() });
    const other = await secured.authority.issueClient(OTHER.station);
    const client: MqttClient = await connectAsync(secured.cluster.broker.url.replace("mqtt:", "mqtts:"), {
      protocolVersion: 5,
      ca: secured.authority.certificate,
      key: other.key,
      cert: other.certificate,
      // The broker puts the certificate's name in its place.
      clientId: STATION,
    });
    const received: string[] = [];
    client.on("message", (topic) => received.push(topic));
    const foreign = [
      `loa/v1/station/${STATION}/command`,
      `loa/v1/station/${STATION}/time`,
      `loa/v1/station/${STATION}/ack`,
      "loa/v1/commune/00004/schedule/+",
      "loa/v1/province/02/config",
      `loa/v1/station/${STATION}/up/#`,
      "loa/v1/#",
      "#",
      "$SYS/#",
    ];
    for (const topic of foreign) await client.subscribeAsync(topic, { qos: 1 }).catch(() => undefined);
    await client.subscribeAsync(`loa/v1/station/${OTHER.station}/command`, { qos: 1 });
    await secured.cluster.source.command(`station/${STATION}`, { name: "report" });
    await secured.cluster.source.publish("schedule", { level: "commune" }, { address: "commune/00004" });
    for (const topic of [
      `loa/v1/station/${STATION}/up/birth`,
      `loa/v1/station/${STATION}/up/events`,
      `loa/v1/station/${OTHER.station}/command`,
      "loa/v1/all/trust",
      "loa/v1/province/01/config",
      "elsewhere",
    ]) {
      await client.publishAsync(topic, "forged", { qos: 1 }).catch(() => undefined);
    }
    // What is granted arrives last, so everything before it has been judged.
    await secured.cluster.source.command(`station/${OTHER.station}`, { name: "report" });
    const deadline = performance.now() + 5_000;
    const granted = `loa/v1/station/${OTHER.station}/command`;
    while (!received.includes(granted) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(received).toContain(granted);
    // By the wide subscriptions came what is for everybody in the province, and nothing else.
    const forEverybody = /^loa\/v1\/(all|province\/01)\/(trust|config)$/;
    expect(received.filter((topic) => topic !== granted && !forEverybody.test(topic))).toEqual([]);
    expect(secured.cluster.source.stations()).not.toContain(STATION);
    await client.endAsync(true);
  });

  it("lets nobody in without a certificate, or with one of another authority", { timeout: 30_000 }, async () => {
    secured = await SecuredCluster.open({ folder, environment: environment() });
    const { Authority } = await import("../source/authority.ts");
    const stranger = await (await Authority.found("stranger")).issueClient(STATION);
    const url = secured.cluster.broker.url.replace("mqtt:", "mqtts:");
    const ca = secured.authority.certificate;
    const attempt = (papers: object) =>
      connectAsync(url, { protocolVersion: 5, ca, connectTimeout: 3_000, reconnectPeriod: 0, ...papers }).then(
        async (client) => {
          await client.endAsync(true);
          return "let in";
        },
        () => "refused",
      );
    expect(await attempt({})).toBe("refused");
    expect(await attempt({ key: stranger.key, cert: stranger.certificate })).toBe("refused");
    const own = await secured.authority.issueClient(OTHER.station);
    expect(await attempt({ key: own.key, cert: own.certificate })).toBe("let in");
  });
});

describe("a certificate that comes to its end", () => {
  it("is renewed at half its life, and the old key goes when the new one has carried two connections", {
    timeout: 90_000,
  }, async () => {
    let life = 24_000;
    secured = await SecuredCluster.open({
      folder,
      environment: environment(),
      life: () => ({ from: Date.now() - 1_000, to: Date.now() + life }),
    });
    const agent = await secured.cluster.startAgent();
    await agent.until("the link up", ({ link }) => link.connected, 15_000);
    const before = (await identity("current")).key;
    life = 86_400_000;
    const later = ({ enrolment }: StatusView) => Date.parse(enrolment.endsAt ?? "") > Date.now() + 3_600_000;
    await agent.until("the next certificate", later, 30_000);
    // Shown at once, over a connection of its own.
    for (let tries = 0; (await identity("next")).worked === 0; tries++) {
      expect(tries).toBeLessThan(200);
      await sleep(50);
    }
    await agent.until("the link up", ({ link }) => link.connected, 15_000);
    expect((await agent.status()).enrolment.state).toBe("renewing");
    expect((await identity("current")).key).toBe(before);
    await secured.cluster.broker.stop();
    await agent.until("the link down", ({ link }) => !link.connected);
    await secured.cluster.broker.restart();
    await agent.until("the old key gone", ({ enrolment }) => enrolment.state === "enrolled", 10_000);
    expect((await identity("current")).key).not.toBe(before);
    expect(existsSync(join(folder, "cluster/state/identity/next.json"))).toBe(false);
  });

  it("locks nobody out by ending: a board that was stored too long renews with it, and is let in", {
    timeout: 90_000,
  }, async () => {
    let life = 5_000;
    secured = await SecuredCluster.open({
      folder,
      environment: environment(),
      life: () => ({ from: Date.now() - 1_000, to: Date.now() + life }),
    });
    const first = await secured.cluster.startAgent();
    await first.until("the link up", ({ link }) => link.connected, 15_000);
    // It has its next pair already, which ends in the store as well.
    for (let tries = 0; ((await identity("next").catch(() => null))?.certificate ?? "") === ""; tries++) {
      expect(tries).toBeLessThan(400);
      await sleep(25);
    }
    await first.kill("SIGKILL");
    await sleep(6_000);
    life = 86_400_000;
    const again = await secured.cluster.startAgent();
    await again.until("the link up", ({ link }) => link.connected, 30_000);
    const status = await again.until(
      "a certificate that holds",
      ({ enrolment }) => enrolment.state !== "expired",
      5_000,
    );
    expect(status.enrolment.problem).toBeNull();
  });

  it("opens nothing once the board was replaced, while the new board is let in and the old one plays on", {
    timeout: 90_000,
  }, async () => {
    secured = await SecuredCluster.open({ folder, environment: environment() });
    const agent = await secured.cluster.startAgent();
    await agent.until("the link up", ({ link }) => link.connected, 15_000);
    secured.service.replaceBoard(STATION);
    await secured.publishRevocations();
    const away = await agent.until("shut out", ({ link }) => !link.connected && link.lastError !== null, 15_000);
    expect(away.concerns.map(({ code }) => code)).not.toContain("conductor-faults");
    await agent.kill("SIGTERM");
    // The swapped board: same name, empty card, a claim of its own.
    await rm(join(folder, "cluster/state"), { recursive: true });
    secured.service.addClaim("claim-of-the-new-board", STATION);
    const fresh = await secured.cluster.startAgent();
    await fresh.ask("POST", "/v1/enrolment", { claim: "claim-of-the-new-board" });
    await fresh.until("the link up", ({ link }) => link.connected, 15_000);
  });
});
