/** Refusals in the journal: each once, a flood only counted, so that a hostile broker cannot fill the disk. */
import type { Refusal } from "../../playback/model/refusal.ts";
import { DAY, HOUR, MINUTE, type Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { DownlinkTopic } from "../contract/topics.ts";
import { sha256Of } from "../sha256.ts";

const PER_MINUTE = 60;
/** A flood that goes on for weeks must not fill the card either. */
const PER_DAY = 1_000;
/** A detail may quote what came; that is the sender's to choose. */
const LONGEST_DETAIL = 400;
const REMEMBERED = 1_000;

export class RefusalLog {
  readonly #store: Store;
  readonly #clock: Clock;
  /** What was refused, and when it was written. */
  readonly #recent = new Map<string, Monotonic>();
  #minute: Monotonic = Number.NEGATIVE_INFINITY;
  #day: Monotonic = Number.NEGATIVE_INFINITY;
  #written = 0;
  #writtenToday = 0;
  #suppressed = 0;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @throws StationError `storage-failed` */
  async write(topic: DownlinkTopic, bytes: Buffer, why: Refusal): Promise<void> {
    const now = this.#clock.monotonic();
    const sha256 = sha256Of(bytes);
    const mark = `${why.reason} ${sha256}`;
    const before = this.#recent.get(mark);
    if (before !== undefined && now - before < HOUR) return;
    if (now - this.#minute >= MINUTE) {
      this.#minute = now;
      this.#written = 0;
    }
    if (now - this.#day >= DAY) {
      this.#day = now;
      this.#writtenToday = 0;
    }
    if (this.#written >= PER_MINUTE || this.#writtenToday >= PER_DAY) {
      this.#suppressed += 1;
      return;
    }
    this.#written += 1;
    this.#writtenToday += 1;
    this.#recent.delete(mark);
    this.#recent.set(mark, now);
    const oldest = this.#recent.keys().next().value;
    if (this.#recent.size > REMEMBERED && oldest !== undefined) this.#recent.delete(oldest);
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    const detail = why.detail.slice(0, LONGEST_DETAIL);
    const body = { ...topic, reason: why.reason, detail, sha256, bytes: bytes.length, suppressed };
    try {
      await this.#store.record(this.#clock.now(), "refused", body, "alarm");
    } catch (error) {
      // Nothing of it is on the disk: it is written when it comes again.
      this.#recent.delete(mark);
      this.#suppressed += suppressed;
      throw error;
    }
  }
}
