/**
 * The core loop: asks the agenda and the arbiter, lets the planner compare, performs the steps. It stays thin: every rule is
 * in a pure function beside it, every actor in a file of its own. It needs no network.
 */
import { agenda, type Slot } from "./agenda/agenda.ts";
import { AmplifierKeeper, type OnAmplifierFault } from "./amplifier-keeper.ts";
import { alertRound } from "./arbiter/alert-round.ts";
import { type Closing, type Decision, decide, type Suspended } from "./arbiter/arbiter.ts";
import { type Candidate, HORIZON, RESUME_AFTER_KILL } from "./arbiter/candidate.ts";
import type { Session, Sessions } from "./arbiter/sessions.ts";
import type { Facts } from "./model/facts.ts";
import { type Refusal, refusal } from "./model/refusal.ts";
import type { Item } from "./model/schedule.ts";
import { HOUR, type Instant, MINUTE, type Millis, type Sha256 } from "./model/units.ts";
import { type Actual, type Leads, nextInstant, plan, type Step } from "./planner.ts";
import { type PlayoutTimes, warmUp } from "./playout.ts";
import type { Amplifier } from "./ports/amplifier.ts";
import type { Clock } from "./ports/clock.ts";
import type { MediaLibrary } from "./ports/media.ts";
import type { PlayLog, SlotOutcome } from "./ports/play-log.ts";
import type { SoundOutput } from "./ports/sound.ts";
import type { Speech } from "./ports/speech.ts";
import { PreparedRuns } from "./prepared-runs.ts";
import { killedSegment } from "./segments.ts";
import { heardIn, SessionBook } from "./session-book.ts";
import type { SlotRun } from "./slot-run.ts";

export interface ConductorPorts {
  readonly clock: Clock;
  readonly sound: SoundOutput;
  readonly media: MediaLibrary;
  readonly speech: Speech;
  readonly log: PlayLog;
  readonly amplifier: Amplifier;
  /** What sounded and ended in the last two days, before this start; without it caps count from the start. */
  readonly sessions?: () => Promise<readonly Session[]>;
  readonly onAmplifierFault: OnAmplifierFault;
  /** A slot was closed; it stands in the journal already. */
  readonly onSlotEnd: (key: string, outcome: SlotOutcome) => void;
  /** A sound began this long after the instant that was meant for it. */
  readonly onLateStart: (key: string, lateMs: Millis) => void;
  /** Whatever else goes wrong in a step; the loop goes on and the concern stands until it succeeds. */
  readonly onFault: (step: string, error: unknown) => void;
}

/** Loop period at rest: a step of the wall clock is noticed within it. */
export const BEAT: Millis = 250;
const FADE: Millis = 10;

export class Conductor {
  readonly #ports: ConductorPorts;
  readonly #keeper: AmplifierKeeper;
  readonly #leads: Leads;
  readonly #beat: Millis;
  #facts: Facts;
  #slots: readonly Slot[] = [];
  #window: { from: Instant; to: Instant } | null = null;
  #decision: Decision | null = null;
  #running: { run: SlotRun; finished: Promise<void> } | null = null;
  #yielding = false;
  /** The sound that fades while its successor begins already. Never rejects. */
  #stopping: Promise<void> = Promise.resolve();
  readonly #prepared: PreparedRuns;
  readonly #suspended = new Map<string, Suspended>();
  readonly #book = new SessionBook();
  #kicked = new AbortController();
  #closed = false;
  #loop: Promise<void> = Promise.resolve();
  #turns = 0;

