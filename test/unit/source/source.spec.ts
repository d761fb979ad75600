import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type GeneralJWS, generalVerify, importJWK } from "jose";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { BodyInput } from "../../source/envelope.ts";
import { ProvincialSource } from "../../source/source.ts";
import { freePort } from "../../support/processes/free-port.ts";
import { Mosquitto } from "../../support/processes/mosquitto.ts";
import { birthOf, claimsOf, eventsOf, FakeJournal, FakeStation } from "./fake-station.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = await temporaryFolder();
const broker = await Mosquitto.start({ folder: join(folder, "broker") });
afterAll(() => broker.stop("SIGKILL"));

let number = 0;
let home = "";
let id = "";
beforeEach(() => {
  number += 1;
  home = join(folder, `source-${number}`);
  id = `xa-${number}`;
});

function open(): Promise<ProvincialSource> {
  return ProvincialSource.open(home, { broker: broker.url });
}

function alert(identifier: string, extra: Partial<BodyInput<"emergency">> = {}): BodyInput<"emergency"> {
  const now = Date.now();
  return {
    identifier,
    sent: new Date(now).toISOString(),
    status: "exercise",
    msgType: "alert",
    expires: new Date(now + 600_000).toISOString(),
    headline: "Lũ trên sông Hồng",
    text: "Đề nghị bà con lên chỗ cao.",
    ...extra,
  };
}

describe("the downlink", () => {
  it("retains state, signed by its role, and counts up per kind, level and address over a restart", async () => {
    const address = `station/${id}` as const;
    const first = await open();
    const one = await first.publish("schedule", { level: "commune" }, { address });
    const two = await first.publish("schedule", { level: "commune" }, { address });
    const other = await first.publish("schedule", { level: "province" }, { address });
    await first.stop();
    await using again = await open();
    const three = await again.publish("schedule", { level: "commune" }, { address });
    expect([one, two, other, three].map(({ claims }) => claims.seq)).toEqual([1, 2, 1, 3]);
    expect(again.versions()).toEqual({ [`${address}/schedule/commune`]: 3, [`${address}/schedule/province`]: 1 });

    const station = await FakeStation.connect(broker.url, id);
    const came = await station.next(({ topic }) => topic === three.topic);
    await station.crash();
    expect(came.retain).toBe(true);
    const key = again.ceremony.holder("schedule").keys[0]?.publicJwk;
    if (key === undefined || came.document === null) throw new Error("nothing to verify");
    const { payload } = await generalVerify(came.document as GeneralJWS, await importJWK(key, "Ed25519"));
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual(three.claims);
  });

  it("does not retain a command, and gives it the life of its claims", async () => {
    await using source = await open();
    const station = await FakeStation.connect(broker.url, id);
    const sent = await source.command(`station/${id}`, { name: "report" }, { expiresInMs: 5_000 });
    expect((await station.next(({ topic }) => topic === sent.topic)).retain).toBe(false);
    expect(Date.parse(sent.claims.exp) - Date.parse(sent.claims.iat)).toBeLessThanOrEqual(5_001);
    await station.crash();
    const late = await FakeStation.connect(broker.url, id);
    const fence = await source.publish("config", {}, { address: `station/${id}` });
    await late.next(({ topic }) => topic === fence.topic);
    expect(late.downlinks.map(({ topic }) => topic)).not.toContain(sent.topic);
    await late.crash();
  });

  it("replaces a cancelled alert by its cancel", async () => {
    await using source = await open();
    const address = `commune/${String(number).padStart(5, "0")}` as const;
    const sent = await source.publish("emergency", alert("lu-1"), { address });
    const cancel = await source.cancelEmergency("lu-1");
    expect(cancel.claims.body).toMatchObject({ msgType: "cancel", references: ["lu-1"], status: "exercise" });
    await expect(source.cancelEmergency("lu-1")).rejects.toThrow("0 alerts lu-1");
    const station = await FakeStation.connect(broker.url, id);
    await station.next(({ topic }) => topic === cancel.topic);
    expect(station.downlinks.map(({ topic }) => topic)).not.toContain(sent.topic);
    await station.crash();
  });

  it("clears an alert that an update replaces", async () => {
    await using source = await open();
    const address = `commune/${String(number).padStart(5, "0")}` as const;
    await source.publish("emergency", alert("lu-2"), { address });
    await source.publish("emergency", alert("lu-3", { msgType: "update", references: ["lu-2"] }), { address });
    expect(Object.keys(source.versions())).toEqual([`${address}/emergency/lu-3`]);
  });

  it("refuses to sign what breaks the contract", async () => {
    await using source = await open();
    const body = { policy: { volume: 101 } };
    await expect(source.publish("config", body, { address: `station/${id}` })).rejects.toThrow("config breaks");
    const decomposed = alert("lu-4", { headline: "Lũ".normalize("NFD") });
    await expect(source.publish("emergency", decomposed)).rejects.toThrow("normalisation form C");
    expect(source.versions()).toEqual({});
  });

  it("comes back by itself and fills a wiped broker again when asked", async () => {
    await using private_ = await Mosquitto.start({ folder: join(folder, `broker-${number}`) });
    await using source = await ProvincialSource.open(home, { broker: private_.url });
    const sent = await source.publish("config", {}, { address: `station/${id}` });
    await private_.stop("SIGKILL");
    await private_.wipe();
    await private_.restart();
    await source.connected();
    const station = await FakeStation.connect(private_.url, id);
    const later = source.publish("suspension", { periods: [] }, { address: `station/${id}` });
    await station.next(({ topic }) => topic.endsWith("/suspension"));
    expect((await later).acknowledgedAt).toBeGreaterThan(sent.acknowledgedAt);
    expect(station.downlinks.map(({ topic }) => topic)).not.toContain(sent.topic);
    await source.republish();
    const came = await station.next(({ topic }) => topic === sent.topic);
    expect(Buffer.from(JSON.stringify(came.document))).toEqual(Buffer.from(sent.bytes));
    await station.crash();
  });
});

