/** When an object, and an address, may be tried again. On the clock that never steps. */
import { HOUR, MINUTE, type Millis, type Monotonic, SECOND } from "../../playback/model/units.ts";

export interface BackOff {
  readonly firstMs: Millis;
  readonly mostMs: Millis;
}

export const DEFAULT_BACK_OFF: BackOff = { firstMs: SECOND, mostMs: 5 * MINUTE };

/** Wrong digests from one address after which it is left alone. */
const WRONG_LIMIT = 3;
const LEFT_ALONE_MS: Millis = HOUR;

/** One object's failures in a row. Full jitter: anywhere between at once and the doubled limit, so that stations do not come in step. */
export class Retry {
  readonly #backOff: BackOff;
  readonly #random: () => number;
  #failures = 0;
  #notBefore: Monotonic = Number.NEGATIVE_INFINITY;

  constructor(backOff: BackOff, random: () => number) {
    this.#backOff = backOff;
    this.#random = random;
  }

  get notBefore(): Monotonic {
    return this.#notBefore;
  }

  /** Notes a failure and gives the pause until the next try. */
  failed(now: Monotonic): Millis {
    const limit = Math.min(this.#backOff.mostMs, this.#backOff.firstMs * 2 ** this.#failures);
    this.#failures += 1;
    const pause = this.#random() * limit;
    this.#notBefore = now + pause;
    return pause;
  }

  waitUntil(at: Monotonic): void {
    this.#notBefore = at;
  }
}

/** Addresses that gave wrong bytes. */
export class Distrust {
  readonly #wrong = new Map<string, { count: number; until: Monotonic }>();

  /** Notes wrong bytes; the third time the address is left alone for an hour. */
  wrong(url: string, now: Monotonic): void {
    const count = (this.#wrong.get(url)?.count ?? 0) + 1;
    this.#wrong.set(url, count < WRONG_LIMIT ? { count, until: now } : { count: 0, until: now + LEFT_ALONE_MS });
  }

  /** From when the address may be asked. */
  until(url: string): Monotonic {
    return this.#wrong.get(url)?.until ?? Number.NEGATIVE_INFINITY;
  }

  /** Forgets all addresses but these. */
  keep(urls: ReadonlySet<string>): void {
    for (const url of [...this.#wrong.keys()]) if (!urls.has(url)) this.#wrong.delete(url);
  }
}
