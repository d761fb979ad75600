/** Starts the parts in order, keeps the periodic work going, and stops so that the amplifier ends safe. */
import { GuardLink } from "../drivers/guard/guard-link.ts";
import type { HostReport } from "../drivers/host/host-facts.ts";
import { isTrusted } from "../playback/model/clock-trust.ts";
import type { Millis } from "../playback/model/units.ts";
import type { Clock } from "../playback/ports/clock.ts";
import { compose } from "./compose.ts";
import { Considering } from "./config/considering.ts";
import { guardOrigin } from "./guard-origin.ts";
import { HealthReport } from "./health/health-report.ts";
import { observe } from "./health/observe.ts";
import { Progress } from "./health/progress.ts";
import { Housekeeping } from "./housekeeping.ts";
import type { Output } from "./outputs/output.ts";
import { journalAcceptances } from "./setup/journal-acceptance.ts";
import type { StartPlan } from "./start/start-plan.ts";
import { startedAs } from "./start/started-as.ts";
import type { Parts } from "./station.ts";
import { ownBundle } from "./support/own-bundle.ts";
import { askForTime } from "./uplink/time-before-tls.ts";

const TICK: Millis = 1_000;
const HOST_EVERY: Millis = 30_000;
/** The guard hears nothing while the core loop has not turned for this long. */
const PROGRESS: Millis = 2_000;
const SECURE_EVERY: Millis = 2_000;
/** While the clock is not trusted, signed time is asked for this often. */
const ASK_TIME_EVERY: Millis = 15_000;
/** Before a lost guard is replaced. */
const GUARD_PAUSE: Millis = 1_000;

export class Lifecycle {
  readonly parts: Parts;
  readonly #stopping = new AbortController();
  readonly #housekeeping: Housekeeping;
  readonly #health: HealthReport;
  readonly #considering: Considering;
  readonly #progress = new Progress();
  #loops: Promise<void>[] = [];
  /** Turns of the loop that reads and writes storage. */
  #ticks = 0;
  #host: HostReport | null = null;
  readonly #restart = Promise.withResolvers<void>();

  private constructor(parts: Parts) {
    this.parts = parts;
    this.#housekeeping = new Housekeeping(parts);
    this.#health = new HealthReport(parts);
    this.#considering = new Considering(parts);
  }

  /** Resolves when schedules can play. @throws StationError */
  static async start(plan: StartPlan, version: string): Promise<Lifecycle> {
    const later: { lifecycle?: Lifecycle } = {};
    const report = () => {
      if (later.lifecycle !== undefined) later.lifecycle.#health.ask();
    };
    const restart = () => {
      if (later.lifecycle !== undefined) later.lifecycle.#restart.resolve();
    };
    const supportBundle = (by: string) => {
      if (later.lifecycle === undefined) throw new Error("nobody commands an agent that is not composed");
      return ownBundle(later.lifecycle.parts, by);
    };
    const lifecycle = new Lifecycle(await compose(plan, version, { report, restart, supportBundle }));
    later.lifecycle = lifecycle;
    await lifecycle.#start();
    return lifecycle;
  }

  /** Resolves when a signed command asks for a restart; whoever runs the agent then stops it. */
  get restartAsked(): Promise<void> {
    return this.#restart.promise;
  }

  get hostReading(): HostReport | null {
    return this.#host;
  }

