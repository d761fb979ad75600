/** The first half of the composition: what plays with the network gone. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Buses } from "../drivers/bus/bus.ts";
import { SystemTime } from "../drivers/clock/system-time.ts";
import { FfmpegEar } from "../drivers/ear/ffmpeg-ear.ts";
import { SysfsPowerSupply } from "../drivers/sensor/power-supply.ts";
import type { Facts } from "../playback/model/facts.ts";
import { targetOf } from "../playback/model/loudness.ts";
import type { Refusal } from "../playback/model/refusal.ts";
import { StationError } from "../playback/model/station-error.ts";
import type { Sha256 } from "../playback/model/units.ts";
import { measuringRecipe } from "../playback/sound/processing.ts";
import { SpokenTexts } from "../playback/sound/spoken-texts.ts";
import { textDigest } from "../playback/sound/text-digest.ts";
import { DerivedStore } from "../storage/content/derived-store.ts";
import { MediaCache } from "../storage/content/media-cache.ts";
import { Store } from "../storage/store.ts";
import { Admission } from "./admission/admission.ts";
import { textsOf } from "./adopted.ts";
import { composeBoard } from "./board/compose-board.ts";
import { ChildSupervisor } from "./child-supervisor.ts";
import { ConfigBook } from "./config/config-book.ts";
import { outputsOf, sounds } from "./config/hardware-file.ts";
import { unreachable } from "./config/reachable.ts";
import type { Address } from "./contract/primitives.ts";
import { type RootFile, rootFile } from "./contract/trust.ts";
import { FactBoard } from "./fact-board.ts";
import { AirWatch } from "./health/air-watch.ts";
import { atHome, HOME_NOTE } from "./home.ts";
import { addressesOf } from "./identity.ts";
import { createLogger } from "./logger.ts";
import { Measuring } from "./media/measuring.ts";
import { mediaNeeds } from "./media/needs.ts";
import { Pinning } from "./media/pinning.ts";
import { cacheRules } from "./media/rules.ts";
import { bandOf, composeOutputs } from "./outputs/compose-outputs.ts";
import type { Output } from "./outputs/output.ts";
import { Pages } from "./paging/pages.ts";
import { PatientPlayLog } from "./patient-play-log.ts";
import { PowerWatch } from "./power-watch.ts";
import { composeRecordings } from "./recordings/compose-recordings.ts";
import { SpeakerTests } from "./speaker/speaker-tests.ts";
import { countingDocuments, restoreInto } from "./start/snapshot.ts";
import type { StartPlan } from "./start/start-plan.ts";
import type { Parts, Trouble } from "./station.ts";
import { type ClockMemory, TrustedClock } from "./trusted-clock.ts";
import { markUndated } from "./undated-events.ts";
import { tellUnwritten } from "./unwritten.ts";

const CLOCK_NOTE = "clock";

async function readRoot(name: string): Promise<RootFile> {
  try {
    return rootFile.parse(JSON.parse(await readFile(name, "utf8")));
  } catch (error) {
    throw new StationError("config-invalid", `the root file ${name} cannot be used`, { cause: error });
  }
}

/** What the core asks of the uplink, which is made after it: nothing, until it is there. */
export interface Outside {
  connected: () => boolean;
  /** Another configuration is in force. */
  reconfigured: () => void;
  /** There are new events. */
  somethingNew: () => void;
}

export type Core = Pick<
  Parts,
  | "file"
  | "plan"
  | "restored"
  | "session"
  | "version"
  | "log"
  | "clock"
  | "store"
  | "media"
  | "measuring"
  | "air"
  | "speakers"
  | "faces"
  | "outputs"
  | "speech"
  | "recordings"
  | "supervisor"
  | "admission"
  | "config"
  | "board"
  | "pages"
  | "power"
  | "trouble"
> & { readonly chain: readonly Address[]; readonly outside: Outside; readonly buses: Buses };

