/**
 * Keeps the picture of an asynchronous card as it is wanted: painted again at every page and minute, sent again before the card takes it away.
 *
 * Invariants: only the last thing asked for is painted; what a card keeps ends by itself soon after the agent does.
 */
import type { FaceScene, Size } from "../../playback/model/board.ts";
import { type Instant, MINUTE, type Millis } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { DisplayKeeper } from "./keeper.ts";

/** What a card is to keep now; `rgb` of the whole face, `null` for nothing. `until`: when another follows by itself. */
export interface Painted {
  readonly rgb: Uint8Array | null;
  readonly until: Instant | null;
}

export interface CardPorts {
  readonly clock: Clock;
  /** Must not reject. */
  readonly paint: (scene: FaceScene, at: Instant) => Promise<Painted>;
}

/** Assumed: what a dead station said a minute ago may still stand, what it said before may not. Sent again every 20 s. */
export const CARD_TIMEOUT: Millis = MINUTE;
const AREA = 0;
/** However fast a scene would have it, so that a card on a serial line can follow. */
const SOONEST_MS: Millis = 250;

export class CardKeeper {
  readonly #keeper: DisplayKeeper;
  readonly #size: Size;
  readonly #ports: CardPorts;
  #current = new AbortController();
  #painting: Promise<void> = Promise.resolve();

  /** `keeper`: of a controller that can show images; who made it starts and stops it. `size`: of the card. */
  constructor(keeper: DisplayKeeper, size: Size, ports: CardPorts) {
    this.#keeper = keeper;
    this.#size = size;
    this.#ports = ports;
  }

  /** What is wanted from here on; nothing while it is not lit. Never throws. */
  show(scene: FaceScene, lit = true): void {
    this.#current.abort();
    this.#current = new AbortController();
    const { signal } = this.#current;
    this.#painting = this.#painting.then(() => this.#keepPainted(lit ? scene : null, signal));
  }

  /** Paints no more; what the card has ends by its time-out. */
  async stop(): Promise<void> {
    this.#current.abort();
    await this.#painting;
  }

  /** Page after page, until something else is to be shown. */
  async #keepPainted(scene: FaceScene | null, signal: AbortSignal): Promise<void> {
    const { clock, paint } = this.#ports;
    while (!signal.aborted) {
      const { rgb, until } = scene === null ? { rgb: null, until: null } : await paint(scene, clock.now());
      if (signal.aborted) return;
      if (rgb === null) this.#keeper.clear(AREA);
      else this.#keeper.show({ area: AREA, x: 0, y: 0, ...this.#size, rgb, timeoutMs: CARD_TIMEOUT });
      if (until === null) return;
      await clock.wait(Math.max(SOONEST_MS, until - clock.now()), signal);
    }
  }
}