describe("the answer to a birth", () => {
  it("is signed time with the nonce and the newest versions, and may lie or stay away", async () => {
    await using source = await open();
    await source.publish("schedule", { level: "province" }, { address: `station/${id}` });
    const station = await FakeStation.connect(broker.url, id);
    const times = () => station.downlinks.filter(({ topic }) => topic === `loa/v1/station/${id}/time`);
    const answerTo = async (nonce: string) => {
      const came = await station.next(
        ({ topic, document }) =>
          topic.endsWith(`${id}/time`) && document !== null && claimsOf(document).body.nonce === nonce,
      );
      return came.document === null ? {} : claimsOf(came.document).body;
    };
    const birth = birthOf(id, station.journal);
    await station.say("birth", birth);
    const honest = await answerTo(birth.nonce);
    expect(Math.abs(Date.parse(String(honest.time)) - Date.now())).toBeLessThan(5_000);
    expect(honest.versions).toEqual({ [`station/${id}/schedule/province`]: 1 });

    source.time.offsetMs = -86_400_000;
    const second = birthOf(id, station.journal);
    await station.say("birth", second);
    const lie = await answerTo(second.nonce);
    expect(Date.now() - Date.parse(String(lie.time))).toBeGreaterThan(86_000_000);

    source.time.answers = false;
    await station.say("birth", birthOf(id, station.journal));
    await source.waitFor((heard) => heard.births(id).length === 3, 5_000);
    await source.command(`station/${id}`, { name: "report" });
    await station.next(({ topic }) => topic.endsWith("/command"));
    expect(times()).toHaveLength(2);
    await station.crash();
    await source.waitFor((heard) => heard.presence(id) === "offline", 5_000);
    expect(source.deaths(id)).toHaveLength(1);
    expect(source.findings(id)).toEqual([]);
  });
});

