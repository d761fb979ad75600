/**
 * One MQTT connection after another to the broker (5, or 3.1.1 where it has only that): the only file that knows the MQTT library. A new client
 * per attempt, no queue of its own: what is not sent is still in the outbox. The broker gets its PUBACK after `onDocument` has resolved.
 */

import { connect as netConnect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import mqtt, { type IClientOptions, type IPublishPacket, type ISubscriptionMap, type MqttClient } from "mqtt";
import { messageOf } from "../../playback/model/station-error.ts";
import type { Millis } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import { sameBrokers } from "../config/broker-change.ts";
import { MAX_DOCUMENT_BYTES } from "../contract/envelope.ts";
import type { Subscription } from "../contract/topics.ts";
import { GuardedStream } from "./guarded-stream.ts";
import { attemptsAfter, type Loss, type ReconnectTimes, reconnectDelay } from "./reconnect.ts";

export interface BrokerLinkOptions {
  /** Asked before each attempt: the configuration may name others meanwhile. */
  readonly brokers: () => readonly string[];
  readonly clientId: string;
  /** Opens a verified TLS connection, for brokers of the scheme `mqtts:`. */
  readonly secure: (host: string, port: number) => Duplex;
  /** How an attempt over `secure` ended that reached somebody, or could not even begin: `stood`, or not. */
  readonly onSecured: (stood: boolean) => void;
  readonly times: ReconnectTimes;
  readonly clock: Clock;
  readonly subscriptions: readonly Subscription[];
  /** In their place where the broker speaks MQTT 3.1.1 only. */
  readonly unqueued: readonly Subscription[];
  readonly will: { readonly topic: string; readonly payload: string };
  /** Resolves when the document is adopted or refused for good; a rejection leaves it unacknowledged and ends the connection. */
  readonly onDocument: (topic: string, payload: Buffer) => Promise<void>;
  /** An attempt to connect begins; for counting. */
  readonly onAttempt?: (url: string) => void;
  readonly onUp: () => void;
  readonly onDown: (reason: string) => void;
}

/** Topic, properties and header beside the document itself. */
const ENVELOPE_ROOM = 4_096;
/** "Unacceptable protocol version": CONNACK of MQTT 3.1.1 §3.2.2.3 and MQTT 5 §3.2.2.2. */
const OTHER_PROTOCOL: readonly number[] = [0x01, 0x84];
/** Identifier rejected, bad credentials, not authorised, in MQTT 3.1.1. */
const OLDER_REFUSALS: readonly number[] = [0x02, 0x04, 0x05];
/** Asked again by `reconnect`; this only bounds a single timer. */
const NO_BROKER_PAUSE = 3_600_000;
const CONNECT_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_S = 45;
const SESSION_EXPIRY_S = 3_600;
/**
 * What cannot wait and is not queued is asked for so often, give or take a half: nodes of a cluster that lost each other for a moment lose what
 * they should have passed on. Assumed: some 250 bytes each time, so some 75 KB of the 250 KB of an idle day.
 */
const ASK_URGENT_EVERY: Millis = 300_000;

export class BrokerLink {
  readonly #options: BrokerLinkOptions;
  #client: MqttClient | null = null;
  #connected = false;
  #stopped = new AbortController();
  #changed = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #lastError = "not tried yet";
  /** Ends each publish that waits for its PUBACK: the library itself leaves them waiting for ever when the connection ends. */
  readonly #underWay = new Set<(sent: boolean) => void>();
  /** Brokers that speak MQTT 3.1.1 only. */
  readonly #older = new Set<string>();
  /** The brokers of the present attempt. */
  #used: readonly string[] = [];
  /** What the present broker keeps no queue of. */
  #unqueued: readonly Subscription[] = [];

  constructor(options: BrokerLinkOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Leaves the present broker, without the pauses of a failure, because another one is to be used. */
  reconnect(): void {
    this.#changed.abort();
    this.#client?.end(true);
  }

  /** Whether the connection, or the attempt at one, goes to a broker that is no longer wanted. */
  brokersChanged(): boolean {
    return !sameBrokers(this.#options.brokers(), this.#used);
  }

  /** Asks anew for what the broker keeps no queue of: what stands retained there comes again. A broker that queues everything is asked nothing. */
  askAgain(which: "all" | "urgent" = "all"): void {
    const client = this.#client;
    const wanted = this.#unqueued.filter(({ urgent }) => which === "all" || urgent === true);
    if (client === null || !this.#connected || wanted.length === 0) return;
    client.subscribe(filtersOf(wanted), (error) => {
      if (error) this.#lastError = error.message;
    });
  }

  get connected(): boolean {
    return this.#connected;
  }
  /** Why there is no connection, in the words of the system. */
  get lastError(): string {
    return this.#lastError;
  }

  /** True when the broker has it; false where there is no connection, or it ends first. Never queues. */
  async publish(topic: string, payload: string, options: { qos: 0 | 1; retain: boolean }): Promise<boolean> {
    const client = this.#client;
    if (client === null || !this.#connected) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#underWay.add(resolve);
    client.publish(topic, payload, options, (error) => {
      if (error) this.#lastError = error.message;
      resolve(!error);
    });
    try {
      return await promise;
    } finally {
      this.#underWay.delete(resolve);
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#client?.end(true);
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, times } = this.#options;
    let attempts = 0;
    while (!this.#stopped.signal.aborted) {
      this.#changed = new AbortController();
      const wake = AbortSignal.any([this.#stopped.signal, this.#changed.signal]);
      const brokers = this.#options.brokers();
      this.#used = brokers;
      if (brokers.length === 0) {
        await clock.wait(NO_BROKER_PAUSE, wake);
        continue;
      }
      const began = clock.monotonic();
      const url = brokers[attempts % brokers.length] ?? "";
      this.#options.onAttempt?.(url);
      const { loss, reason } = await this.#connectOnce(url);
      this.#lastError = reason;
      if (this.#stopped.signal.aborted) return;
      attempts = attemptsAfter(attempts, loss === "lost" ? clock.monotonic() - began : 0, times);
      if (this.#changed.signal.aborted) attempts = 0;
      await clock.wait(reconnectDelay(attempts, loss, times, Math.random()), wake);
    }
  }

  /** Resolves when the connection has ended, however far it came. */
  #connectOnce(url: string): Promise<{ loss: Loss; reason: string }> {
    const { onUp, onDown } = this.#options;
    const older = this.#older.has(url);
    const wanted = older ? this.#options.unqueued : this.#options.subscriptions;
    const ended = new AbortController();
    let reached = false;
    const open = () =>
      this.#openStream(url, () => {
        reached = true;
      });
    let client: MqttClient;
    try {
      client = new mqtt.MqttClient(open, this.#clientOptions(older));
    } catch (error) {
      // What the connection is opened with cannot be used, an own key for one: the next attempt shows another, where there is one.
      if (url.startsWith("mqtts:")) this.#options.onSecured(false);
      return Promise.resolve({ loss: "unreachable", reason: messageOf(error) });
    }
    this.#client = client;
    this.#unqueued = wanted.filter(({ qos }) => qos === 0);
    client.handleMessage = (packet: IPublishPacket, done) => {
      const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
      this.#options.onDocument(packet.topic, payload).then(
        () => done(),
        (error: unknown) => {
          // Not acknowledged: the broker keeps it and sends it again on the next connection.
          this.#lastError = messageOf(error);
          client.end(true);
        },
      );
    };
    return new Promise((resolve) => {
      let loss: Loss = "unreachable";
      let reason = "connection closed";
      client.on("connect", () => {
        loss = "lost";
        client.subscribe(filtersOf(wanted), (error) => {
          if (error) {
            // MQTT 3.1.1 has one code for "not allowed" and for "no leader at the moment".
            loss = older ? "unreachable" : "refused";
            reason = error.message;
            client.end(true);
            return;
          }
          this.#connected = true;
          if (url.startsWith("mqtts:")) this.#options.onSecured(true);
          void this.#keepAsking(ended.signal);
          onUp();
        });
      });
      client.on("error", (error) => {
        reason = error.message;
        const code = "code" in error && typeof error.code === "number" ? error.code : 0;
        if (OTHER_PROTOCOL.includes(code) && !this.#older.has(url)) {
          // It is there, and speaks the version before: the next attempt does, at once.
          this.#older.add(url);
          this.#changed.abort();
        } else if (code >= 0x80 || OLDER_REFUSALS.includes(code)) loss = "refused";
        client.end(true);
      });
      client.on("disconnect", (packet) => {
        reason = `the broker disconnected with code ${packet.reasonCode ?? 0}`;
      });
      client.once("close", () => {
        const wasUp = this.#connected;
        ended.abort();
        this.#connected = false;
        this.#client = null;
        client.end(true);
        for (const end of this.#underWay) end(false);
        if (wasUp) onDown(reason);
        // Nobody there says nothing about a certificate.
        else if (reached && url.startsWith("mqtts:")) this.#options.onSecured(false);
        resolve({ loss, reason });
      });
    });
  }

  /** The first time for everything: a cluster that has just lost a node is what stations come back to, and it may lose what it should pass on. */
  async #keepAsking(ended: AbortSignal): Promise<void> {
    for (let which: "all" | "urgent" = "all"; !ended.aborted && this.#unqueued.length > 0; which = "urgent") {
      await this.#options.clock.wait(ASK_URGENT_EVERY * (0.5 + Math.random()), ended);
      if (!ended.aborted) this.askAgain(which);
    }
  }

  #openStream(url: string, onReached: () => void): GuardedStream {
    const { protocol, hostname, port } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, "");
    const socket =
      protocol === "mqtts:"
        ? this.#options.secure(host, Number(port || 8883))
        : netConnect({ host, port: Number(port || 1883) });
    socket.once("connect", onReached);
    // With Nagle's algorithm a message right after a PUBACK waits about 40 ms for the broker's delayed ACK.
    if ("setNoDelay" in socket) (socket as Socket).setNoDelay(true);
    return new GuardedStream(socket, MAX_DOCUMENT_BYTES + ENVELOPE_ROOM);
  }

  /**
   * On MQTT 3.1.1 the broker is not told how large a packet may be (the guarded stream cuts it all the same), nor how many may be under way.
   */
  #clientOptions(older: boolean): IClientOptions {
    const { clientId, will } = this.#options;
    const properties = {
      sessionExpiryInterval: SESSION_EXPIRY_S,
      receiveMaximum: 20,
      maximumPacketSize: MAX_DOCUMENT_BYTES + ENVELOPE_ROOM,
    };
    return {
      protocolVersion: older ? 4 : 5,
      clientId,
      // Where nothing is queued, there is nothing to keep between two connections.
      clean: older,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepalive: KEEP_ALIVE_S,
      queueQoSZero: false,
      resubscribe: false,
      ...(older ? {} : { properties }),
      will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
    };
  }
}

function filtersOf(wanted: readonly Subscription[]): ISubscriptionMap {
  return Object.fromEntries(wanted.map(({ filter, qos }) => [filter, { qos }]));
}
