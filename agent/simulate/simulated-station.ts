/**
 * One life of the agent between two power cuts: the real admission, facts, deciding, conducting, journal and outbox on the real database,
 * with a sound output, an amplifier and a library that only remember. `cut` takes the current away: nothing of it ever runs again.
 */
import { randomUUID } from "node:crypto";
import { Conductor } from "../../playback/conductor.ts";
import { isTrusted } from "../../playback/model/clock-trust.ts";
import type { Facts } from "../../playback/model/facts.ts";
import { MINUTE, type Millis, SECOND } from "../../playback/model/units.ts";
import { Store } from "../../storage/store.ts";
import { Admission } from "../admission/admission.ts";
import { Commands } from "../commands/commands.ts";
import { ConfigBook } from "../config/config-book.ts";
import type { Events } from "../contract/uplink.ts";
import { Downlink } from "../downlink.ts";
import { FactBoard } from "../fact-board.ts";
import { addressesOf } from "../identity.ts";
import { factsNow } from "../outputs/output-facts.ts";
import { PatientPlayLog } from "../patient-play-log.ts";
import { PowerWatch } from "../power-watch.ts";
import { sessionsOf } from "../sessions.ts";
import { type ClockMemory, TrustedClock } from "../trusted-clock.ts";
import { expireEvents, markUndated } from "../undated-events.ts";
import { EventPump } from "../uplink/event-pump.ts";
import { Reporter } from "../uplink/reporter.ts";
import { asClock, slower } from "./clocks.ts";
import { countWork } from "./counted-work.ts";
import { MemoryAmplifier } from "./memory-amplifier.ts";
import type { Province } from "./province.ts";
import type { Scenario } from "./scenario.ts";
import type { Signed, Signer } from "./signer.ts";
import { VirtualSound } from "./virtual-sound.ts";
import { VirtualSpeech } from "./virtual-speech.ts";
import type { Boot, World } from "./world.ts";

const TIMES = { settleMs: 800, guardMs: 120, tailMs: 150, holdMs: 20_000, minimumOffMs: 4_000 };
const CLOCK_NOTE = "clock";
/** At rest nothing changes but by the rules, whose instants the conductor knows, or by an event, which kicks it. */
const BEAT: Millis = 5 * MINUTE;
const EXPIRE_EVERY: Millis = 60 * MINUTE;

/** A simulated station has one output. */
const HORN = "horn";
/** There is one broker and the link to it; what it is called matters to nobody. */
const BROKER = "mqtt://province.simulated";

export interface StationPorts {
  readonly scenario: Scenario;
  readonly folder: string;
  readonly world: World;
  readonly signer: Signer;
  readonly province: Province;
  readonly onRefused: (topic: string, reason: string, detail: string) => void;
  readonly onFault: (where: string, error: unknown) => void;
}

export class SimulatedStation {
  readonly store: Store;
  readonly clock: TrustedClock;
  readonly sound: VirtualSound;
  readonly board: FactBoard;
  readonly conductor: Conductor;
  readonly power: PowerWatch;
  readonly #ports: StationPorts;
  readonly #boot: Boot;
  readonly #downlink: Downlink;
  readonly #reporter: Reporter;
  readonly #config: ConfigBook;
  readonly #pump: EventPump;
  #kicked = new AbortController();
  #alive = true;