describe("the uplink", () => {
  it("acknowledges only what is stored, and a restarted source goes on from there", async () => {
    const first = await open();
    const station = await FakeStation.connect(broker.url, id);
    const { journal } = station;
    journal.grow(6);
    await station.say("birth", birthOf(id, journal));
    await station.say("events", eventsOf(id, journal.events.slice(0, 3)));
    const early = await station.acknowledged(3);
    const lines = (await readFile(join(home, "uplink.jsonl"), "utf8")).trimEnd().split("\n");
    const own = lines.filter((line) => line.includes(`"station":"${id}"`));
    expect(own).toHaveLength(2);
    await first.stop();

    await station.say("events", eventsOf(id, journal.events.slice(2, 6)));
    await using again = await open();
    const ack = await station.acknowledged(6);
    const numberOf = ({ document }: typeof ack) => (document === null ? 0 : claimsOf(document).seq);
    expect(numberOf(ack)).toBeGreaterThan(numberOf(early));
    expect(ack.document && claimsOf(ack.document)).toMatchObject({ body: { station: id, events: 6 } });
    expect(again.events(id).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(again.records(id)[5]?.record).toEqual({ kind: "test", number: 6, title: "Bản tin sáng" });
    expect(again.births(id)).toHaveLength(1);
    expect(again.findings(id)).toEqual([]);
    await station.crash();
  });

  it("holds the acknowledgement before a hole, and counts a reported gap as told", async () => {
    await using source = await open();
    const station = await FakeStation.connect(broker.url, id);
    const { journal } = station;
    journal.grow(5);
    await station.say("events", eventsOf(id, [journal.event(1), journal.event(4), journal.event(5)]));
    await source.waitFor((heard) => heard.events(id).length === 3, 5_000);
    expect(source.stored(id)).toBe(1);
    expect(source.findings(id).map(({ kind, seq }) => [kind, seq])).toEqual([
      ["missing-event", 2],
      ["missing-event", 3],
    ]);
    await station.say("events", eventsOf(id, [], [{ from: 2, to: 3 }]));
    await station.acknowledged(5);
    expect(source.findings(id)).toEqual([]);
    await station.crash();
  });

  it("keeps unreadable messages as findings and goes on", async () => {
    await using source = await open();
    const station = await FakeStation.connect(broker.url, id);
    await station.say("events", {
      kind: "events",
      stream: "s",
      station: "xa-khac",
      session: "s",
      events: [],
      gaps: [],
    });
    await station.say("events", eventsOf(id, station.journal.grow(1).events));
    await station.acknowledged(1);
    expect(source.findings(id)).toEqual([
      { kind: "malformed-message", seq: null, detail: "events: says that it is xa-khac" },
    ]);
    await station.crash();
  });

  it("loses and doubles nothing while broker and source crash under a talking station", async () => {
    await using own = await Mosquitto.start({ folder: join(folder, `broker-${number}`) });
    const journal = new FakeJournal();
    let source = await ProvincialSource.open(home, { broker: own.url });
    for (let round = 1; round <= 5; round += 1) {
      const station = await FakeStation.connect(own.url, id, `s${round}`);
      await station.say("birth", birthOf(id, journal, `s${round}`));
      // As a station's outbox does it: everything above the last acknowledgement, again.
      const from = source.stored(id);
      journal.grow(20);
      const said = station.say("events", eventsOf(id, journal.events.slice(from)));
      if (round % 2 === 0) await source.stop();
      // What a killed broker had not yet saved would be gone with it; a station repeats events, but no birth.
      else await source.waitFor((heard) => heard.births(id).length === round, 5_000);
      await said;
      await station.crash();
      await own.restart(round === 3 ? "SIGKILL" : "SIGTERM");
      if (round % 2 === 0) source = await ProvincialSource.open(home, { broker: own.url });
      await source.connected();
    }
    const station = await FakeStation.connect(own.url, id);
    await station.say("events", eventsOf(id, journal.events.slice(source.stored(id))));
    await station.acknowledged(100);
    expect(source.events(id)).toEqual(journal.events);
    expect(source.births(id)).toHaveLength(5);
    expect(source.findings(id)).toEqual([]);
    await station.crash();
    await source.stop();
  });

  it("waits for a broker that comes later, and can be stopped without one", async () => {
    const port = await freePort();
    const source = await ProvincialSource.open(home, { broker: `mqtt://127.0.0.1:${port}`, doNotWait: true });
    const pending = source.publish("config", {}, { address: `station/${id}` });
    await expect(source.connected(20)).rejects.toThrow("the broker is not there");
    await using late = await Mosquitto.start({ folder: join(folder, `broker-${number}`), port });
    expect((await pending).claims.seq).toBe(1);
    await late.stop("SIGKILL");
    const never = source.publish("config", {}, { address: `station/${id}` });
    await Promise.all([expect(never).rejects.toThrow("was stopped"), source.stop()]);
  });

  it("keeps events without acknowledging them where it is told so", async () => {
    await using source = await ProvincialSource.open(home, { broker: broker.url, acknowledges: false });
    const station = await FakeStation.connect(broker.url, id);
    await station.say("events", eventsOf(id, station.journal.grow(2).events));
    await source.waitFor((heard) => heard.stored(id) === 2, 5_000);
    const fence = await source.publish("config", {}, { address: `station/${id}` });
    await station.next(({ topic }) => topic === fence.topic);
    expect(station.downlinks.map(({ topic }) => topic)).not.toContain(`loa/v1/station/${id}/ack`);
    source.acknowledges = true;
    await station.say("events", eventsOf(id, station.journal.events));
    await station.acknowledged(2);
    await station.crash();
  });

  it("says in vain what it waited for", async () => {
    await using source = await open();
    await expect(source.waitFor(() => false, 10)).rejects.toThrow("waited 10 ms in vain");
  });
});
