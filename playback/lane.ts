/** One place on the output: the slot that sounds there, how it is asked to leave, and what is written when it has left. */
import type { Candidate } from "./arbiter/candidate.ts";
import type { Refusal } from "./model/refusal.ts";
import type { Instant, Millis } from "./model/units.ts";
import type { Clock } from "./ports/clock.ts";
import { hadItsWindow } from "./run-order.ts";
import type { RunOutcome } from "./run-ports.ts";
import type { SlotLedger } from "./slot-ledger.ts";
import type { SlotRun } from "./slot-run.ts";

export interface LanePorts {
  readonly ledger: SlotLedger;
  readonly clock: Clock;
  /** Whether the rules still give the output to this slot. */
  readonly holds: (key: string) => boolean;
  /** The place is free again by itself. */
  readonly onFree: () => void;
  readonly onFault: (step: string, error: unknown) => void;
}

interface Running {
  readonly run: SlotRun;
  finished: Promise<void>;
  /** How its sound ended; `null` while it sounds. */
  outcome: RunOutcome | null;
}

/** Nothing clicks, and what cuts in does not wait. */
const FADE: Millis = 10;

export class Lane {
  readonly #ports: LanePorts;
  #running: Running | null = null;
  #yielding = false;
  /** The sound that fades while its successor begins already. Never rejects. */
  #stopping: Promise<void> = Promise.resolve();

  constructor(ports: LanePorts) {
    this.#ports = ports;
  }

  get run(): SlotRun | null {
    return this.#running?.run ?? null;
  }
  get candidate(): Candidate | null {
    return this.#running?.run.candidate ?? null;
  }
  /** It was asked to end with its item or round. */
  get yielding(): boolean {
    return this.#yielding;
  }
  /** Resolves when what was stopped last is written down. */
  get settled(): Promise<void> {
    return this.#stopping;
  }

  /** Writes that it begins, then sounds. What cannot sound at all is recorded the same way. */
  async begin(run: SlotRun, at: Instant | null): Promise<void> {
    if (!(await this.#ports.ledger.begin(run))) return run.discard();
    this.#yielding = false;
    const running: Running = { run, finished: Promise.resolve(), outcome: null };
    this.#running = running;
    running.finished = run.play(at).then(
      (outcome) => this.#finished(running, outcome),
      (error: unknown) => {
        if (this.#running === running) this.#running = null;
        this.#ports.onFault("play", error);
        this.#ports.onFree();
      },
    );
  }

  yield(after: "item" | "round"): void {
    this.#yielding = true;
    if (after === "round") this.run?.yieldAfterRound();
    else this.run?.yieldAfterItem();
  }

  stay(): void {
    this.#yielding = false;
    this.run?.stay();
  }

  /** Frees the place at once; what was heard is written down while the successor sounds already. */
  stop(why: Refusal | null, after: "suspend" | "close"): void {
    this.#stopping = this.#stop(why, after);
  }

  /** Stops the sound; its slot stays open in the log, so that a restart takes it up. */
  async close(): Promise<void> {
    await this.run?.stop(FADE);
    await this.#running?.finished;
  }

  async #finished(running: Running, outcome: RunOutcome): Promise<void> {
    running.outcome = outcome;
    if (this.#running !== running) return;
    const { run } = running;
    const { ledger, clock, holds, onFree } = this.#ports;
    const { header } = run.candidate;
    ledger.left(run);
    // Its own window made it yield, or is over by now; else another claimed the output, and whether that one still does or not, this one comes again.
    const over = (this.#yielding && holds(header.key)) || hadItsWindow(run.candidate, clock.now());
    this.#yielding = false;
    if (outcome === "starved") ledger.suspend(run, true);
    else if (outcome === "lost" || (outcome === "yielded" && !over)) ledger.suspend(run);
    else if (outcome !== "stopped") await this.#end(run, outcome);
    if (this.#running === running) this.#running = null;
    onFree();
  }

  /** Closes a slot that had its whole time. What nobody heard was not played, whatever was not wrong with it. */
  async #end(run: SlotRun, outcome: RunOutcome): Promise<void> {
    const { ledger } = this.#ports;
    const { faultless, heard } = ledger.account(run);
    const whole = faultless && (outcome === "completed" || run.endless);
    const { header } = run.candidate;
    await ledger.end({ header, outcome: !heard ? "failed" : whole ? "played" : "partial", why: null });
  }

  async #stop(why: Refusal | null, after: "suspend" | "close"): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    const { run } = running;
    const { ledger } = this.#ports;
    try {
      // It ended by itself before, and that is written down or about to be.
      if (running.outcome !== null) return await running.finished;
      await run.stop(FADE);
      await running.finished;
      ledger.left(run);
      // Its last item had ended when it was stopped.
      if (running.outcome === "completed") return await this.#end(run, running.outcome);
      if (after === "suspend") return ledger.suspend(run);
      const whole = ledger.account(run).faultless && run.endless;
      const outcome = why !== null && why.reason !== "released" ? "interrupted" : whole ? "played" : "partial";
      await ledger.end({ header: run.candidate.header, outcome, why });
    } catch (error) {
      this.#ports.onFault("stop", error);
    }
  }
}