  constructor(ports: ConductorPorts, facts: Facts, times: PlayoutTimes, beat: Millis = BEAT) {
    this.#beat = beat;
    this.#ports = ports;
    this.#facts = facts;
    this.#keeper = new AmplifierKeeper(ports.amplifier, ports.clock, times, () => this.kick(), ports.onAmplifierFault);
    this.#prepared = new PreparedRuns({
      ...ports,
      pin: (source) => this.#facts.live.get(source) ?? null,
      amplifier: () => this.#keeper.evidence,
      compose: (candidate, round) => this.#compose(candidate, round),
      onProgress: () => this.kick(),
    });
    this.#leads = { prepareMs: 15_000, warmMs: warmUp(times) + 400, scheduleMs: 300 };
    ports.sound.onChange(() => this.kick());
  }

  /** Takes up what a kill or a power cut left open, then plays. */
  async start(): Promise<void> {
    await this.#keeper.open();
    const now = this.#ports.clock.now();
    this.#book.load((await this.#ports.sessions?.()) ?? []);
    for (const { header, progress: noted, segments } of await this.#ports.log.open()) {
      const { sounding: _, ...progress } = noted;
      const killed = killedSegment(noted);
      const heard = heardIn(killed === null ? segments : [...segments, killed]);
      if (heard > 0) this.#book.load([{ ...header, soundedMs: heard }]);
      if (killed !== null) await this.#ports.log.addSegment(header.key, killed, progress);
      const gone = now - progress.at;
      const active = header.kind === "emergency";
      if (active || (gone >= 0 && gone <= RESUME_AFTER_KILL)) {
        this.#suspended.set(header.key, { header, progress, since: progress.at });
        continue;
      }
      const why = refusal("too-late", `the agent was down for ${Math.round(gone / 1000)} s, allowed are 60 s`);
      await this.#end({ header, outcome: "interrupted", why });
    }
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
    return this.#book.sessions;
  }
  get amplifier(): AmplifierKeeper {
    return this.#keeper;
  }
  /** Counts up while the core loop turns: what a watchdog may be fed with. */
  get turns(): number {
    return this.#turns;
  }
  onAir(): { candidate: Candidate; now: ReturnType<SlotRun["onAir"]> } | null {
    return this.#running === null ? null : { candidate: this.#running.run.candidate, now: this.#running.run.onAir() };
  }

  /** Stops the sound; slots that ran stay open in the log, so that a restart takes them up. */
  async close(): Promise<void> {
    this.#closed = true;
    this.kick();
    await this.#loop;
    await this.#running?.run.stop(FADE);
    await this.#running?.finished;
    this.#prepared.discardAll();
    await this.#keeper.close();
  }

  async #run(): Promise<void> {
    const { clock } = this.#ports;
    while (!this.#closed) {
      this.#kicked = new AbortController();
      const now = clock.now();
      const decision = this.#decide(now);
      for (const step of plan(decision, this.#actual(), now, this.#leads)) await this.#perform(step);
      await this.#stopping;
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
      running: this.#running?.run.candidate ?? null,
      runningMs: this.#heard(),
      sessions: this.#book.sessions,
      suspended: this.#suspended,
      awaiting: new Set((this.#decision?.waiting ?? []).map(({ candidate }) => candidate.header.key)),
      ended: (key) => log.has(key) && !this.#suspended.has(key) && this.#running?.run.candidate.header.key !== key,
    });
    return this.#decision;
  }

  #compose(candidate: Candidate, round: number): readonly Item[] {
    const { media, speech } = this.#ports;
    const { kind, id } = candidate.header;
    const alert = this.#facts.emergencies.find(({ emergency }) => kind === "emergency" && emergency.identifier === id);
    if (alert === undefined) return candidate.items;
    const means = {
      has: (sha256: Sha256) => media.has(sha256),
      speaks: (text: string, language: string) => speech.speaks(text, language),
    };
    return alertRound(alert.emergency, round, this.#facts, means);
  }

  #heard(): Millis {
    const run = this.#running?.run;
    return run === undefined ? 0 : this.#book.heardOf(run.candidate.header.key) + run.soundedMs;
  }

  #actual(): Actual {
    return {
      running: this.#running?.run.candidate ?? null,
      yielding: this.#yielding,
      prepared: this.#prepared.states(),
      amplifierReady: this.#keeper.ready,
    };
  }

  async #perform(step: Step): Promise<void> {
    try {
      switch (step.do) {
        case "close":
          return await this.#end(step.closing);
        case "amplifier":
          return this.#keeper.want(step.want);
        case "prepare":
          return this.#prepared.prepare(
            step.candidate,
            this.#suspended.get(step.candidate.header.key)?.progress ?? null,
          );
        case "discard":
          return this.#prepared.discard(step.key);
        case "stop":
          this.#stopping = this.#stop(step.why, step.after);
          return;
        case "yield":
          this.#yielding = true;
          if (step.after === "round") return this.#running?.run.yieldAfterRound();
          return this.#running?.run.yieldAfterItem();
        case "stay":
          this.#yielding = false;
          return this.#running?.run.stay();
        case "begin":
          this.#book.begin(step.candidate.header, this.#ports.clock.now());
          return await this.#begin(step.candidate, step.at);
        case "fail":
          return await this.#begin(step.candidate, null);
      }
    } catch (error) {
      this.#ports.onFault(step.do, error);
    }
  }

  /** Writes that it begins, then sounds. What cannot sound at all is recorded the same way. */
  async #begin(candidate: Candidate, at: Instant | null): Promise<void> {
    const { key } = candidate.header;
    const run = this.#prepared.take(key);
    if (run === null) return;
    if (!this.#suspended.delete(key) && !(await this.#ports.log.begin(candidate.header, run.progress()))) {
      return run.discard();
    }
    this.#yielding = false;
    const finished = run.play(at).then(
      (outcome) => this.#finished(run, outcome),
      (error: unknown) => {
        this.#running = null;
        this.#ports.onFault("play", error);
        this.kick();
      },
    );
    this.#running = { run, finished };
  }

  async #finished(run: SlotRun, outcome: Awaited<ReturnType<SlotRun["play"]>>): Promise<void> {
    if (this.#running?.run !== run) return;
    const { header } = run.candidate;
    this.#book.add(header.key, run.soundedMs);
    // Its own window made it yield; else another claimed the output, and whether that one still does or not, this one comes again.
    const over = this.#yielding && this.#decision?.holder?.header.key === header.key;
    this.#yielding = false;
    if (outcome === "lost" || (outcome === "yielded" && !over)) {
      this.#suspended.set(header.key, { header, progress: run.progress(), since: this.#ports.clock.now() });
    } else if (outcome !== "stopped") {
      const whole = run.whole && (outcome === "completed" || run.endless);
      await this.#end({ header, outcome: whole ? "played" : run.heardAnything ? "partial" : "failed", why: null });
    }
    this.#running = null;
    this.kick();
  }

  /** Frees the output at once; what was heard is written down while the successor sounds already. */
  async #stop(why: Refusal | null, after: "suspend" | "close"): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    const { run } = running;
    const { header } = run.candidate;
    try {
      await run.stop(FADE);
      await running.finished;
      this.#book.add(header.key, run.soundedMs);
      if (after === "suspend") {
        this.#suspended.set(header.key, { header, progress: run.progress(), since: this.#ports.clock.now() });
      } else {
        const whole = run.whole && run.endless;
        await this.#end({ header, outcome: why !== null ? "interrupted" : whole ? "played" : "partial", why });
      }
    } catch (error) {
      this.#ports.onFault("stop", error);
    }
  }

  async #end(closing: { header: Closing["header"]; outcome: SlotOutcome; why: Refusal | null }): Promise<void> {
    const { header, outcome } = closing;
    const trouble = this.#prepared.takeTrouble(header.key);
    const why = closing.why?.reason === "too-late" && trouble !== null ? trouble : closing.why;
    this.#suspended.delete(header.key);
    if (await this.#ports.log.end(header, outcome, why)) this.#ports.onSlotEnd(header.key, outcome);
  }
}
