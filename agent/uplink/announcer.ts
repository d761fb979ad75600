/**
 * Births, each with a fresh nonce: whoever answers it with signed time is the source, over this very connection. One that is not answered comes
 * again, because a broker may lose the answer or hold it back; and one that was, after some hours, because only the answer tells which
 * documents are the newest. At such a birth the source sends again what this station has not answered.
 */
import type { Millis } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Birth } from "../contract/uplink.ts";

/** Twice as long each time, so that a source that cannot keep up is not asked ever more. Assumed. */
const FIRST_PATIENCE: Millis = 30_000;
const LONGEST_PATIENCE: Millis = 900_000;
/** How long documents can be withheld from a station that stays connected. Assumed; some 2 KB each time. */
const FRESH_FOR: Millis = 6 * 3_600_000;

export interface AnnouncerPorts {
  readonly clock: Clock;
  /** @throws StationError `storage-failed` */
  readonly birth: () => Promise<Birth>;
  readonly publish: (text: string) => Promise<boolean>;
  readonly onFault: (error: unknown) => void;
}

export class Announcer {
  readonly #ports: AnnouncerPorts;
  #present = new AbortController();
  #answer = new AbortController();

  constructor(ports: AnnouncerPorts) {
    this.#ports = ports;
  }

  /** A connection stands, or there is something new to say over it. */
  start(): void {
    this.stop();
    this.#present = new AbortController();
    void this.#run(this.#present.signal);
  }

  /** There is no connection any more. */
  stop(): void {
    this.#present.abort();
  }

  /** Signed time answered the last birth. */
  answered(): void {
    this.#answer.abort();
  }

  async #run(ended: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    let patience = FIRST_PATIENCE;
    while (!ended.aborted) {
      this.#answer = new AbortController();
      const answer = this.#answer.signal;
      await this.#announce();
      await clock.wait(spread(patience), AbortSignal.any([ended, answer]));
      if (answer.aborted) await clock.wait(spread(FRESH_FOR), ended);
      patience = answer.aborted ? FIRST_PATIENCE : Math.min(2 * patience, LONGEST_PATIENCE);
    }
  }

  async #announce(): Promise<void> {
    try {
      await this.#ports.publish(JSON.stringify(await this.#ports.birth()));
    } catch (error) {
      this.#ports.onFault(error);
    }
  }
}

/** A fleet that began together does not go on together. */
function spread(delay: Millis): Millis {
  return delay * (0.75 + Math.random() / 2);
}
