/** Slots that are made ready before their hour: what is being prepared, how far it is, and why it could not be. */
import { isDeepStrictEqual } from "node:util";
import type { Candidate } from "./arbiter/candidate.ts";
import type { Refusal } from "./model/refusal.ts";
import type { Item } from "./model/schedule.ts";
import type { Millis, Monotonic } from "./model/units.ts";
import type { Preparation } from "./planner.ts";
import type { SlotProgress } from "./ports/play-log.ts";
import type { RunPorts } from "./run-ports.ts";
import { SlotRun } from "./slot-run.ts";

interface Prepared {
  readonly run: SlotRun;
  state: Preparation;
  /** Where it is blocked. */
  retryAt: Monotonic;
}

/** A silenced output is tried again after this. */
const RETRY_OUTPUT: Millis = 1_000;
/** Media that cannot be opened: each attempt may cost a small board a decoder. */
const RETRY_MEDIA: Millis = 10_000;

export interface PreparedRunsPorts extends RunPorts {
  /** One of them is further. */
  readonly onProgress: () => void;
  readonly onFault: (step: string, error: unknown) => void;
}

export class PreparedRuns {
  readonly #ports: PreparedRunsPorts;
  readonly #runs = new Map<string, Prepared>();
  readonly #troubles = new Map<string, Refusal>();
  readonly #starving = new Set<string>();

  constructor(ports: PreparedRunsPorts) {
    this.#ports = ports;
  }

  prepare(candidate: Candidate, progress: SlotProgress | null): void {
    const { key } = candidate.header;
    const { clock, onProgress, onFault } = this.#ports;
    const run = new SlotRun(candidate, progress, this.#ports);
    const prepared: Prepared = { run, state: "preparing", retryAt: Number.POSITIVE_INFINITY };
    this.#runs.set(key, prepared);
    run.prepare().then(
      (result) => {
        if (this.#runs.get(key) !== prepared) return run.discard();
        // What was heard before and repeats waits for its media: the disk may give them again, or the cache fetch them anew.
        const waits = result === "nothing" && progress !== null && candidate.rounds === 0;
        const trouble = waits ? run.trouble : typeof result === "string" ? null : result;
        prepared.state = waits || typeof result !== "string" ? "blocked" : result;
        prepared.retryAt = clock.monotonic() + (waits ? RETRY_MEDIA : RETRY_OUTPUT);
        if (trouble !== null) this.#troubles.set(key, trouble);
        if (waits) this.#starving.add(key);
        else this.#starving.delete(key);
        onProgress();
      },
      (error: unknown) => {
        this.#runs.delete(key);
        onFault("prepare", error);
      },
    );
  }

  /** How far each is. One that is blocked is forgotten after a while, and so prepared anew. */
  states(): ReadonlyMap<string, Preparation> {
    const now = this.#ports.clock.monotonic();
    for (const [key, { state, retryAt }] of this.#runs) {
      if (state === "blocked" && now >= retryAt) this.#runs.delete(key);
    }
    return new Map([...this.#runs].map(([key, { state }]) => [key, state]));
  }

  /** Gives up what was made from a document that says otherwise by now, or from media that may sound no longer; it is prepared anew. */
  renew(asked: Iterable<Candidate>): void {
    for (const candidate of asked) {
      const { key } = candidate.header;
      const run = this.#runs.get(key)?.run;
      if (run === undefined) continue;
      const same = isDeepStrictEqual(plays(run.candidate), plays(candidate));
      if (!same || !this.#maySound(run.first)) this.discard(key);
    }
  }

  #maySound(item: Item | null): boolean {
    const { media, speech } = this.#ports;
    if (item?.kind === "media") return media.has(item.sha256);
    return item?.kind !== "text" || speech.speaks(item.text, item.language);
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

  /** Slots that were begun and repeat, and of which nothing could be opened when it was tried last. */
  get starving(): ReadonlySet<string> {
    return this.#starving;
  }

  /** The slot is closed: why it could not sound when its time came, once. */
  takeTrouble(key: string): Refusal | null {
    this.#starving.delete(key);
    const trouble = this.#troubles.get(key) ?? null;
    this.#troubles.delete(key);
    return trouble;
  }
}

/** What sounds of it, and in whose name; its gain is set while it sounds. */
function plays({ header, items, intro, rounds, gapMs, replacedBy }: Candidate): unknown {
  return [header, items, intro, rounds, gapMs, replacedBy];
}
