/**
 * A station as the province sees it: the real link, admission, outbox and journal of the product, with nothing to play. Thousands of them fit
 * into one process; what they show is the manners of the uplink, not sound.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Admission } from "../../../agent/admission/admission.ts";
import { Commands } from "../../../agent/commands/commands.ts";
import { subscriptions, unqueuedSubscriptions, uplinkTopic } from "../../../agent/contract/topics.ts";
import type { RootFile } from "../../../agent/contract/trust.ts";
import { Downlink } from "../../../agent/downlink.ts";
import { FactBoard } from "../../../agent/fact-board.ts";
import { addressesOf } from "../../../agent/identity.ts";
import { type ClockMemory, TrustedClock } from "../../../agent/trusted-clock.ts";
import { Announcer } from "../../../agent/uplink/announcer.ts";
import { BrokerLink } from "../../../agent/uplink/broker-link.ts";
import { EventPump } from "../../../agent/uplink/event-pump.ts";
import type { ReconnectTimes } from "../../../agent/uplink/reconnect.ts";
import { Reporter } from "../../../agent/uplink/reporter.ts";
import { SystemTime } from "../../../drivers/clock/system-time.ts";
import { Store } from "../../../storage/store.ts";

export interface FleetOptions {
  readonly folder: string;
  readonly station: string;
  readonly commune: string;
  readonly brokers: readonly string[];
  readonly root: RootFile;
  readonly times: ReconnectTimes;
  readonly resendAfterMs: number;
  /** Told of every attempt to connect. */
  readonly onAttempt: () => void;
  readonly onFault: (what: string, error: unknown) => void;
}

export class FleetStation {
  readonly station: string;
  readonly store: Store;
  readonly link: BrokerLink;
  readonly admission: Admission;
  readonly #pump: EventPump;
  readonly #clock: TrustedClock;

  private constructor(
    station: string,
    store: Store,
    parts: { link: BrokerLink; admission: Admission; pump: EventPump; clock: TrustedClock },
  ) {
    this.station = station;
    this.store = store;
    this.link = parts.link;
    this.admission = parts.admission;
    this.#pump = parts.pump;
    this.#clock = parts.clock;
  }

  static async open(options: FleetOptions): Promise<FleetStation> {
    const { station, commune, root, times, onFault } = options;
    const time = new SystemTime();
    const store = await Store.open(join(options.folder, station), {
      clock: {
        now: () => time.now(),
        monotonic: () => time.monotonic(),
        wait: (ms, signal) => time.wait(ms, signal),
        trust: () => "unknown",
      },
    });
    const remember = (memory: ClockMemory) => store.notes.set(null, "clock", memory);
    const clock = new TrustedClock(time, null, remember, null);
    await clock.observe();
    const identity = { station, commune, province: "01", zone: "Asia/Ho_Chi_Minh" };
    const chain = addressesOf(identity);
    const admission = await Admission.open({ store, clock, root, chain, zone: identity.zone });
    const session = randomUUID();
    const reporter = new Reporter({ station, session, version: "fleet", store, admission, clock });
    const { stream } = await store.outbox.stats();
    const pump: EventPump = new EventPump({
      outbox: store.outbox,
      clock,
      station,
      session,
      stream,
      resendAfterMs: options.resendAfterMs,
      publish: (events) =>
        link.publish(uplinkTopic(station, "events"), JSON.stringify(events), { qos: 1, retain: false }),
      onFault: (error) => onFault("event pump", error),
    });
    const board = new FactBoard({
      admission,
      store,
      clock,
      chain,
      zone: identity.zone,
      outputs: ["horn"],
      limits: { volumeCeiling: 100, quietHours: [] },
      configuration: () => [],
      onChange: () => undefined,
    });
    const downlink = new Downlink({
      admission,
      commands: new Commands({
        store,
        clock,
        board,
        fetch,
        monthlyReport: null,
        moveHome: () => Promise.resolve(),
        renewCertificate: null,
        report: () => undefined,
        restart: () => undefined,
        onFault: (error) => onFault("command", error),
      }),
      clock,
      station,
      nonce: () => reporter.nonce,
      onAlert: () => undefined,
      onAdopted: () => pump.kick(),
      onSourceHeard: () => {
        announcer.answered();
        if (admission.withheld().length > 0) link.askAgain();
        return Promise.resolve();
      },
      onAck: async (ack) => {
        if (ack.stream === stream) await pump.acknowledge(ack.events);
      },
      onRefused: (topic, reason, detail) => onFault(`${station} refused ${topic}`, new Error(`${reason}: ${detail}`)),
    });
    const announcer = new Announcer({
      clock,
      birth: () => reporter.birth(),
      publish: (text) => link.publish(uplinkTopic(station, "birth"), text, { qos: 1, retain: true }),
      onFault: (error) => onFault("birth", error),
    });
    const spread = () => Math.random() * times.spreadMs;
    const link: BrokerLink = new BrokerLink({
      brokers: () => options.brokers,
      clientId: station,
      times,
      clock,
      subscriptions: subscriptions(chain),
      unqueued: unqueuedSubscriptions(chain),
      will: { topic: uplinkTopic(station, "birth"), payload: JSON.stringify({ kind: "death", station, session }) },
      secure: () => {
        throw new Error("the fleet speaks plain MQTT");
      },
      onSecured: () => undefined,
      onAttempt: options.onAttempt,
      onDocument: (topic, payload) => downlink.receive(topic, payload, "link"),
      onUp: () => {
        pump.start(spread());
        announcer.start();
      },
      onDown: () => {
        announcer.stop();
        void pump.stop().catch((error: unknown) => onFault("event pump", error));
      },
    });
    return new FleetStation(station, store, { link, admission, pump, clock });
  }

  start(): void {
    this.link.start();
  }

  /** Something happened that the province must hear of. */
  async write(kind: string, body: object): Promise<void> {
    await this.store.transaction(
      async (tx) => void (await this.store.journal.append(tx, this.#clock.now(), kind, body, "play")),
    );
    this.#pump.kick();
  }

  async stop(): Promise<void> {
    await this.link.stop();
    await this.#pump.stop();
    await this.store.close();
  }
}
