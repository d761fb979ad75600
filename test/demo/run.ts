/** One telling: what is common to its scenes, its listeners and its end. */
import { setTimeout as sleep } from "node:timers/promises";
import type { StatusView } from "../../agent/control/views.ts";
import { Ear } from "./ear.ts";
import type { Verdict } from "./judge.ts";
import { STORY_MEDIA } from "./media.ts";
import type { StoryOptions } from "./options.ts";
import { type Expectation, type PlannedProgramme, slotKey } from "./plan.ts";
import type { Happening, Proof } from "./report.ts";
import type { Stage } from "./stage.ts";
import type { Mark, Teller, Values } from "./teller.ts";
import type { Sentence, StoryWords } from "./words.ts";

const LOOK_EVERY_MS = 200;

/** Title of what an expectation looks for. */
export function itemTitle(expected: Pick<Expectation, "media">): string {
  return STORY_MEDIA[expected.media].title;
}

export class Run {
  readonly stage: Stage;
  readonly options: StoryOptions;
  readonly t0: number;
  readonly ear: Ear;
  readonly programmes: PlannedProgramme[] = [];
  readonly expectations: Expectation[] = [];
  readonly proofs: Proof[] = [];
  readonly happenings: Happening[] = [];
  readonly #marks: Mark[] = [];
  readonly #teller: Teller;
  readonly #words: StoryWords;
  readonly #ending = new AbortController();
  #status: StatusView | null = null;

  constructor(stage: Stage, options: StoryOptions, t0: number, teller: Teller, words: StoryWords) {
    this.stage = stage;
    this.options = options;
    this.t0 = t0;
    this.#teller = teller;
    this.#words = words;
    this.ear = new Ear(stage, t0, (expected, verdict) => this.#judged(expected, verdict));
  }

  /** Ends the scenes; what was due is still judged. */
  end(): void {
    this.#ending.abort();
  }

  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Waits for a second of the story. @throws AbortError when the story ends first */
  async at(second: number): Promise<void> {
    await sleep(Math.max(0, this.t0 + second * 1_000 - Date.now()), undefined, { signal: this.ending });
  }

  /** Adds a programme and what must be heard of it. */
  plan(programme: PlannedProgramme): void {
    this.programmes.push(programme);
  }

  expect(expectations: readonly Expectation[]): void {
    this.expectations.push(...expectations);
    this.ear.expect(expectations);
  }

  key(programme: PlannedProgramme): string {
    return slotKey(programme, this.t0);
  }

  tell(sentence: Sentence, values: Values = {}, bad = false): void {
    this.#teller.tell(sentence, values, bad);
  }

  /** Tells it and marks it on the timeline. */
  mark(sentence: Sentence, values: Values, sign: string, fault: boolean): void {
    const at = Date.now();
    this.#marks.push({ atS: (at - this.t0) / 1_000, sign });
    this.happenings.push({ at, label: this.#words.say(sentence, values), fault });
    this.tell(sentence, values, fault);
  }

  /** Writes down a fact that was looked up. */
  prove(name: string, ok: boolean, detail: string): void {
    this.proofs.push({ name, ok, detail });
    const what = this.#words.code(name);
    const said = this.#words.code(detail);
    if (ok) this.tell("proved", { what: detail === "" ? what : `${what}: ${said}`, name });
    else this.tell("notProved", { what, detail: said, name }, true);
    if (!ok) this.#failed();
  }

  /** Shows the present moment and tells what comes on air, until the end. */
  async watch(): Promise<void> {
    let last = "";
    while (!this.ending.aborted) {
      // Between kill and restart nobody answers: that is what there is to show.
      this.#status = await this.stage.agent.status().catch(() => null);
      const onAir = this.#status?.onAir ?? null;
      const now = onAir === null ? "" : `${onAir.title}\n${onAir.item}`;
      if (this.#status !== null && now !== last) {
        if (onAir === null) this.tell("silent");
        else if (onAir.item !== null) {
          const { title, item, class: right, issuer } = onAir;
          this.tell("onAir", { title, item, class: right, issuer });
        }
        last = now;
      }
      this.#teller.show({
        t0: this.t0,
        now: Date.now(),
        seconds: this.options.seconds,
        expectations: this.expectations,
        marks: this.#marks,
        status: this.#status,
        levelDb: this.stage.level(),
      });
      await sleep(LOOK_EVERY_MS);
    }
  }

  #judged(expected: Expectation, verdict: Verdict): void {
    const values = { title: expected.title, item: itemTitle(expected), id: expected.id };
    if (verdict.verdict === "heard") {
      const error = (verdict.startErrorMs ?? 0).toFixed(1);
      this.tell("heard", { ...values, error, length: verdict.lengthMs.toFixed(0) });
      return;
    }
    this.tell("notHeard", { ...values, why: this.#words.code(verdict.verdict), code: verdict.verdict }, true);
    this.#failed();
  }

  #failed(): void {
    if (this.options.failFast) this.end();
  }
}
