/** The second half of the composition: everything that talks to the province. The core plays without any of it. */

import { Commands } from "./commands/commands.ts";
import type { Core } from "./compose-core.ts";
import { subscriptions, unqueuedSubscriptions, uplinkTopic } from "./contract/topics.ts";
import { Downlink } from "./downlink.ts";
import { openSecurity } from "./enrolment/security.ts";
import { HOME_NOTE } from "./home.ts";
import { stationReport } from "./report/station-report.ts";
import { acceptanceView, countersign } from "./setup/countersigning.ts";
import type { Parts } from "./station.ts";
import { isStorageFailed, orUnwritten, tellUnwritten } from "./unwritten.ts";
import { Announcer } from "./uplink/announcer.ts";
import { BrokerLink } from "./uplink/broker-link.ts";
import { EventPump } from "./uplink/event-pump.ts";
import { fromBroker } from "./uplink/from-broker.ts";
import { Reporter } from "./uplink/reporter.ts";
import { RubbishAllowance } from "./uplink/rubbish-allowance.ts";

/** What a signed command may ask of the life of the agent. */
export interface LifePorts {
  readonly report: () => void;
  readonly restart: () => void;
  /** Made by whoever knows all parts. */
  readonly supportBundle?: ((by: string) => Promise<Buffer>) | undefined;
}

export type Uplink = Pick<Parts, "security" | "commands" | "downlink" | "link" | "pump" | "reporter">;

