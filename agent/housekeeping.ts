/**
 * What is looked after now and then, beside playing: old events and alerts go, the journal is pruned as the source allows, the cache hears what
 * the coming days need, and the agent's own life is written down. A disk that takes no writes must not end the agent: it is told, and tried again.
 */

import { type ClockTrust, isTrusted } from "../playback/model/clock-trust.ts";
import { messageOf } from "../playback/model/station-error.ts";
import { HOUR, MINUTE, type Millis, type Monotonic, SECOND } from "../playback/model/units.ts";
import { tellExpiring } from "./admission/expiring.ts";
import { mediaNeeds } from "./media/needs.ts";
import type { Parts } from "./station.ts";
import { expireEvents } from "./undated-events.ts";

const HOURLY: Millis = HOUR;
/** Hourly work that failed is tried again after this. */
const RETRY: Millis = MINUTE;
/** What the disk refused is offered to it again after this. */
const SETTLE_EVERY: Millis = 10 * SECOND;
/** Days move on, and with them what is needed in the next seven. */
const NEEDS_EVERY: Millis = 10 * MINUTE;
/** What could not be encoded or journalled is tried again, and what is kept too long goes. */
const RECORDINGS_EVERY: Millis = 10 * MINUTE;

export class Housekeeping {
  readonly #parts: Parts;
  #hourlyAt: Monotonic = Number.NEGATIVE_INFINITY;
  #neededAt: Monotonic = Number.NEGATIVE_INFINITY;
  #tendedAt: Monotonic = Number.NEGATIVE_INFINITY;
  #settledAt: Monotonic = Number.NEGATIVE_INFINITY;
  #trust: ClockTrust | null = null;
  /** What has failed and not gone well since. */
  readonly #failing = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The agent is up; before anything else is journalled. */
  started(): Promise<void> {
    return this.#try("life", () => this.#parts.life.started());
  }

  stopped(): Promise<void> {
    return this.#try("life", () => this.#parts.life.stopped());
  }

  /** Call it every second. Never rejects for the disk's sake. */
  async tick(): Promise<void> {
    const { clock, board, config, life, link, media, recordings } = this.#parts;
    const now = clock.monotonic();
    const trust = clock.trust();
    if (now - this.#neededAt >= NEEDS_EVERY || trust !== this.#trust) {
      [this.#neededAt, this.#trust] = [now, trust];
      media.setNeeds(mediaNeeds(board.facts, clock.now(), trust));
    }
    if (now - this.#tendedAt >= RECORDINGS_EVERY) {
      this.#tendedAt = now;
      await recordings.tend();
    }
    if (now - this.#settledAt >= SETTLE_EVERY) {
      this.#settledAt = now;
      await this.#try("documents", () => this.#settle());
    }
    await this.#try("life", () => life.observe(config.brokers().length === 0 ? null : link.connected));
    await this.#try("alert", async () => {
      await board.settle();
      await board.dateRaised();
      await board.forgetEnded();
    });
    // By age only under a trusted clock: one that is wrong and ahead would erase the evidence.
    if (!isTrusted(trust) || now - this.#hourlyAt < HOURLY) return;
    await this.#try("hourly", () => this.#hourly());
    this.#hourlyAt = this.#failing.has("hourly") ? now - HOURLY + RETRY : now;
  }

  async #settle(): Promise<void> {
    const { admission, trouble } = this.#parts;
    // Who met the refusal told of it, and may meet the disk no more for a long time.
    if ((await admission.settle()) && this.#failing.size === 0) trouble.storage = null;
  }

  async #hourly(): Promise<void> {
    const { store, clock, admission } = this.#parts;
    await expireEvents(store, clock.now());
    await admission.forgetOldAlerts(clock.now());
    await tellExpiring(store, clock, admission.documents);
    await this.#prune();
  }

  async #prune(): Promise<void> {
    const { store, clock, trouble } = this.#parts;
    const checkpoint = await store.journal.checkpoint();
    if (checkpoint === null) return;
    const { seq, hash } = checkpoint;
    const count = await store.transaction(async (tx) => {
      const gone = await store.journal.prune(tx, clock.now());
      const body = { count: gone, checkpoint: { seq, hash } };
      if (gone > 0) await store.journal.append(tx, clock.now(), "pruned", body, "log");
      return gone;
    });
    if (count > 0) trouble.pruned = { at: clock.monotonic(), what: `${count} record(s) before ${seq}` };
  }

  async #try(name: "documents" | "life" | "alert" | "hourly", work: () => Promise<void>): Promise<void> {
    const { trouble, log } = this.#parts;
    try {
      await work();
      if (this.#failing.delete(name) && this.#failing.size === 0) trouble.storage = null;
    } catch (error) {
      this.#failing.add(name);
      trouble.storage = messageOf(error);
      log.error("housekeeping", { error });
    }
  }
}