  async #start(): Promise<void> {
    const { parts } = this;
    const { signal } = this.#stopping;
    await this.#housekeeping.started();
    await journalAcceptances(parts).catch((error: unknown) => parts.log.error("acceptance", { error }));
    // Watched before the first line is driven.
    await Promise.all([
      ...parts.outputs.map(({ sound }) => sound.open()),
      // In safe mode not all that was approved is known, and a lost state folder takes no changes.
      parts.media.reconcile(parts.plan.safe !== null || parts.plan.stateLost !== null),
      parts.recordings.open(),
      this.#startGuard(),
      parts.speech.findVoices(),
    ]);
    await Promise.all(parts.outputs.map(({ conductor }) => conductor.start()));
    parts.board.rebuild();
    await this.#considering.tick();
    parts.link.start();
    this.#loops = [
      ...[this.#tick(signal), this.#power(signal), this.#report(signal), this.#secure(signal)],
      ...[parts.media.sync(signal), parts.media.scrub(signal), parts.contacts.run(signal)],
      ...[parts.measuring.run(signal), parts.air.run(signal)],
      this.#faces(signal),
    ];
    parts.start.ready(parts.clock.monotonic());
    const said = await startedAs(parts);
    parts.log.info("ready", { station: parts.file.station, clock: parts.clock.trust(), said });
    parts.manager.ready(said);
    if (parts.manager.watchdogMs !== null) this.#loops.push(this.#watchdog(parts.manager.watchdogMs, signal));
  }

  /** An amplifier that is wired is watched from outside; a guard that dies is replaced. */
  async #startGuard(): Promise<void> {
    const { parts } = this;
    const amplifiers = parts.outputs.flatMap(({ amplifier }) => amplifier ?? []);
    if (amplifiers.length === 0) return;
    const turning = parts.outputs.map((output) => progressOf(output, parts.clock));
    // Each is asked, so that each remembers when it last turned.
    const healthy = () => turning.map((turns) => turns()).every((turns) => turns);
    const again = async () => {
      await parts.clock.wait(GUARD_PAUSE, this.#stopping.signal);
      if (!this.#stopping.signal.aborted) await this.#startGuard();
    };
    try {
      parts.guard = await GuardLink.start({
        from: guardOrigin(),
        amplifiers,
        healthy,
        onLost: (why) => {
          parts.guard = null;
          parts.log.error("guard lost", { why });
          // It may have made the outputs safe under our feet: the driver reads back and drives again.
          void again();
        },
      });
    } catch (error) {
      parts.log.error("guard", { error });
      void again();
    }
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const { clock, board, concerns, host, outputs, log, start } = this.parts;
    let hostAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const now = clock.monotonic();
      await clock.observe();
      board.tick();
      await this.#considering.tick();
      await this.#housekeeping.tick();
      await start.tick(now).catch((error: unknown) => log.error("start", { error }));
      this.#ticks += 1;
      if (now - hostAt >= HOST_EVERY) {
        hostAt = now;
        this.#host = await host.read();
      }
      for (const { conductor, trouble } of outputs) {
        if (conductor.amplifier.phase !== "fault") trouble.amplifier = null;
      }
      concerns.observe(observe(this.parts, this.#host), clock.now(), now);
      await clock.wait(TICK, signal);
    }
  }

  /** Tells the service manager that the agent gets on with its work, and stops telling when it does not. */
  async #watchdog(everyMs: Millis, signal: AbortSignal): Promise<void> {
    const { clock, outputs, faces, manager, log } = this.parts;
    const alive = new Map<string, number>();
    while (!signal.aborted) {
      const pulses = [
        { part: "storage", count: this.#ticks, excused: false },
        ...outputs.map(({ name, conductor }) => ({ part: `agenda ${name}`, count: conductor.turns, excused: false })),
        ...outputs.map(({ name, sound }) => {
          const { state } = sound.state();
          // A card that is not there is looked for again by the engine itself; one that stands still for so long has caught it.
          const count = (alive.get(name) ?? 0) + (state === "running" ? 1 : 0);
          alive.set(name, count);
          return { part: `audio clock ${name}`, count, excused: state === "absent" || state === "none" };
        }),
        ...(faces === null ? [] : [{ part: "faces", count: faces.turns, excused: false }]),
      ];
      const still = this.#progress.observe(pulses, clock.monotonic());
      if (still.length === 0) manager.alive();
      else {
        log.error("watchdog", { still });
        manager.status(`stands still: ${still.join(", ")}`);
      }
      await clock.wait(everyMs / 4, signal);
    }
  }

  /** Whatever ends the work on the faces, the station goes on without it; the watchdog hears where they are decided no more. */
  async #faces(signal: AbortSignal): Promise<void> {
    const { faces, log } = this.parts;
    await faces?.run(signal).catch((error: unknown) => log.error("faces", { error }));
  }

  /** A loop of its own: a fuel gauge that answers slowly holds up nothing else. */
  async #power(signal: AbortSignal): Promise<void> {
    const { clock, power, board, outputs, faces, log } = this.parts;
    while (!signal.aborted) {
      if (await power.tick(board.facts.policy.emergencyReserveMs)) {
        log.warn("power", { mode: power.state.mode, chargePercent: power.state.chargePercent });
        for (const output of outputs) output.update(power.join(board.facts));
        faces?.update(power.join(board.facts));
      }
      await clock.wait(TICK, signal);
    }
  }

  /** What needs the province's services besides the broker: a certificate, and the time while nothing else tells it. */
  async #secure(signal: AbortSignal): Promise<void> {
    const { clock, security, log, file, reporter, downlink } = this.parts;
    let askedAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const { timeUrl } = file.identity;
      const lost = !isTrusted(clock.trust());
      if (timeUrl !== undefined && lost && clock.monotonic() - askedAt >= ASK_TIME_EVERY) {
        askedAt = clock.monotonic();
        try {
          const answer = await askForTime(timeUrl, file.station, reporter.freshNonce());
          for (const { topic, bytes } of answer) await downlink.receive(topic, bytes, "elsewhere");
        } catch (error) {
          log.warn("time", { error });
        }
      }
      try {
        await security.enrolment?.tick();
      } catch (error) {
        log.error("enrolment", { error });
      }
      await clock.wait(SECURE_EVERY, signal);
    }
  }

  async #report(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.parts;
    while (!signal.aborted) {
      try {
        await this.#health.tick(this.#host);
      } catch (error) {
        log.error("health", { error });
      }
      await clock.wait(TICK, signal);
    }
  }

  /** Ends cleanly: sound fades, amplifier off, a slot that ran is taken up again within 60 s. */
  async stop(): Promise<void> {
    const { commands, link, pump, outputs, supervisor, store, log } = this.parts;
    this.parts.manager.stopping();
    this.#stopping.abort();
    await commands.close();
    // First the link: a broker that withholds its PUBACK would hold up the pump, and with it the amplifier.
    await link.stop();
    await pump.stop();
    await Promise.all(outputs.map(({ conductor }) => conductor.close()));
    await this.parts.guard?.close();
    await this.parts.recordings.close();
    await Promise.all(outputs.map(({ sound }) => sound.close()));
    await supervisor.stopAll();
    await Promise.all(this.#loops);
    await this.#housekeeping.stopped();
    await store.close();
    await this.parts.start.stopped();
    log.info("stopped");
  }
}

/** Whether the core loop of an output turns. */
function progressOf({ conductor }: Output, clock: Clock): () => boolean {
  let turns = -1;
  let turnedAt = clock.monotonic();
  return () => {
    const now = clock.monotonic();
    // Opening a card may take longer than a turn ever should.
    if (conductor.turns === 0) return true;
    if (conductor.turns !== turns) {
      turns = conductor.turns;
      turnedAt = now;
    }
    return now - turnedAt < PROGRESS;
  };
}
