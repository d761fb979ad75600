/**
 * The core loop: asks the agenda and the arbiter, lets the planner compare, performs the steps. It stays thin: every rule is
 * in a pure function beside it, every actor in a file of its own. It needs no network.
 */
import { agenda, type Slot } from "./agenda/agenda.ts";
import { AmplifierKeeper, type OnAmplifierFault } from "./amplifier-keeper.ts";
import { isApproved } from "./approval.ts";
import { type Decision, decide } from "./arbiter/arbiter.ts";
import { type Candidate, HORIZON } from "./arbiter/candidate.ts";
import type { Sessions } from "./arbiter/sessions.ts";
import { Ducking } from "./ducking.ts";
import { Lane, type LanePorts } from "./lane.ts";
import type { Facts } from "./model/facts.ts";
import { HOUR, type Instant, MINUTE, type Millis } from "./model/units.ts";
import { type Actual, awaiting, type Leads, nextInstant, plan, type Step } from "./planner.ts";
import { type PlayoutTimes, warmUp } from "./playout.ts";
import type { Amplifier } from "./ports/amplifier.ts";
import type { MediaLibrary } from "./ports/media.ts";
import type { SoundOutput } from "./ports/sound.ts";
import type { Speech } from "./ports/speech.ts";
import type { PowerOnTurns } from "./power-on-turns.ts";
import { PreparedRuns } from "./prepared-runs.ts";
import { composeRound } from "./round-composer.ts";
import type { RunPorts } from "./run-ports.ts";
import { type LedgerPorts, SlotLedger } from "./slot-ledger.ts";
import type { SlotRun } from "./slot-run.ts";

export interface ConductorPorts extends Omit<LedgerPorts, "trouble"> {
  readonly sound: SoundOutput;
  readonly media: MediaLibrary;
  readonly speech: Speech;
  readonly amplifier: Amplifier;
  readonly onAmplifierFault: OnAmplifierFault;
  /** Shared by the amplifiers of a cluster that may not be switched on together. */
  readonly powerOnTurns?: PowerOnTurns | undefined;
  /** A sound began this long after the instant that was meant for it. */
  readonly onLateStart: (key: string, lateMs: Millis) => void;
  readonly onLive?: RunPorts["onLive"];
  /** Whatever else goes wrong in a step; the loop goes on. */
  readonly onFault: (step: string, error: unknown) => void;
}

/** Loop period at rest: a step of the wall clock is noticed within it. */
export const BEAT: Millis = 250;

export class Conductor {
  readonly #ports: ConductorPorts;
  readonly #keeper: AmplifierKeeper;
  readonly #leads: Leads;
  readonly #beat: Millis;
  #facts: Facts;
  #slots: readonly Slot[] = [];
  #window: { from: Instant; to: Instant } | null = null;
  #decision: Decision | null = null;
  #awaiting: ReadonlySet<string> = new Set();
  readonly #lanes: Omit<LanePorts, "holds">;
  readonly #lane: Lane;
  /** What sounds over it. */
  readonly #over: Lane;
  readonly #ducking: Ducking;
  readonly #prepared: PreparedRuns;
  readonly #ledger: SlotLedger;
  #kicked = new AbortController();
  #closed = false;
  #loop: Promise<void> = Promise.resolve();
  #turns = 0;

