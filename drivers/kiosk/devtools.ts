/**
 * Chromium's own protocol over a pipe: JSON, ended by NUL. Written here because the libraries for it (puppeteer-core, chrome-remote-interface)
 * bring a web socket, a downloader or ten megabytes for what is six commands.
 *
 * Invariants: every question ends by an answer, its time-out, or the end of the browser; at most `MOST_WAITING` are open; a message that is too
 * long, or none at all, ends the conversation instead of filling the memory or holding up the program.
 * Source: Chrome DevTools Protocol, `--remote-debugging-pipe`.
 */
import { StationError } from "../../playback/model/station-error.ts";
import type { Millis } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { ChildTalk } from "../../playback/ports/supervisor.ts";

const MOST_WAITING = 32;
/** Assumed: more than a screenshot of 8192 × 4320 in base64. */
const LONGEST_MESSAGE = 64 * 2 ** 20;

export type Answer = Readonly<Record<string, unknown>>;
type Settle = (outcome: { readonly answer: Answer } | { readonly fault: string }) => void;

export interface DevtoolsPorts {
  readonly clock: Clock;
  readonly onEvent: (method: string, params: Answer) => void;
}

export class Devtools {
  readonly #talk: ChildTalk;
  readonly #ports: DevtoolsPorts;
  readonly #waiting = new Map<number, Settle>();
  #next = 1;
  #over = false;
  /** Resolves when nothing more will be heard. */
  readonly ended: Promise<void>;

  constructor(talk: ChildTalk, ports: DevtoolsPorts) {
    this.#talk = talk;
    this.#ports = ports;
    this.ended = this.#listen();
  }

  /** @throws StationError `child-failed` where it refuses, says nothing within `timeoutMs`, or is gone */
  async ask(method: string, params: Answer, timeoutMs: Millis, session?: string): Promise<Answer> {
    if (this.#over) throw failed(`${method}: the browser is gone`);
    if (this.#waiting.size >= MOST_WAITING) throw failed(`${method}: too many questions are open`);
    const id = this.#next++;
    const done = new AbortController();
    const answered = new Promise<Parameters<Settle>[0]>((resolve) => this.#waiting.set(id, resolve));
    const late = this.#ports.clock
      .wait(timeoutMs, done.signal)
      .then(() => ({ fault: `no answer within ${timeoutMs} ms` }));
    try {
      const message = { id, method, params, ...(session === undefined ? {} : { sessionId: session }) };
      const said = this.#talk.say(Buffer.from(`${JSON.stringify(message)}\0`, "utf8")).then(() => answered);
      const outcome = await Promise.race([said, late]);
      if ("fault" in outcome) throw failed(`${method}: ${outcome.fault}`);
      return outcome.answer;
    } finally {
      done.abort();
      this.#waiting.delete(id);
    }
  }

  async #listen(): Promise<void> {
    await this.#takeAll();
    this.#over = true;
    for (const settle of this.#waiting.values()) settle({ fault: "the browser is gone" });
  }

  /** Until it ends, or talks nonsense. */
  async #takeAll(): Promise<void> {
    let chunks: Uint8Array[] = [];
    let length = 0;
    for await (const heard of this.#talk.heard) {
      let chunk = heard;
      for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0)) {
        const message = parsed(Buffer.concat([...chunks, chunk.subarray(0, end)]).toString("utf8"));
        if (message === null) return;
        this.#take(message);
        chunk = chunk.subarray(end + 1);
        chunks = [];
        length = 0;
      }
      chunks.push(chunk);
      length += chunk.length;
      if (length > LONGEST_MESSAGE) return;
    }
  }

  #take(message: Answer): void {
    const params = recordOf(message.params) ?? {};
    if (typeof message.method === "string") this.#ports.onEvent(message.method, params);
    if (typeof message.id !== "number") return;
    const settle = this.#waiting.get(message.id);
    const fault = recordOf(message.error);
    if (fault !== null) settle?.({ fault: String(fault.message).slice(0, 200) });
    else settle?.({ answer: recordOf(message.result) ?? {} });
  }
}

/** What is no object says nothing. */
export function recordOf(value: unknown): Answer | null {
  return typeof value === "object" && value !== null ? (value as Answer) : null;
}

function parsed(text: string): Answer | null {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    // Whoever says this is no browser, or no longer one.
    return null;
  }
}

function failed(message: string): StationError {
  return new StationError("child-failed", `chromium: ${message}`);
}
