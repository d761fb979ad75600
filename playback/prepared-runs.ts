/** Slots that are made ready before their hour: what is being prepared, how far it is, and why it could not be. */
import { isDeepStrictEqual } from "node:util";
import type { Candidate } from "./arbiter/candidate.ts";
import type { Refusal } from "./model/refusal.ts";
import type { Millis, Monotonic } from "./model/units.ts";
import type { SlotProgress } from "./ports/play-log.ts";
import type { RunPorts } from "./run-ports.ts";
import { SlotRun } from "./slot-run.ts";

export type Preparation = "preparing" | "ready" | "nothing" | "no-output";

interface Prepared {
  readonly run: SlotRun;
  state: Preparation;
  since: Monotonic;
}

/** A silenced output is tried again after this. */
const RETRY_OUTPUT: Millis = 1_000;

export interface PreparedRunsPorts extends RunPorts {
  /** One of them is further. */
  readonly onProgress: () => void;
  readonly onFault: (step: string, error: unknown) => void;
}

export class PreparedRuns {
  readonly #ports: PreparedRunsPorts;
  readonly #runs = new Map<string, Prepared>();
  readonly #troubles = new Map<string, Refusal>();

  constructor(ports: PreparedRunsPorts) {
    this.#ports = ports;
  }

  prepare(candidate: Candidate, progress: SlotProgress | null): void {
    const { key } = candidate.header;
    const { clock, onProgress, onFault } = this.#ports;
    const run = new SlotRun(candidate, progress, this.#ports);
    const prepared: Prepared = { run, state: "preparing", since: clock.monotonic() };
    this.#runs.set(key, prepared);
    run.prepare().then(
      (result) => {
        if (this.#runs.get(key) !== prepared) return run.discard();
        prepared.state = typeof result === "string" ? result : "no-output";
        prepared.since = clock.monotonic();
        if (typeof result !== "string") this.#troubles.set(key, result);
        onProgress();
      },
      (error: unknown) => {
        this.#runs.delete(key);
        onFault("prepare", error);
      },
    );
  }

  /** How far each is. One that found no output is forgotten after a while, and so prepared anew. */
  states(): ReadonlyMap<string, Preparation> {
    const now = this.#ports.clock.monotonic();
    for (const [key, { state, since }] of this.#runs) {
      if (state === "no-output" && now - since >= RETRY_OUTPUT) this.#runs.delete(key);
    }
    return new Map([...this.#runs].map(([key, { state }]) => [key, state]));
  }

  /** Gives up what was made from a document that says otherwise by now; it is prepared anew. */
  renew(asked: Iterable<Candidate>): void {
    for (const candidate of asked) {
      const { key } = candidate.header;
      const prepared = this.#runs.get(key);
      if (prepared !== undefined && !isDeepStrictEqual(plays(prepared.run.candidate), plays(candidate)))
        this.discard(key);
    }
  }

  /** Hands it over; it is no longer kept here. */
  take(key: string): SlotRun | null {
    const run = this.#runs.get(key)?.run ?? null;
    this.#runs.delete(key);
    return run;
  }

  discard(key: string): void {
    this.take(key)?.discard();
  }

  discardAll(): void {
    for (const key of [...this.#runs.keys()]) this.discard(key);
  }

  /** Why the slot could not sound when its time came, once. */
  takeTrouble(key: string): Refusal | null {
    const trouble = this.#troubles.get(key) ?? null;
    this.#troubles.delete(key);
    return trouble;
  }
}

/** What sounds of it, and in whose name; its gain is set while it sounds. */
function plays({ header, items, intro, rounds, gapMs, replacedBy }: Candidate): unknown {
  return [header, items, intro, rounds, gapMs, replacedBy];
}