  constructor(ports: ConductorPorts, facts: Facts, times: PlayoutTimes, beat: Millis = BEAT) {
    this.#beat = beat;
    this.#ports = ports;
    this.#facts = facts;
    const { amplifier, clock, onAmplifierFault, powerOnTurns } = ports;
    this.#keeper = new AmplifierKeeper(amplifier, clock, times, () => this.kick(), onAmplifierFault, powerOnTurns);
    this.#prepared = new PreparedRuns({
      ...ports,
      pin: (source) => this.#facts.live.get(source) ?? null,
      amplifier: () => this.#keeper.evidence,
      compose: (candidate, round, silent) => composeRound(candidate, round, this.#facts, ports, silent),
      onProgress: () => this.kick(),
    });
    this.#ledger = new SlotLedger({ ...ports, trouble: (key) => this.#prepared.takeTrouble(key) });
    this.#lanes = { ledger: this.#ledger, clock: ports.clock, onFree: () => this.kick(), onFault: ports.onFault };
    this.#lane = new Lane({ ...this.#lanes, holds: (key) => this.#decision?.holder?.header.key === key });
    this.#over = new Lane({ ...this.#lanes, holds: (key) => this.#decision?.over?.header.key === key });
    this.#ducking = new Ducking(ports.clock);
    this.#leads = { prepareMs: 15_000, warmMs: warmUp(times) + 400 + (powerOnTurns?.longestMs ?? 0), scheduleMs: 300 };
    ports.sound.onChange(() => this.kick());
  }

  /** Takes up what a kill or a power cut left open, then plays. */
  async start(): Promise<void> {
    await this.#keeper.open();
    await this.#ledger.open();
    this.#loop = this.#run();
  }

  /** New facts count from the next turn, which begins at once. */
  update(facts: Facts): void {
    this.#facts = facts;
    this.#window = null;
    this.kick();
  }

  /** Turns the loop now. */
  kick(): void {
    this.#kicked.abort();
  }

  get facts(): Facts {
    return this.#facts;
  }
  get decision(): Decision | null {
    return this.#decision;
  }
  /** What has sounded in the last days. */
  get sessions(): Sessions {
    return this.#ledger.sessions;
  }
  get amplifier(): AmplifierKeeper {
    return this.#keeper;
  }
  /** Counts up while the core loop turns: what a watchdog may be fed with. */
  get turns(): number {
    return this.#turns;
  }
  /** What sounds over what is on air, if anything. */
  over(): ReturnType<Conductor["onAir"]> {
    const { run } = this.#over;
    return run === null ? null : { candidate: run.candidate, now: run.onAir() };
  }
  onAir(): { candidate: Candidate; now: ReturnType<SlotRun["onAir"]> } | null {
    const { run } = this.#lane;
    return run === null ? null : { candidate: run.candidate, now: run.onAir() };
  }

  /** Stops the sound; slots that ran stay open in the log, so that a restart takes them up. */
  async close(): Promise<void> {
    this.#closed = true;
    this.kick();
    await this.#loop;
    await Promise.all([this.#lane.close(), this.#over.close()]);
    this.#prepared.discardAll();
    await this.#keeper.close();
  }

  async #run(): Promise<void> {
    const { clock } = this.#ports;
    while (!this.#closed) {
      this.#kicked = new AbortController();
      const now = clock.now();
      const decision = this.#decide(now);
      this.#prepared.renew(askedBy(decision));
      for (const { run } of [this.#lane, this.#over]) {
        run?.leaveOut((item) => isApproved(item, run.candidate.header, this.#facts));
      }
      this.#ducking.turn(this.#lane.run, this.#over.run, this.#facts.policy);
      for (const step of plan(decision, this.#actual(), now, this.#leads)) await this.#perform(step);
      await Promise.all([this.#lane.settled, this.#over.settled]);
      this.#keeper.tick();
      this.#turns += 1;
      const next = nextInstant(decision, now, this.#leads);
      const wake = this.#keeper.wakeAt();
      const rest = Math.min(
        next === null ? this.#beat : next - clock.now(),
        wake === null ? this.#beat : wake - clock.monotonic(),
        this.#beat,
      );
      await clock.wait(Math.max(rest, 1), this.#kicked.signal);
    }
  }

  #decide(now: Instant): Decision {
    const { log, clock } = this.#ports;
    if (this.#window === null || now < this.#window.from || now > this.#window.to) {
      this.#slots = agenda(this.#facts, now - HORIZON.back, now + HORIZON.ahead);
      this.#window = { from: now - MINUTE, to: now + HOUR };
    }
    this.#decision = decide({
      facts: this.#facts,
      slots: this.#slots,
      now,
      trust: clock.trust(),
      running: this.#lane.candidate,
      runningMs: this.#ledger.heard(this.#lane.run),
      over: this.#over.candidate,
      overMs: this.#ledger.heard(this.#over.run),
      sessions: this.#ledger.sessions,
      suspended: this.#ledger.suspended,
      starving: this.#prepared.starving,
      awaiting: this.#awaiting,
      has: (sha256) => this.#ports.media.has(sha256),
      ended: (key) => log.has(key) && !this.#ledger.suspended.has(key) && !this.#isOnAir(key),
    });
    this.#awaiting = awaiting(this.#decision, this.#lane.candidate);
    return this.#decision;
  }

  #isOnAir(key: string): boolean {
    return this.#lane.candidate?.header.key === key || this.#over.candidate?.header.key === key;
  }

  #actual(): Actual {
    return {
      running: this.#lane.candidate,
      yielding: this.#lane.yielding,
      prepared: this.#prepared.states(),
      amplifierReady: this.#keeper.ready,
      over: this.#over.candidate,
      duck: this.#ducking.state,
    };
  }

  async #perform(step: Step): Promise<void> {
    try {
      switch (step.do) {
        case "close":
          return await this.#ledger.end(step.closing);
        case "amplifier":
          return this.#keeper.want(step.want);
        case "prepare":
          return this.#prepared.prepare(
            step.candidate,
            this.#ledger.suspended.get(step.candidate.header.key)?.progress ?? null,
          );
        case "discard":
          return this.#prepared.discard(step.key);
        case "stop":
          return this.#lane.stop(step.why, step.after);
        case "yield":
          return this.#lane.yield(step.after);
        case "stay":
          return this.#lane.stay();
        case "begin":
          this.#ledger.counts(step.candidate.header, this.#ports.clock.now());
          return await this.#begin(step.candidate, step.at);
        case "fail":
          return await this.#fail(step.candidate);
        case "duck":
          return this.#duck(step.down);
        case "begin-over":
          return await this.#begin(step.candidate, null);
        case "stop-over":
          return this.#over.stop(step.why, step.after);
      }
    } catch (error) {
      this.#ports.onFault(step.do, error);
    }
  }

  async #begin(candidate: Candidate, at: Instant | null): Promise<void> {
    const run = this.#prepared.take(candidate.header.key);
    if (run === null) return;
    if (candidate.ducks) return await this.#over.begin(run, at);
    this.#ducking.meet(run);
    await this.#lane.begin(run, at);
  }

  /** Writes down what cannot sound, beside whatever does. */
  async #fail(candidate: Candidate): Promise<void> {
    const run = this.#prepared.take(candidate.header.key);
    if (run === null) return;
    const lane = new Lane({ ...this.#lanes, holds: () => false });
    await lane.begin(run, null);
    // There is nothing to stop: this waits until it is written.
    await lane.close();
  }

  #duck(down: boolean): void {
    const { run } = this.#lane;
    if (!down) this.#ducking.up(run);
    else void this.#ducking.down(run, this.#facts.policy.duck).then(() => this.kick());
  }
}

/** Everything that asks for the output. */
function askedBy({ holder, over, waiting, upcoming }: Decision): Candidate[] {
  return [...[holder, over].filter((one) => one !== null), ...waiting.map(({ candidate }) => candidate), ...upcoming];
}