/** Joins the core to the province; nothing is started. @throws StationError */
export async function composeUplink(core: Core, life: LifePorts): Promise<Uplink> {
  const { file, session, version, chain, log, clock, store, admission, config, board, trouble } = core;
  const { recordings, speakers, faces } = core;
  const unwritten = tellUnwritten(trouble, log);
  const reporter = new Reporter({ station: file.station, session, version, store, admission, clock });
  const security = await openSecurity({
    file,
    clock,
    record: (kind, body) => store.record(clock.now(), kind, body, "result"),
    acceptance: () => {
      const sha256 = acceptanceView(store.notes)?.sha256;
      return sha256 === undefined ? null : { sha256, stream };
    },
    deliver: (topic, bytes) => downlink.receive(topic, bytes, "elsewhere"),
    // The link would show it only after the next loss, which may be too late. Nothing that plays needs the link, and it stands again at once.
    onIssued: () => link.reconnect(),
    onFault: (error) => log.error("identity", { error }),
  });
  const commands = new Commands({
    ...life,
    store,
    clock,
    board,
    speakers,
    faces,
    fetch,
    monthlyReport: async (month) => {
      const report = await stationReport(month, { store, admission, clock, file });
      return { type: "application/json", bytes: Buffer.from(JSON.stringify(report)) };
    },
    recording: async (id) => {
      const found = await recordings.read(id);
      return found === null ? null : { type: "audio/ogg; codecs=opus", bytes: found.bytes };
    },
    supportBundle: life.supportBundle,
    moveHome: (home, by) =>
      store.transaction(async (tx) => {
        await store.notes.set(tx, HOME_NOTE, home);
        await store.journal.append(tx, clock.now(), "re-homed", { ...home, by }, "alarm");
      }),
    renewCertificate: security.enrolment === null ? null : () => security.enrolment?.renewNow(),
    onFault: (error) => {
      if (isStorageFailed(error)) unwritten("command", error);
      else log.error("command", { error });
    },
  });
  await commands.open();
  const { stream } = await store.outbox.stats();
  const pump: EventPump = new EventPump({
    outbox: store.outbox,
    clock,
    station: file.station,
    session,
    stream,
    resendAfterMs: file.uplink.resendAfterMs,
    publish: (events) =>
      link.publish(uplinkTopic(file.station, "events"), JSON.stringify(events), { qos: 1, retain: false }),
    onFault: (error) => log.error("event pump", { error }),
  });
  /** What an acknowledgement leaves on the disk comes again with the next one: a card that refuses it ends no connection. */
  const unlessUnwritten = async <T>(write: () => Promise<T>): Promise<T | null> => {
    const written: T[] = [];
    await orUnwritten("acknowledgement", async () => written.push(await write()), unwritten);
    return written[0] ?? null;
  };
  const considerConfig = () => void config.consider().catch((error: unknown) => log.error("config", { error }));
  const downlink = new Downlink({
    admission,
    commands,
    clock,
    station: file.station,
    nonce: () => reporter.nonce,
    onAdopted: ({ key, claims }) => {
      log.info("adopted", { ...key, seq: claims.seq });
      if (key.kind === "config" || key.kind === "trust" || key.kind === "root") considerConfig();
      board.rebuild();
      pump.kick();
    },
    onAlert: () => board.rebuild(),
    onTorn: () => {
      considerConfig();
      board.rebuild();
    },
    onSourceHeard: (since) => {
      announcer.answered();
      // The broker may have passed it on while this station's subscription was not known everywhere yet.
      if (admission.withheld().length > 0) link.askAgain();
      return config.heardFromSource(since);
    },
    onAck: async (ack) => {
      if (ack.stream !== stream) return;
      const known = await unlessUnwritten(() => pump.acknowledge(ack.events));
      if (known === false) log.warn("acknowledgement beyond what was sent", { events: ack.events });
    },
    onCheckpoint: async (ack, evidence) => {
      // A stream is one life of the database, and so of the journal: a word on an earlier one says nothing of this.
      if (ack.stream !== stream || ack.checkpoint === undefined) return null;
      const checkpoint = { ...ack.checkpoint, evidence };
      const kept = await unlessUnwritten(async () => ({
        why: await store.transaction((tx) => store.journal.keep(tx, checkpoint, clock.now())),
      }));
      if (kept === null) return null;
      const { why } = kept;
      // What is kept already comes again at every connection; what contradicts the journal is an alarm.
      const contradiction = why?.reason === "policy" ? why : null;
      if (why === null || contradiction !== null) trouble.journal = contradiction?.detail ?? null;
      return contradiction;
    },
    onCountersigned: (examined) =>
      unlessUnwritten(() => countersign(examined, { store, clock, state: file.state, zone: file.zone })),
    onRefused: (topic, reason, detail) => {
      trouble.refused = { at: clock.monotonic(), what: `${topic}: ${reason}, ${detail}` };
      log.warn("refused", { topic, reason, detail });
      pump.kick();
    },
  });
  const announcer = new Announcer({
    clock,
    birth: () => reporter.birth(),
    publish: (text) => link.publish(uplinkTopic(file.station, "birth"), text, { qos: 1, retain: true }),
    onFault: (error) => log.error("birth", { error }),
  });
  const spread = () => Math.random() * file.uplink.reconnect.spreadMs;
  const link: BrokerLink = new BrokerLink({
    secure: security.secure,
    onSecured: (stood) => void security.secured(stood).catch((error: unknown) => log.error("identity", { error })),
    brokers: () => config.brokers(),
    clientId: file.station,
    times: file.uplink.reconnect,
    clock,
    subscriptions: subscriptions(chain),
    unqueued: unqueuedSubscriptions(chain),
    will: {
      topic: uplinkTopic(file.station, "birth"),
      payload: JSON.stringify({ kind: "death", station: file.station, session }),
    },
    onDocument: fromBroker({
      take: (topic, payload) => downlink.take(topic, payload, "link"),
      recorded: () => store.journal.head().seq,
      ...{ trouble, rubbish: new RubbishAllowance(clock) },
    }),
    onUp: () => {
      log.info("link up");
      pump.start(spread());
      announcer.start();
    },
    onDown: (reason) => {
      announcer.stop();
      log.warn("link down", { reason });
      void pump.stop().catch((error: unknown) => log.error("event pump", { error }));
    },
  });

  core.outside.connected = () => link.connected;
  core.outside.somethingNew = () => pump.kick();
  core.outside.reconfigured = () => {
    if (link.brokersChanged()) link.reconnect();
    else if (link.connected) announcer.start();
  };
  return { security, commands, downlink, link, pump, reporter };
}
