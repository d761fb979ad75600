/**
 * The officer's token: what the key of a keyed switch is in hardware. Where the station has one, ending an alert and muting on the spot need it.
 * Only its scrypt hash is on the board; wrong tries make the next ones slow. One try at a time: each is judged by what became of those before it.
 */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { MINUTE, type Monotonic, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const BYTES = 32;
const FREE_TRIES = 3;
const LONGEST_LOCK = 10 * MINUTE;
/** Nobody who types comes behind so many. */
const MOST_WAITING = 8;

/** `scrypt:<salt>:<hash>`, base64url, for `station.yaml`. */
export async function hashToken(token: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt:${salt.toString("base64url")}:${(await derive(token, salt, BYTES)).toString("base64url")}`;
}

export class OfficerToken {
  readonly #hash: string | null;
  readonly #clock: Clock;
  #failures = 0;
  #lockedUntil: Monotonic = Number.NEGATIVE_INFINITY;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** `null`: the station asks for none. */
  constructor(hash: string | null, clock: Clock) {
    this.#hash = hash;
    this.#clock = clock;
  }

  /** Why the caller may not, or `null`. */
  async refuses(token: string | undefined): Promise<string | null> {
    const hash = this.#hash;
    if (hash === null) return null;
    if (this.#waiting >= MOST_WAITING) return "too many tries at once: try again";
    this.#waiting += 1;
    const turn = this.#queue.then(() => this.#try(hash, token));
    // The queue goes on after a fault; the caller hears of it through `turn`.
    this.#queue = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #try(hash: string, token: string | undefined): Promise<string | null> {
    const now = this.#clock.monotonic();
    if (now < this.#lockedUntil) {
      return `too many wrong tokens: wait ${Math.ceil((this.#lockedUntil - now) / SECOND)} s`;
    }
    if (token === undefined) return "this station asks for the officer's token: --token";
    const [, salt = "", expected = ""] = hash.split(":");
    const given = await derive(token, Buffer.from(salt, "base64url"), BYTES);
    if (timingSafeEqual(given, Buffer.from(expected, "base64url"))) {
      this.#failures = 0;
      return null;
    }
    this.#failures += 1;
    const over = this.#failures - FREE_TRIES;
    if (over >= 0) this.#lockedUntil = now + Math.min(LONGEST_LOCK, 5 * SECOND * 2 ** over);
    return "the token is wrong";
  }
}
