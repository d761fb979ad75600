/** Listens to the recording while it grows and judges each item soon after its end, so that a fault is known at once. */
import { setTimeout as sleep } from "node:timers/promises";
import { judge, type Verdict } from "./judge.ts";
import type { Expectation } from "./plan.ts";
import type { Stage } from "./stage.ts";

/** After its planned end an item gets so long to be in the recording, with all that may delay it. */
const PATIENCE_MS = 1_500;
/** What ends this shortly before the story does is not judged: it may not have reached the recorder. */
const EDGE_MS = 300;

export class Ear {
  readonly #stage: Stage;
  readonly #t0: number;
  readonly #judged: (expected: Expectation, verdict: Verdict) => void;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #waiting: Expectation[] = [];
  /** When the alert was published; `null` before. */
  alertAt: number | null = null;

  constructor(stage: Stage, t0: number, judged: (expected: Expectation, verdict: Verdict) => void) {
    this.#stage = stage;
    this.#t0 = t0;
    this.#judged = judged;
  }

  expect(expectations: readonly Expectation[]): void {
    this.#waiting.push(...expectations);
    this.#waiting.sort((a, b) => a.toS - b.toS);
  }

  get verdicts(): readonly Verdict[] {
    return [...this.#verdicts.values()];
  }

  /** Judges what becomes due, until the signal. */
  async listen(ending: AbortSignal): Promise<void> {
    while (!ending.aborted) {
      const due = this.#t0 + (this.#waiting[0]?.toS ?? Number.POSITIVE_INFINITY) * 1_000 + PATIENCE_MS;
      if (this.#stage.recorder.wallTimeOf(this.#stage.recorder.length) >= due) this.#judgeNext();
      else await sleep(50);
    }
  }

  /** Judges what was due before `cutoff` and gives what was not. */
  conclude(cutoff: number): readonly Expectation[] {
    while (this.#waiting[0] !== undefined && this.dueBy(this.#waiting[0], cutoff)) this.#judgeNext();
    return this.#waiting;
  }

  /** Whether an item should have been heard to its end before `cutoff`. */
  dueBy({ toS }: Expectation, cutoff: number): boolean {
    return this.#t0 + toS * 1_000 + EDGE_MS <= cutoff;
  }

  #judgeNext(): void {
    const expected = this.#waiting.shift();
    if (expected === undefined) return;
    const reference = { t0: this.#t0, alertAt: this.alertAt, earlier: this.#verdicts };
    const verdict = judge(expected, this.#stage.sounds[expected.media], this.#stage.recorder, reference);
    this.#verdicts.set(expected.id, verdict);
    this.#judged(expected, verdict);
  }
}
