/**
 * The twin of a board's browser, for training and tests without Chromium: the same ladder, on a page that is as good as it is told to be. It
 * speaks by itself while it runs.
 */
import type { Size } from "../../playback/model/board.ts";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { type Millis, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Kiosk, KioskEvent, KioskState, Screenshot } from "../../playback/ports/kiosk.ts";
import { climb, type Happening, initialLadder } from "./ladder.ts";
import { sizeOfPng } from "./png-size.ts";

/** What is wrong with it; set at any moment. */
export interface KioskBehaviour {
  /** Nothing is attached that could be painted on. */
  readonly absent: boolean;
  /** The page says nothing; `hangs` until its browser is restarted, `for-good` whatever is done. */
  readonly freezing: "no" | "hangs" | "for-good";
  /** Every answer takes so long. */
  readonly slowMs: Millis;
}

export const WELL_BEHAVED_KIOSK: KioskBehaviour = { absent: false, freezing: "no", slowMs: 0 };

/** One black pixel. */
const BLACK = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC",
  "base64",
);
const TURN_MS: Millis = 200;

export class SimulatedKiosk implements Kiosk {
  readonly #size: Size;
  readonly #clock: Clock;
  readonly #listeners: ((event: KioskEvent) => void)[] = [];
  #behaviour = WELL_BEHAVED_KIOSK;
  #ladder;
  #restarts = 0;
  #detail = "not begun";
  /** What a screenshot gives, of whatever part; a PNG. */
  picture: Uint8Array = BLACK;

  constructor(size: Size, clock: Clock) {
    this.#size = size;
    this.#clock = clock;
    this.#ladder = initialLadder(clock.monotonic());
  }

  get state(): KioskState {
    const { phase } = this.#ladder;
    const mode = phase === "showing" ? this.#size : null;
    return {
      phase,
      detail: this.#detail,
      connector: this.#behaviour.absent ? null : "simulated",
      mode,
      restarts: this.#restarts,
    };
  }

  /** From a well-behaved one, these differ. */
  behave(behaviour: Partial<KioskBehaviour>): void {
    this.#behaviour = { ...WELL_BEHAVED_KIOSK, ...behaviour };
  }

  onEvent(listener: (event: KioskEvent) => void): void {
    this.#listeners.push(listener);
  }

  async run(_url: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#on({ kind: "connector", bindable: !this.#behaviour.absent });
      this.#on({ kind: "tick" });
      if (this.#behaviour.freezing === "no") this.alive();
      await this.#clock.wait(TURN_MS + this.#behaviour.slowMs, signal);
    }
    this.#on({ kind: "stop" });
    this.#detail = "ended";
  }

  alive(): void {
    this.#on({ kind: "alive" });
  }

  async screenshot(timeoutMs: Millis): Promise<Screenshot | Refusal> {
    const takenAt = this.#clock.now();
    const { slowMs, freezing } = this.#behaviour;
    if (!this.#ladder.running) return refusal("no-picture", `the board's browser is not there: ${this.#detail}`);
    await this.#clock.wait(Math.min(timeoutMs, freezing === "no" ? slowMs : timeoutMs));
    if (freezing !== "no" || slowMs > timeoutMs) return refusal("no-picture", `no picture within ${timeoutMs} ms`);
    return { takenAt, size: sizeOfPng(this.picture), png: this.picture };
  }

  #on(happening: Happening): void {
    const { ladder, actions, events } = climb(this.#ladder, happening, this.#clock.monotonic());
    this.#ladder = ladder;
    for (const event of events) {
      this.#detail = event.detail;
      for (const listener of this.#listeners) listener(event);
    }
    for (const action of actions) {
      if (action === "look") {
        const answers = this.#behaviour.freezing === "no" && this.#behaviour.slowMs < SECOND;
        this.#on({ kind: "looked", browser: answers, page: answers });
      } else if (action === "restart-browser" || action === "restart-compositor") {
        this.#restarts += 1;
        if (this.#behaviour.freezing === "hangs") this.behave({ ...this.#behaviour, freezing: "no" });
      }
    }
  }
}
