/** What the guard hears of the agent: one order, then heartbeat, then nothing. */
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "../../playback/model/units.ts";
import { lineSplitter } from "../board/protocol.ts";
import type { GuardOrder } from "./words.ts";

const LOOK_AGAIN_MS: Millis = 20;

export class AgentLine {
  /** The first line; `null` where there was none. @throws SyntaxError in place of it where it is no JSON */
  readonly order: Promise<GuardOrder | null>;
  readonly #ended = new AbortController();
  #last = performance.now();

  constructor(input: Readable) {
    const { promise: order, resolve: ordered, reject } = Promise.withResolvers<GuardOrder | null>();
    this.order = order;
    const over = () => {
      ordered(null);
      this.#ended.abort();
    };
    let first = true;
    const split = lineSplitter((line) => {
      this.#last = performance.now();
      if (!first) return;
      first = false;
      try {
        ordered(JSON.parse(line) as GuardOrder);
      } catch (error) {
        reject(error);
      }
    });
    input.setEncoding("utf8").on("data", split).on("end", over).on("close", over).on("error", over);
  }

  /** The agent's end is closed, as it is when the agent ends or dies. */
  get closed(): boolean {
    return this.#ended.signal.aborted;
  }

  /** Resolves when it is closed, or when no heartbeat came for so long. */
  async gone(timeoutMs: Millis): Promise<"closed" | "silent"> {
    for (;;) {
      const left = this.#last + timeoutMs - performance.now();
      // A guard that itself was kept from running reads what lies in the pipe before it judges.
      await this.#wait(left > 0 ? left : LOOK_AGAIN_MS);
      if (this.closed) return "closed";
      if (left <= 0 && performance.now() - this.#last >= timeoutMs) return "silent";
    }
  }
  /** A race with a promise that settles once in months would be remembered by it each time. */
  async #wait(ms: Millis): Promise<void> {
    const { signal } = this.#ended;
    await sleep(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
