/**
 * A database that was found damaged while it was used stays so until a start begins it anew, and takes nothing signed meanwhile, not even a command to
 * restart. So the agent restarts by itself. It first leaves a note for the next start, which needs what that start will need: a disk that takes writes
 * and has some room. Where it does not, the station plays on from memory.
 */
import { HOUR, MINUTE, type Millis, type Monotonic } from "../../playback/model/units.ts";
import type { Parts } from "../station.ts";
import { GOOD_AFTER } from "./start-memory.ts";

/** A note that the disk refused is tried again after this. */
const NOTE_EVERY: Millis = 10 * MINUTE;
/**
 * How long a run lasts at least that began by looking through a damaged file. What is damaged again by then lies on a dying card: beginning anew more
 * often would wear it, and mend nothing.
 */
const AGAIN_AFTER: Millis = HOUR;

type WatchParts = Pick<Parts, "store" | "log">;

export class DamageWatch {
  readonly #parts: WatchParts;
  #since: Monotonic | null = null;
  #noted = false;
  #triedAt: Monotonic = Number.NEGATIVE_INFINITY;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /**
   * Call it every second; `age` is how long the agent has been up. Resolves with how long a restart has been waited for, `null` while none would help.
   * Never rejects for the disk's sake.
   */
  async tick(age: Millis, now: Monotonic): Promise<Millis | null> {
    const { damage, examined } = this.#parts.store.database;
    if (damage === null) {
      this.#since = null;
      return null;
    }
    this.#since ??= now;
    if (age < (examined ? AGAIN_AFTER : GOOD_AFTER)) return null;
    if (!this.#noted && now - this.#triedAt >= NOTE_EVERY) {
      this.#triedAt = now;
      this.#noted = await this.#note(damage);
    }
    return this.#noted ? now - this.#since : null;
  }

  async #note(damage: string): Promise<boolean> {
    const { store, log } = this.#parts;
    log.error("damaged database", { damage });
    try {
      await store.database.noteDamage();
      return true;
    } catch (error) {
      log.error("damaged database", { error });
      return false;
    }
  }
}
