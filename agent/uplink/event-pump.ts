/**
 * Moves events from the outbox to the broker, in order and in small batches. Sent is not stored: rows leave only on the source's
 * signed acknowledgement, and what stays unacknowledged is sent again. A row that the card has spoilt is a gap like one that was given up.
 */

import type { Millis, Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Outbox, OutboxEntry } from "../../storage/outbox.ts";
import { parsed } from "../../storage/unreadable.ts";
import type { Events } from "../contract/uplink.ts";

export interface EventPumpOptions {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly station: string;
  readonly session: string;
  readonly stream: string;
  readonly resendAfterMs: Millis;
  /** False where it could not be handed to the broker. */
  readonly publish: (events: Events) => Promise<boolean>;
  readonly onFault: (error: unknown) => void;
}

const PER_MESSAGE = 20;
const MESSAGE_BYTES = 100_000;
/** At most this many messages a second, so that a long outage does not end in a flood. */
const MESSAGE_EVERY: Millis = 50;
/** What nobody told of is found within this. */
const LOOK_EVERY: Millis = 1_000;

export class EventPump {
  readonly #options: EventPumpOptions;
  #sent = 0;
  #acknowledged = 0;
  #progressAt: Monotonic = 0;
  #running: AbortController | null = null;
  #loop: Promise<void> = Promise.resolve();
  #kicked = new AbortController();

  constructor(options: EventPumpOptions) {
    this.#options = options;
  }

  /** A connection stands; begins after `delay`, from the first unacknowledged event. */
  start(delay: Millis): void {
    if (this.#running !== null) return;
    const running = new AbortController();
    this.#running = running;
    this.#loop = this.#run(delay, running.signal).catch(this.#options.onFault);
  }

  async stop(): Promise<void> {
    this.#running?.abort();
    this.#running = null;
    this.#kicked.abort();
    await this.#loop;
  }

  /** There may be something new. */
  kick(): void {
    this.#kicked.abort();
  }

  /** The source has everything up to and including `seq`. False where it claims more than was ever issued. @throws StationError `storage-failed` */
  async acknowledge(seq: number): Promise<boolean> {
    if (!(await this.#options.outbox.acknowledge(null, seq))) return false;
    if (seq > this.#acknowledged) {
      this.#acknowledged = seq;
      this.#progressAt = this.#options.clock.monotonic();
      this.#sent = Math.max(this.#sent, seq);
    }
    return true;
  }

  async #run(delay: Millis, signal: AbortSignal): Promise<void> {
    const { clock, onFault } = this.#options;
    await clock.wait(delay, signal);
    let begun = false;
    while (!signal.aborted) {
      try {
        if (!begun) await this.#begin();
        begun = true;
        await this.#step(signal);
      } catch (error) {
        // A card fails to read once and reads again; a link that stands starts no pump anew.
        onFault(error);
        await clock.wait(LOOK_EVERY, signal);
      }
    }
  }

  /** From the first event that the source has not acknowledged. @throws StationError `storage-failed` */
  async #begin(): Promise<void> {
    const { outbox, clock } = this.#options;
    this.#acknowledged = (await outbox.stats()).acknowledged;
    this.#sent = this.#acknowledged;
    this.#progressAt = clock.monotonic();
  }

  /** Sends what there is, or waits for more. @throws StationError `storage-failed` */
  async #step(signal: AbortSignal): Promise<void> {
    const { outbox, clock, resendAfterMs } = this.#options;
    this.#kicked = new AbortController();
    const entries = await outbox.batch(this.#sent, PER_MESSAGE);
    if (entries.length > 0 && (await this.#send(entries))) return clock.wait(MESSAGE_EVERY, signal);
    const idle = clock.monotonic() - this.#progressAt;
    if (this.#sent > this.#acknowledged && idle >= resendAfterMs) {
      this.#sent = this.#acknowledged;
      this.#progressAt = clock.monotonic();
      return;
    }
    const wake = AbortSignal.any([signal, this.#kicked.signal]);
    const rest = this.#sent > this.#acknowledged ? resendAfterMs - idle : LOOK_EVERY;
    await clock.wait(Math.min(LOOK_EVERY, Math.max(rest, 50)), wake);
  }

  async #send(entries: readonly OutboxEntry[]): Promise<boolean> {
    const { station, session, stream, publish, onFault } = this.#options;
    const message: Events = { kind: "events", station, session, stream, events: [], gaps: [] };
    let bytes = 0;
    let last = this.#sent;
    for (const entry of entries) {
      if (entry.kind === "gap") {
        message.gaps.push({ from: entry.from, to: entry.to });
        last = Math.max(last, entry.to);
        continue;
      }
      bytes += entry.payload.length;
      if (bytes > MESSAGE_BYTES && message.events.length > 0) break;
      const record = parsed(entry.payload) as Events["events"][number]["record"] | undefined;
      if (record === undefined) {
        message.gaps.push({ from: entry.seq, to: entry.seq });
        onFault(new Error(`event ${entry.seq} cannot be read any more and is sent as a gap`));
      } else message.events.push({ seq: entry.seq, class: entry.class, at: new Date(entry.at).toISOString(), record });
      last = Math.max(last, entry.seq);
    }
    if (!(await publish(message))) return false;
    this.#sent = last;
    return true;
  }
}