  private constructor(ports: StationPorts, parts: Opened) {
    const { scenario, world, onFault } = ports;
    const { boot, store, clock, admission, stream, config } = parts;
    const { station } = scenario;
    const chain = addressesOf(station);
    this.#ports = ports;
    this.#boot = boot;
    this.#config = config;
    this.store = store;
    this.clock = clock;
    this.sound = new VirtualSound(clock);
    const { battery } = station;
    this.power = new PowerWatch(battery === undefined ? null : { sensor: world.supply, battery, clock });
    this.board = new FactBoard({
      admission,
      store,
      clock,
      chain,
      zone: station.zone,
      outputs: [HORN],
      limits: station.limits,
      configuration: () => config.layers,
      onChange: (facts) => this.#update(facts),
    });
    this.conductor = new Conductor(
      {
        clock,
        sound: this.sound,
        speech: new VirtualSpeech(),
        media: world.library(() => this.board.facts.approved),
        log: new PatientPlayLog(
          store.playLog,
          clock,
          (problem) => {
            if (problem !== null) onFault("play log", problem);
          },
          (what) => onFault("play log", what),
        ),
        amplifier: new MemoryAmplifier(() => clock.monotonic()),
        sessions: () => sessionsOf(store.journal, clock.now()),
        onAmplifierFault: (error) => onFault("amplifier", error),
        onSlotEnd: (key, outcome) => {
          if (key.startsWith("announcement ")) this.board.forgetAnnouncement(key, HORN, outcome);
          this.#pump.kick();
        },
        onLateStart: () => undefined,
        onFault: (step, error) => onFault(`conductor ${step}`, error),
      },
      factsNow(this.board.facts, HORN, clock),
      TIMES,
      BEAT,
    );
    const session = randomUUID();
    const identity = { station: station.station, session, version: "simulated", store, admission, clock };
    this.#reporter = new Reporter(identity);
    const commands = new Commands({
      store,
      clock,
      board: this.board,
      fetch: () => Promise.reject(new Error("a simulation has no network")),
      monthlyReport: null,
      moveHome: () => Promise.resolve(),
      renewCertificate: null,
      report: () => undefined,
      restart: () => undefined,
      onFault: (error) => onFault("command", error),
    });
    this.#pump = new EventPump({
      outbox: store.outbox,
      clock: slower(clock),
      station: station.station,
      session,
      stream,
      resendAfterMs: MINUTE,
      publish: (events) => this.#publish(events),
      onFault: (error) => onFault("event pump", error),
    });
    this.#downlink = new Downlink({
      admission,
      commands,
      clock,
      station: station.station,
      nonce: () => this.#reporter.nonce,
      onAlert: () => this.board.rebuild(),
      onAdopted: () => {
        this.board.rebuild();
        this.#pump.kick();
      },
      onTorn: () => this.board.rebuild(),
      onSourceHeard: (since) => config.heardFromSource(since),
      onAck: async (ack) => {
        if (ack.stream === stream) await this.#pump.acknowledge(ack.events);
      },
      onRefused: ports.onRefused,
    });
  }

  /** The board gets current, the agent starts and takes up what a cut left open. @throws StationError */
  static async start(ports: StationPorts): Promise<SimulatedStation> {
    const { world, folder, scenario, signer } = ports;
    const boot = world.boot();
    const store = await Store.open(folder, { clock: asClock(boot) });
    countWork(store.database, (work) => world.track(work));
    await markUndated(store);
    const remember = (memory: ClockMemory) => store.notes.set(null, CLOCK_NOTE, memory);
    const clock = new TrustedClock(boot, (store.notes.get(CLOCK_NOTE) ?? null) as ClockMemory | null, remember, null);
    await clock.observe();
    const { zone } = scenario.station;
    const chain = addressesOf(scenario.station);
    const admission = await Admission.open({ store, clock, root: signer.rootFile, chain, zone });
    let configured = (): void => undefined;
    const config = await ConfigBook.open({
      store,
      clock,
      admission,
      chain,
      brokersOfFile: [BROKER],
      bootTime: async () => ({ bootId: await boot.bootId(), boottimeMs: await boot.boottimeMs() }),
      unreachable: () => Promise.resolve(world.linkUp ? null : "the link is down"),
      connected: () => world.linkUp,
      onChange: () => configured(),
    });
    const { stream } = await store.outbox.stats();
    const station = new SimulatedStation(ports, { boot, store, clock, admission, config, stream });
    configured = () => station.#configured();
    world.playing = () => (station.conductor.onAir() ?? station.conductor.over()) !== null;
    await station.conductor.start();
    station.board.rebuild();
    void station.#tick().catch((error: unknown) => ports.onFault("tick", error));
    if (world.linkUp) await station.connect();
    return station;
  }

  /** The link stands: the keys, a birth and signed time, then what else the broker kept. */
  async connect(): Promise<void> {
    await this.clock.observe();
    const waiting = this.#ports.province.waiting();
    for (const signed of waiting.filter(({ kind }) => kind === "trust")) await this.receive(signed);
    await this.#announce();
    for (const signed of waiting.filter(({ kind }) => kind !== "trust")) await this.receive(signed);
    this.#pump.start(0);
    this.kick();
  }
  async disconnect(): Promise<void> {
    await this.#pump.stop();
    this.kick();
  }

  receive({ topic, bytes }: Signed): Promise<void> {
    return this.#downlink.receive(topic, bytes, "link");
  }

  /** Something outside the rules happened: look at it now. */
  kick(): void {
    this.#kicked.abort();
    this.conductor.kick();
  }

  /** The current is gone; the disk keeps what was written. */
  async cut(): Promise<void> {
    this.#alive = false;
    this.#boot.end();
    await this.#ports.world.settled();
    await this.store.close();
  }

  /** A birth with a fresh nonce; the source answers it with signed time. */
  async #announce(): Promise<void> {
    await this.receive(await this.#ports.province.time(await this.#reporter.birth()));
  }

  /** Another configuration counts: the source's next answer confirms it. */
  #configured(): void {
    this.board.rebuild();
    const { world, onFault } = this.#ports;
    if (world.linkUp) void world.track(this.#announce()).catch((error: unknown) => onFault("birth", error));
  }

  async #publish(events: Events): Promise<boolean> {
    const { province, world } = this.#ports;
    if (!world.linkUp || !this.#alive) return false;
    const work = province.acknowledge(events).then((ack) => this.receive(ack));
    void world.track(work).catch((error: unknown) => this.#ports.onFault("acknowledgement", error));
    return true;
  }

  #update(facts: Facts): void {
    this.conductor.update(this.power.join(factsNow(facts, HORN, this.clock)));
  }

  /** What the lifecycle does every second, here as often as something may change. */
  async #tick(): Promise<void> {
    const { store, clock, board, power } = this;
    let expiredAt = clock.monotonic();
    while (this.#alive) {
      this.#kicked = new AbortController();
      await clock.observe();
      await this.#ports.world.track(this.#config.consider());
      board.tick();
      if (await power.tick(board.facts.policy.emergencyReserveMs)) this.#update(board.facts);
      if (clock.monotonic() - expiredAt >= EXPIRE_EVERY && isTrusted(clock.trust())) {
        expiredAt = clock.monotonic();
        await expireEvents(store, clock.now());
      }
      const { emergencies, announcements } = board.facts;
      const standing = [...emergencies, ...announcements].some(({ ended }) => ended === null);
      const restless = standing || power.state.pending !== null || power.state.mode !== "mains";
      // Whole minutes of the day: volumes turn at one.
      await clock.wait(restless ? SECOND : MINUTE - (clock.now() % MINUTE), this.#kicked.signal);
    }
  }
}

/** What is open before anything can play. */
interface Opened {
  readonly boot: Boot;
  readonly store: Store;
  readonly clock: TrustedClock;
  readonly admission: Admission;
  readonly config: ConfigBook;
  readonly stream: string;
}
