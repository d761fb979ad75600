/** The link against a real broker: what is acknowledged, and when. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Subscription, unqueuedSubscriptions } from "../../../agent/contract/topics.ts";
import { BrokerLink } from "../../../agent/uplink/broker-link.ts";
import { Mosquitto } from "../../support/processes/mosquitto.ts";
import { RawBroker } from "../../support/processes/raw-broker.ts";
import { realClock } from "../../support/sound/real-clock.ts";

let folder: string;
let broker: Mosquitto;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-link-"));
  broker = await Mosquitto.start({ folder });
});
afterAll(async () => {
  await broker.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Milliseconds; nobody waits for it here. */
const LONG = 60_000;

function link(
  id: string,
  onDocument: (topic: string, payload: Buffer) => Promise<void>,
  { url = broker.url, unqueued = [] as readonly Subscription[] } = {},
) {
  let up = 0;
  const secured: boolean[] = [];
  const waits: number[] = [];
  let pass = () => {};
  const subscriptions: readonly Subscription[] = [{ filter: `loa/v1/station/${id}/command`, qos: 1 }];
  const made = new BrokerLink({
    brokers: () => [url],
    secure: () => {
      throw new Error("this broker speaks plain MQTT");
    },
    onSecured: (stood) => secured.push(stood),
    clientId: id,
    times: { baseMs: 20, capMs: 100, spreadMs: 20, stableMs: 1_000 },
    clock: {
      ...realClock,
      wait: (ms, signal) => {
        waits.push(ms);
        if (ms < LONG) return realClock.wait(ms, signal);
        const passed = Promise.withResolvers<void>();
        pass = passed.resolve;
        signal?.addEventListener("abort", () => passed.resolve());
        return passed.promise;
      },
    },
    subscriptions,
    unqueued: unqueued.length === 0 ? subscriptions : unqueued,
    will: { topic: `loa/v1/station/${id}/up/birth`, payload: "{}" },
    onDocument,
    onUp: () => {
      up += 1;
    },
    onDown: () => undefined,
  });
  return { link: made, ups: () => up, secured, waits, passLong: () => pass() };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !holds(); tries++) await realClock.wait(25);
  expect(holds()).toBe(true);
}

describe("the broker link", () => {
  it("acknowledges a document only when it is adopted: what could not be stored comes again, what was stored does not", async () => {
    const received: string[] = [];
    let failing = true;
    const { link: station, ups } = link("xa-1", (_topic, payload) => {
      received.push(payload.toString());
      return failing ? Promise.reject(new Error("the disk is full")) : Promise.resolve();
    });
    const { link: source, ups: sourceUps } = link("source", () => Promise.resolve());
    station.start();
    source.start();
    await until(() => ups() > 0 && sourceUps() > 0);
    expect(await source.publish("loa/v1/station/xa-1/command", "mot", { qos: 1, retain: false })).toBe(true);
    await until(() => received.length >= 2);
    failing = false;
    const before = received.length;
    await until(() => received.length > before);
    const stored = received.length;
    // What follows the PUBACK on this connection was answered, so the broker has read the PUBACK.
    await until(() => station.connected);
    expect(await station.publish("loa/v1/station/xa-1/up/health", "{}", { qos: 1, retain: false })).toBe(true);
    const again = ups();
    await broker.restart();
    await until(() => ups() > again);
    await until(() => sourceUps() > 1);
    expect(await source.publish("loa/v1/station/xa-1/command", "hai", { qos: 1, retain: false })).toBe(true);
    await until(() => received.includes("hai"));
    expect(received.slice(stored)).toEqual(["hai"]);
    await station.stop();
    await source.stop();
  });

  it("never queues: without a connection it says so at once", async () => {
    const { link: station } = link("xa-2", () => Promise.resolve());
    expect(await station.publish("loa/v1/station/xa-2/up/health", "{}", { qos: 0, retain: false })).toBe(false);
    expect(station.lastError).toBe("not tried yet");
  });

  it("says why a connection cannot even be opened, distrusts what it would have shown, and tries again", async () => {
    const { link: station, secured } = link("xa-5", () => Promise.resolve(), { url: "mqtts://127.0.0.1:8883" });
    station.start();
    await until(() => secured.length >= 3);
    expect(secured.slice(0, 3)).toEqual([false, false, false]);
    expect([station.connected, station.lastError]).toEqual([false, "this broker speaks plain MQTT"]);
    await station.stop();
  });

  it("says that it was not sent when the connection ends before the broker's PUBACK, also when it is the station that leaves", async () => {
    let drops = true;
    const heard: string[] = [];
    const rude = await RawBroker.start((packet) => {
      if (packet.kind === "subscribe") packet.answer(true);
      if (packet.kind !== "publish") return;
      heard.push(packet.topic);
      if (drops) packet.drop();
    });
    const { link: station, ups } = link("xa-3", () => Promise.resolve(), { url: rude.url });
    station.start();
    const events = () => station.publish("loa/v1/station/xa-3/up/events", "{}", { qos: 1, retain: false });
    await until(() => ups() === 1);
    expect(await events()).toBe(false);
    drops = false;
    await until(() => ups() === 2);
    const withheld = events();
    await until(() => heard.length === 2);
    await station.stop();
    expect(await withheld).toBe(false);
    await rude.stop();
  });

  it("asks a broker of MQTT 3.1.1 to queue nothing, and anew when something is missing", async () => {
    const asked: Record<string, number>[] = [];
    const clean: boolean[] = [];
    const rude = await RawBroker.start((packet) => {
      if (packet.kind === "connect") clean.push(packet.clean);
      if (packet.kind !== "subscribe") return;
      asked.push(packet.filters);
      packet.answer(true);
    });
    const {
      link: station,
      ups,
      waits,
      passLong,
    } = link("xa-4", () => Promise.resolve(), {
      url: rude.url,
      unqueued: unqueuedSubscriptions(["all", "station/xa-4"]),
    });
    station.start();
    await until(() => ups() === 1);
    const wanted = Object.fromEntries(
      ["all", "station/xa-4"].flatMap((address) =>
        ["+", "emergency/+", "root/+", "content/+", "schedule/+"].map((rest) => [`loa/v1/${address}/${rest}`, 0]),
      ),
    );
    expect(asked).toEqual([wanted]);
    expect(clean).toEqual([true]);
    station.askAgain();
    await until(() => asked.length === 2);
    expect(asked[1]).toEqual(wanted);
    station.askAgain("urgent");
    await until(() => asked.length === 3);
    expect(asked[2]).toEqual({ "loa/v1/all/emergency/+": 0, "loa/v1/station/xa-4/emergency/+": 0 });
    const urgent = asked[2];
    // By itself a few minutes after it came back once for all, then for what cannot wait.
    const long = () => waits.filter((ms) => ms >= 150_000 && ms <= 450_000).length;
    for (const [n, expected] of [wanted, urgent, urgent].entries()) {
      await until(() => long() === n + 1);
      passLong();
      await until(() => asked.length === n + 4);
      expect(asked[n + 3]).toEqual(expected);
    }
    await station.stop();
    await rude.stop();
  });
});
