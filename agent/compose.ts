/** The composition root: makes every part and introduces it to the others. The only place that knows them all. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createAmplifier } from "../drivers/amplifier/create.ts";
import { SystemTime } from "../drivers/clock/system-time.ts";
import { HostFacts } from "../drivers/host/host-facts.ts";
import { SysfsPowerSupply } from "../drivers/sensor/power-supply.ts";
import { Conductor } from "../playback/conductor.ts";
import type { ApprovedMedia } from "../playback/model/schedule.ts";
import { StationError } from "../playback/model/station-error.ts";
import { isRefusal } from "../playback/ports/media.ts";
import { WebAudioOutput } from "../playback/sound/web-audio-output.ts";
import { MediaCache } from "../storage/content/media-cache.ts";
import { Store } from "../storage/store.ts";
import { Admission } from "./admission/admission.ts";
import { AgendaWarnings } from "./agenda-warnings.ts";
import { ChildSupervisor } from "./child-supervisor.ts";
import { Commands } from "./commands/commands.ts";
import { ConfigBook } from "./config/config-book.ts";
import { unreachable } from "./config/reachable.ts";
import type { StationFile } from "./config/station-file.ts";
import { subscriptions, uplinkTopic } from "./contract/topics.ts";
import { type RootFile, rootFile } from "./contract/trust.ts";
import { Downlink } from "./downlink.ts";
import { openSecurity } from "./enrolment/open-enrolment.ts";
import { FactBoard } from "./fact-board.ts";
import { ConcernBook } from "./health/concerns.ts";
import { atHome, HOME_NOTE } from "./home.ts";
import { addressesOf } from "./identity.ts";
import { createLogger } from "./logger.ts";
import { mediaNeeds } from "./media/needs.ts";
import { cacheRules } from "./media/rules.ts";
import { PatientPlayLog } from "./patient-play-log.ts";
import { PowerWatch } from "./power-watch.ts";
import { LifeRecords } from "./report/life-records.ts";
import { stationReport } from "./report/station-report.ts";
import { sessionsOf } from "./sessions.ts";
import type { Parts, Trouble } from "./station.ts";
import { type ClockMemory, TrustedClock } from "./trusted-clock.ts";
import { BrokerLink } from "./uplink/broker-link.ts";
import { EventPump } from "./uplink/event-pump.ts";
import { Reporter } from "./uplink/reporter.ts";

const CLOCK_NOTE = "clock";

async function readRoot(name: string): Promise<RootFile> {
  try {
    return rootFile.parse(JSON.parse(await readFile(name, "utf8")));
  } catch (error) {
    throw new StationError("config-invalid", `the root file ${name} cannot be used`, { cause: error });
  }
}

/** What a signed command may ask of the life of the agent. */
export interface LifePorts {
  readonly report: () => void;
  readonly restart: () => void;
}

