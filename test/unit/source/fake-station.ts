/** As much of a station as the source can notice: births with a will, journal records in a chain, events, answers. */
import { randomBytes } from "node:crypto";
import { Socket } from "node:net";
import { connectAsync, type MqttClient } from "mqtt";
import { type Envelope, envelope } from "../../../agent/contract/envelope.ts";
import { downlinkTopic, uplinkTopic } from "../../../agent/contract/topics.ts";
import type { Birth, Events } from "../../../agent/contract/uplink.ts";
import { GENESIS, recordHash } from "../../source/findings.ts";

type Event = Events["events"][number];

/** A chain of journal records that are all events. */
export class FakeJournal {
  readonly events: Event[] = [];

  /** Appends so many records. */
  grow(count: number): this {
    for (let index = 0; index < count; index += 1) {
      const seq = this.events.length + 1;
      const prev = this.events.at(-1)?.record.hash ?? GENESIS;
      const text = JSON.stringify({ kind: "test", number: seq, title: "Bản tin sáng" });
      const record = { seq, prev, hash: recordHash(prev, text), text };
      this.events.push({ seq, class: "play", at: "2026-11-21T05:00:00+07:00", record });
    }
    return this;
  }

  /** The event with this sequence. */
  event(seq: number): Event {
    const event = this.events[seq - 1];
    if (event === undefined) throw new Error(`the journal has no event ${seq}`);
    return event;
  }

  head(): Birth["journal"] {
    const last = this.events.at(-1)?.record;
    return { seq: last?.seq ?? 0, hash: last?.hash ?? GENESIS, count: this.events.length };
  }
}

export function birthOf(station: string, journal: FakeJournal, session = "s1"): Birth {
  return {
    kind: "birth",
    station,
    session,
    at: new Date().toISOString(),
    agent: "0.1.0",
    clock: "floor",
    nonce: randomBytes(16).toString("base64url"),
    documents: [],
    journal: journal.head(),
    stream: "stream-1",
    lastEvent: journal.events.length,
  };
}

export function eventsOf(station: string, events: readonly Event[], gaps: Events["gaps"] = []): Events {
  return { kind: "events", station, stream: "stream-1", session: "s1", events: [...events], gaps };
}

/** Claims of a document as a station would read them, unverified. */
export function claimsOf(document: Envelope): { kind: string; seq: number; body: Record<string, unknown> } {
  return JSON.parse(Buffer.from(document.payload, "base64url").toString("utf8"));
}

/** A message that came down. */
export interface Downlink {
  readonly topic: string;
  readonly retain: boolean;
  readonly document: Envelope | null;
}

/** An MQTT client that speaks as one station. */
export class FakeStation {
  readonly id: string;
  readonly journal = new FakeJournal();
  readonly downlinks: Downlink[] = [];
  readonly #client: MqttClient;
  readonly #waiters: (() => void)[] = [];

  private constructor(id: string, client: MqttClient) {
    this.id = id;
    this.#client = client;
    client.on("message", (topic, payload, { retain }) => {
      if (topic.includes("/up/")) return;
      const document = payload.length === 0 ? null : envelope.parse(JSON.parse(payload.toString("utf8")));
      this.downlinks.push({ topic, retain, document });
      for (const wake of this.#waiters.splice(0)) wake();
    });
  }

  /** Connects with a will and subscribes to everything that comes down. */
  static async connect(url: string, id: string, session = "s1"): Promise<FakeStation> {
    const payload = Buffer.from(JSON.stringify({ kind: "death", station: id, session }));
    const client = await connectAsync(url, {
      protocolVersion: 5,
      clientId: id,
      reconnectPeriod: 0,
      will: { topic: uplinkTopic(id, "birth"), payload, qos: 1, retain: true },
    });
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    const station = new FakeStation(id, client);
    await client.subscribeAsync("loa/v1/#", { qos: 1 });
    return station;
  }

  async say(kind: "birth" | "health" | "events", message: object): Promise<void> {
    const options = { qos: 1, retain: kind === "birth" } as const;
    await this.#client.publishAsync(uplinkTopic(this.id, kind), JSON.stringify(message), options);
  }

  /** Waits for a message that came down. */
  async next(wanted: (downlink: Downlink) => boolean): Promise<Downlink> {
    for (;;) {
      const found = this.downlinks.find(wanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Waits until the signed acknowledgement says at least so much. */
  async acknowledged(events: number): Promise<Downlink> {
    const topic = downlinkTopic("ack", `station/${this.id}`);
    return this.next(({ topic: came, document }) => {
      if (came !== topic || document === null) return false;
      return Number(claimsOf(document).body.events) >= events;
    });
  }

  /** Loses power: the broker publishes the will. */
  async crash(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