/** Makes the core, started nowhere yet but in storage. @throws StationError */
export async function composeCore(plan: StartPlan, version: string): Promise<Core> {
  const { file: installed, safe, snapshot } = plan;
  const time = new SystemTime();
  const log = createLogger(installed.log, () => time.monotonic());
  const trouble: Trouble = {
    ...{ storage: null, lost: null, journal: null, pruned: null, refused: null, sagged: null, recording: null },
  };
  const unwritten = tellUnwritten(trouble, log);
  const root = await readRoot(installed.root);
  await mkdir(installed.state, { recursive: true, mode: 0o750 });

  // The store stamps with a clock that is remembered in the store: until it is open, the system's own time serves.
  const store = await Store.open(installed.state, {
    clock: { ...plain(time), trust: () => "unknown" },
    outbox: installed.uplink.outbox,
  });
  await markUndated(store).catch((error: unknown) => log.error("events", { error }));
  const restored = await restoreInto(store, snapshot, time.now(), unwritten);
  const file = atHome(installed, store.notes.get(HOME_NOTE));
  const declared = file.hardware.clock.kind === "simulated" ? file.hardware.clock.trust : null;
  const remember = async (memory: ClockMemory) => {
    await store.notes.set(null, CLOCK_NOTE, memory);
    trouble.storage = null;
  };
  const remembered = (store.notes.get(CLOCK_NOTE) ?? null) as ClockMemory | null;
  const clock = new TrustedClock(time, remembered, remember, declared, unwritten);
  await clock.observe();

  const chain = addressesOf(file);
  const outside: Outside = {
    connected: () => false,
    reconfigured: () => undefined,
    somethingNew: () => undefined,
  };
  const counting =
    safe === null ? {} : { counting: countingDocuments(store.documents.current(), snapshot, safe.rung === "bare") };
  const admission = await Admission.open({
    store,
    clock,
    root,
    chain,
    zone: file.zone,
    onUnwritten: unwritten,
    ...counting,
  });
  const config: ConfigBook = await ConfigBook.open({
    ...{ store, clock, admission, chain, onUnwritten: unwritten },
    brokersOfFile: file.uplink.brokers,
    bootTime: async () => ({ bootId: await time.bootId(), boottimeMs: await time.boottimeMs() }),
    unreachable,
    connected: () => outside.connected(),
    onChange: () => {
      board.rebuild();
      outside.reconfigured();
    },
  });
  const supervisor = new ChildSupervisor();
  const derived = await DerivedStore.open(join(file.state, "derived"));
  const speech = new SpokenTexts({ clock, supervisor, derived });
  const allowTexts = ({ emergencies, approved }: Facts) => {
    const { digests, texts } = textsOf(admission.documents, emergencies, file.zone);
    speech.setApproved([...digests, ...texts.map(({ text }) => textDigest(text))]);
    // What an alert says is ready before its siren is over; what could not be rendered is told when it is its turn.
    speech.prepare(texts).catch((error: unknown) => log.error("speech", { error }));
    measuring.want(approved.values(), texts);
  };
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
      measuring.wake();
      pin();
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
    outputs: outputsOf(file).map(({ name }) => name),
    limits: file.limits,
    withoutLive: safe !== null,
    onUnwritten: unwritten,
    configuration: () => config.layers,
    onChange: (facts) => {
      media.setApproved([...facts.approved.values()]);
      allowTexts(facts);
      media.setRules(cacheRulesNow());
      media.setNeeds(mediaNeeds(facts, clock.now(), clock.trust()));
      for (const output of outputs) output.update(power.join(facts));
      faces?.update(power.join(facts));
      pin();
    },
  });
  const playLog = new PatientPlayLog(
    store.playLog,
    clock,
    (problem) => {
      trouble.storage = problem;
      if (problem !== null) log.error("play log", { problem });
    },
    (what) => {
      trouble.lost = { at: clock.monotonic(), what };
      log.error("play log", { lost: what });
    },
  );
  const recordings = composeRecordings({ clock, supervisor, file, config, store, trouble, log }, () =>
    outside.somethingNew(),
  );
  const buses = new Buses();
  const outputs = composeOutputs({
    ...{ file, clock, store, media, speech, recordings, supervisor, playLog, buses, board, trouble, log },
    onSlotEnd: () => outside.somethingNew(),
  });
  const pinning = new Pinning(
    media,
    outputs.map(({ sound }) => sound),
    log,
  );
  const bands = outputsOf(file).filter(sounds).map(bandOf);
  const measuring = new Measuring({
    ...{ clock, supervisor, media, speech, bands, log },
    book: store.loudness,
    onMeasured: () => pin(),
  });
  // For the loudest that they may have to sound; anew once they are measured for every output.
  const pin = () => {
    const { approved, policy } = board.facts;
    const known = (sha256: Sha256) => bands.every((band) => store.loudness.get(sha256, measuringRecipe(band)) !== null);
    void pinning.pin(approved.values(), targetOf("emergency", policy.loudness), known);
  };
  media.setApproved([...board.facts.approved.values()]);
  const air = new AirWatch(outputs, { clock, store, log });
  const wired = file.hardware.ear;
  const ear = wired === undefined ? null : new FfmpegEar(wired, supervisor);
  const faces =
    file.hardware.board === undefined
      ? null
      : composeBoard({
          ...{ file: file.hardware.board, state: file.state, scratch: dirname(file.socket) },
          ...{ clock, supervisor, media, store, log, buses },
          facts: () => power.join(board.facts),
          outputs: () => outputs,
          onRecord: () => outside.somethingNew(),
        });
  const { microphone } = file.hardware;
  const pages = new Pages({
    ...{ board, store, clock, configuration: () => config.layers },
    microphone: microphone === undefined ? null : () => openMicrophones(outputs),
    onUnwritten: unwritten,
  });
  const speakers = new SpeakerTests({ clock, store, board, outputs, ear });

  return {
    file,
    plan,
    restored,
    session: randomUUID(),
    version,
    chain,
    log,
    clock,
    store,
    media,
    measuring,
    air,
    speakers,
    faces,
    outputs,
    speech,
    recordings,
    supervisor,
    admission,
    config,
    board,
    pages,
    power,
    trouble,
    outside,
    buses,
  };
}

/** One output that can be spoken through is enough; the others record why they could not. */
async function openMicrophones(outputs: readonly Output[]): Promise<Refusal | null> {
  const closed = await Promise.all(outputs.map(({ sound }) => sound.openMicrophone()));
  return closed.includes(null) ? null : (closed[0] ?? null);
}

function plain(time: SystemTime) {
  return {
    now: () => time.now(),
    monotonic: () => time.monotonic(),
    wait: (delay: number, signal?: AbortSignal) => time.wait(delay, signal),
  };
}
