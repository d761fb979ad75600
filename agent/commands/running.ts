/** Commands that take their time: how many at once, how they are cut off, and what they may say meanwhile. */
import { type Monotonic, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { Examined } from "../admission/document.ts";
import type { CommandContext } from "./family.ts";

/** Uploads share one thin link. */
export const MOST_RUNNING = 4;
const PROGRESS_EVERY = 5 * SECOND;
const MOST_PROGRESS = 20;

export class RunningCommands {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #running = new Map<string, { readonly abort: AbortController; readonly ended: Promise<void> }>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  get full(): boolean {
    return this.#running.size >= MOST_RUNNING;
  }

  /** What a command is handed; its signal belongs to (issuer, jti). */
  context(document: Examined, abort: AbortController): CommandContext {
    const { iss, jti } = document.claims;
    const name = document.body.kind === "command" ? document.body.value.name : "";
    let told: Monotonic = Number.NEGATIVE_INFINITY;
    let count = 0;
    return {
      document,
      by: `command ${iss} ${jti}`,
      signal: abort.signal,
      progress: async (fields) => {
        const now = this.#clock.monotonic();
        if (now - told < PROGRESS_EVERY || count >= MOST_PROGRESS) return;
        told = now;
        count += 1;
        const body = { issuer: iss, jti, name, ...fields };
        await this.#store.record(this.#clock.now(), "command-progress", body, "log");
      },
    };
  }

  /** Remembers what runs until it has ended. */
  add(document: Examined, abort: AbortController, ended: Promise<void>): void {
    const key = keyOf(document.claims.iss, document.claims.jti);
    this.#running.set(key, { abort, ended });
    const forget = () => this.#running.delete(key);
    ended.then(forget, forget);
  }

  /** Cuts off a command of this issuer. False where none of that name runs. */
  cancel(issuer: string, jti: string): boolean {
    const running = this.#running.get(keyOf(issuer, jti));
    running?.abort.abort();
    return running !== undefined;
  }

  /** Cuts off all, and resolves when their results are written. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort();
    await Promise.allSettled(running.map(({ ended }) => ended));
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ ended }) => ended));
  }
}

function keyOf(issuer: string, jti: string): string {
  return `${issuer} ${jti}`;
}