/** Makes the agent, started nowhere yet but in storage. @throws StationError */
export async function compose(installed: StationFile, version: string, life: LifePorts): Promise<Parts> {
  const time = new SystemTime();
  const log = createLogger(installed.log.level, () => time.monotonic());
  const trouble: Trouble = {
    amplifier: null,
    storage: null,
    conductor: null,
    journal: null,
    pruned: null,
    refused: null,
    late: null,
    breaks: { at: 0, count: 0 },
  };
  const root = await readRoot(installed.root);
  await mkdir(installed.state, { recursive: true, mode: 0o750 });

  // The store stamps with a clock that is remembered in the store: until it is open, the system's own time serves.
  const store = await Store.open(installed.state, {
    clock: { ...plain(time), trust: () => "unknown" },
    outbox: installed.uplink.outbox,
  });
  const file = atHome(installed, store.notes.get(HOME_NOTE));
  const declared = file.hardware.clock.kind === "simulated" ? file.hardware.clock.trust : null;
  const remember = (memory: ClockMemory) => store.notes.set(null, CLOCK_NOTE, memory);
  const clock = new TrustedClock(time, (store.notes.get(CLOCK_NOTE) ?? null) as ClockMemory | null, remember, declared);
  await clock.observe();

  const chain = addressesOf(file);
  const admission = await Admission.open({ store, clock, root, chain, zone: file.zone });
  const config: ConfigBook = await ConfigBook.open({
    store,
    clock,
    admission,
    chain,
    brokersOfFile: file.uplink.brokers,
    bootTime: async () => ({ bootId: await time.bootId(), boottimeMs: await time.boottimeMs() }),
    unreachable,
    connected: () => link.connected,
    onChange: () => {
      board.rebuild();
      if (link.brokersChanged()) link.reconnect();
      else if (link.connected) announce();
    },
  });
  const supervisor = new ChildSupervisor();
  const sound = new WebAudioOutput({
    clock,
    supervisor,
    label: file.hardware.sound.device,
    latencyHint: file.hardware.sound.latencyHint,
    latencyCorrectionMs: file.hardware.sound.latencyCorrectionMs,
    log: (event, fields) => log.info(event, fields),
  });
  const pinned = new Set<string>();
  const cacheRulesNow = () =>
    cacheRules(
      file.media,
      config.layers.map(({ body }) => body),
      file.zone,
    );
  const media = await MediaCache.open(join(file.state, "media"), store.database, {
    clock,
    backOff: { firstMs: file.media.retryBaseMs, mostMs: file.media.retryCapMs },
    rules: cacheRulesNow(),
    onEvent: (kind, fields) => {
      log.info(`media ${kind}`, fields);
      void pinPresent().catch((error: unknown) => log.error("pin", { error }));
    },
  });

  const { battery } = file.hardware;
  const power = new PowerWatch(
    battery === undefined ? null : { sensor: new SysfsPowerSupply({ folder: battery.path }), battery, clock },
  );
  const board = new FactBoard({
    admission,
    store,
    clock,
    chain,
    zone: file.zone,
    output: file.output,
    limits: file.limits,
    configuration: () => config.layers.map(({ body }) => body),
    onChange: (facts) => {
      media.setApproved([...facts.approved.values()]);
      media.setRules(cacheRulesNow());
      media.setNeeds(mediaNeeds(facts, clock.now(), clock.trust()));
      conductor.update(power.join(facts));
      void pinPresent().catch((error: unknown) => log.error("pin", { error }));
    },
  });
  const conductor = new Conductor(
    {
      clock,
      sound,
      media,
      log: new PatientPlayLog(store.playLog, clock, (problem) => {
        trouble.storage = problem;
        if (problem !== null) log.error("play log", { problem });
      }),
      amplifier: createAmplifier(file.hardware.amplifier),
      sessions: () => sessionsOf(store.journal, clock.now()),
      onAmplifierFault: (error) => {
        trouble.amplifier = error instanceof Error ? error.message : String(error);
        log.error("amplifier", { error });
      },
      onSlotEnd: (key, outcome) => {
        log.info("slot ended", { key, outcome });
        if (key.startsWith("announcement ")) board.forgetAnnouncement(key);
        pump.kick();
      },
      onLateStart: (key, lateMs) => {
        trouble.late = { at: clock.monotonic(), what: `${key} began ${Math.round(lateMs)} ms late` };
        log.warn("late start", { key, lateMs });
      },
      onFault: (step, error) => {
        const message = error instanceof Error ? error.message : String(error);
        if (error instanceof StationError && error.code === "storage-failed") trouble.storage = message;
        else trouble.conductor = `${step}: ${message}`;
        log.error(`conductor ${step}`, { error });
      },
    },
    board.facts,
    file.hardware.amplifierTimes,
  );
  media.setApproved([...board.facts.approved.values()]);

  /** Decodes what must cut in at once, as soon as it is there and the output can take it. */
  async function pinPresent(): Promise<void> {
    for (const one of [...conductor.facts.approved.values()].filter((entry: ApprovedMedia) => entry.pinned)) {
      if (pinned.has(one.sha256)) continue;
      pinned.add(one.sha256);
      const opened = await media.open(one.sha256);
      const refused = isRefusal(opened) ? opened : await sound.pin(opened);
      if (refused === null) log.info("pinned", { title: one.title });
      else pinned.delete(one.sha256);
    }
  }

  const session = randomUUID();
  const reporter = new Reporter({ station: file.station, session, version, store, admission, clock });
  const security = await openSecurity({
    file,
    clock,
    record: (kind, body) =>
      store.transaction(async (tx) => void (await store.journal.append(tx, clock.now(), kind, body, "result"))),
  });
  const commands = new Commands({
    ...life,
    store,
    clock,
    board,
    fetch,
    monthlyReport: async (month) => {
      const report = await stationReport(month, { store, admission, clock, file });
      return { type: "application/json", bytes: Buffer.from(JSON.stringify(report)) };
    },
    moveHome: (home, by) =>
      store.transaction(async (tx) => {
        await store.notes.set(tx, HOME_NOTE, home);
        await store.journal.append(tx, clock.now(), "re-homed", { ...home, by }, "alarm");
      }),
    renewCertificate: security.enrolment === null ? null : () => security.enrolment?.renewNow(),
    onFault: (error) => log.error("command", { error }),
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
  const downlink = new Downlink({
    admission,
    commands,
    clock,
    station: file.station,
    nonce: () => reporter.nonce,
    onAdopted: (document) => {
      log.info("adopted", { ...document.key, seq: document.claims.seq });
      if (document.key.kind === "config" || document.key.kind === "trust") {
        config.consider().catch((error: unknown) => log.error("config", { error }));
      }
      board.rebuild();
      pump.kick();
    },
    onSourceHeard: (since) => config.heardFromSource(since),
    onAck: async (ack) => {
      if (ack.stream === stream && !(await pump.acknowledge(ack.events))) {
        log.warn("acknowledgement beyond what was sent", { events: ack.events });
      }
    },
    onCheckpoint: async (ack, evidence) => {
      // A stream is one life of the database, and so of the journal: a word on an earlier one says nothing of this.
      if (ack.stream !== stream || ack.checkpoint === undefined) return null;
      const checkpoint = { ...ack.checkpoint, evidence };
      const why = await store.transaction((tx) => store.journal.keep(tx, checkpoint, clock.now()));
      // What is kept already comes again at every connection; what contradicts the journal is an alarm.
      const contradiction = why?.reason === "policy" ? why : null;
      if (why === null || contradiction !== null) trouble.journal = contradiction?.detail ?? null;
      return contradiction;
    },
    onRefused: (topic, reason, detail) => {
      trouble.refused = { at: clock.monotonic(), what: `${topic}: ${reason}, ${detail}` };
      log.warn("refused", { topic, reason, detail });
      pump.kick();
    },
  });
  /** A birth with a fresh nonce: whoever answers it with signed time is the source, over this very connection. */
  function announce(): void {
    reporter
      .birth()
      .then((birth) =>
        link.publish(uplinkTopic(file.station, "birth"), JSON.stringify(birth), { qos: 1, retain: true }),
      )
      .catch((error: unknown) => log.error("birth", { error }));
  }
  const spread = () => Math.random() * file.uplink.reconnect.spreadMs;
  const link: BrokerLink = new BrokerLink({
    secure: security.secure,
    onSecured: (stood) => void security.secured(stood).catch((error: unknown) => log.error("identity", { error })),
    brokers: () => config.brokers(),
    clientId: file.station,
    times: file.uplink.reconnect,
    clock,
    subscriptions: subscriptions(chain),
    will: {
      topic: uplinkTopic(file.station, "birth"),
      payload: JSON.stringify({ kind: "death", station: file.station, session }),
    },
    onDocument: async (topic, payload) => {
      try {
        await downlink.receive(topic, payload);
        trouble.storage = null;
      } catch (error) {
        trouble.storage = error instanceof Error ? error.message : String(error);
        throw error;
      }
    },
    onUp: () => {
      log.info("link up");
      pump.start(spread());
      announce();
    },
    onDown: (reason) => {
      log.warn("link down", { reason });
      void pump.stop().catch((error: unknown) => log.error("event pump", { error }));
    },
  });

  const concerns = new ConcernBook();
  const host = new HostFacts({ stateFolder: file.state });
  return {
    file,
    session,
    version,
    log,
    clock,
    store,
    media,
    sound,
    supervisor,
    conductor,
    admission,
    config,
    security,
    commands,
    board,
    downlink,
    link,
    pump,
    reporter,
    life: new LifeRecords({ store, clock, session, version }),
    concerns,
    warnings: new AgendaWarnings(),
    power,
    host,
    guard: null,
    trouble,
  };
}

function plain(time: SystemTime) {
  return {
    now: () => time.now(),
    monotonic: () => time.monotonic(),
    wait: (delay: number, signal?: AbortSignal) => time.wait(delay, signal),
  };
}
