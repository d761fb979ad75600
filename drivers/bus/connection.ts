/**
 * One connection to a controller, read in messages. What arrives is untrusted: the bytes kept are bounded, a wait has an end, and after the
 * first fault the connection is of no more use, so that a late answer is never taken for that to another question.
 */
import type { Duplex } from "node:stream";
import type { Millis } from "../../playback/model/units.ts";
import { WireFault } from "./wire-fault.ts";

/** What a protocol finds at the start of the bytes: how many of them are done with, and the message in them if it is whole. Pure. */
export interface Taken<M> {
  readonly used: number;
  readonly message: M | null;
}
/** @throws WireFault where the bytes are broken beyond finding the next message */
export type Take<M> = (bytes: Buffer) => Taken<M>;

/** What a protocol sees of a connection during its turn; the same object as long as the connection lasts. */
export interface Line {
  /** Resolves when they are on their way. @throws WireFault where a line takes them too slowly */
  send(bytes: Uint8Array): Promise<void>;
  /** The next message that is accepted; others are passed over. @throws WireFault at the end of the time, of the connection or of patience */
  receive<M>(take: Take<M>, accept?: (message: M) => boolean): Promise<M>;
  /** Forgets what came unasked. */
  drain(): void;
}

/** Assumed: the longest message of any protocol here is a reply of 276 bytes; pictures only go out. */
const MOST_KEPT = 16_384;
/** Bytes in a millisecond. Source: 9600 baud, the slowest of these lines, carries 0.96. */
const SLOWEST_LINE = 0.9;

export class Connection implements Line {
  readonly #stream: Duplex;
  readonly #replyMs: Millis;
  #kept: Buffer = Buffer.alloc(0);
  #fault: WireFault | null = null;
  #wake: () => void = () => undefined;
  #sent: () => void = () => undefined;

  constructor(stream: Duplex, replyMs: Millis) {
    this.#stream = stream;
    this.#replyMs = replyMs;
    stream.on("data", (chunk: Buffer) => this.#keep(chunk));
    stream.on("error", (error) => this.fail(error.message));
    stream.on("close", () => this.fail("the controller closed the connection"));
    stream.on("end", () => this.fail("the controller closed the connection"));
  }

  get broken(): boolean {
    return this.#fault !== null;
  }

  /** Ends it; who waits on it gets the reason. */
  fail(why: string): void {
    this.#fault ??= new WireFault(why);
    this.#stream.destroy();
    this.#wake();
    this.#sent();
  }

  async send(bytes: Uint8Array): Promise<void> {
    if (this.#fault !== null) throw this.#fault;
    const limit = this.#replyMs + bytes.length / SLOWEST_LINE;
    const timer = setTimeout(() => this.fail("the line does not take what is sent"), limit);
    // A write that fails also ends the connection, with the reason.
    await new Promise<void>((resolve) => {
      this.#sent = resolve;
      this.#stream.write(bytes, () => resolve());
    });
    clearTimeout(timer);
    if (this.#fault !== null) throw this.#fault;
  }

  drain(): void {
    this.#kept = Buffer.alloc(0);
  }

  async receive<M>(take: Take<M>, accept: (message: M) => boolean = () => true): Promise<M> {
    const until = performance.now() + this.#replyMs;
    for (;;) {
      const { used, message } = take(this.#kept);
      this.#kept = this.#kept.subarray(used);
      if (message !== null && accept(message)) return message;
      if (used > 0 && this.#kept.length > 0 && performance.now() < until) continue;
      // What came before the end still counts.
      if (this.#fault !== null) throw this.#fault;
      const left = until - performance.now();
      if (left <= 0) throw new WireFault(`no answer within ${this.#replyMs} ms`);
      await this.#arrival(left);
    }
  }

  #arrival(withinMs: Millis): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), withinMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
    });
  }

  #keep(chunk: Buffer): void {
    if (this.#kept.length + chunk.length > MOST_KEPT) {
      this.fail("the controller sends without end");
      return;
    }
    this.#kept = Buffer.concat([this.#kept, chunk]);
    this.#wake();
  }
}
