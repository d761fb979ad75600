/**
 * One face's controller: black while the face is not lit or has nothing to show, at its brightness otherwise; a card is sent what it keeps. What
 * is wanted is kept by `DisplayKeeper`, so it is told again after anybody was away.
 *
 * Invariants: black comes before power, where a controller has both, because an alert cannot wait for a display to warm up; what a card keeps
 * ends by itself soon after this ends; only the last thing asked for is painted.
 */
import type { Face, FaceScene } from "../../playback/model/board.ts";
import type { StationError } from "../../playback/model/station-error.ts";
import { type Instant, MINUTE, type Millis, type Percent } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { DisplayController, DisplayStatus, DisplayWish } from "../../playback/ports/display-controller.ts";
import { type BoardCondition, DisplayKeeper } from "./keeper.ts";
import type { KeeperTimes } from "./keeper-plan.ts";

/** What a card is to keep now; `rgb` of the whole face, `null` for nothing. `until`: when another follows by itself. */
export interface Painted {
  readonly rgb: Uint8Array | null;
  readonly until: Instant | null;
}

export interface FaceControllerPorts {
  readonly clock: Clock;
  readonly onChange: () => void;
  readonly onFault: (error: StationError) => void;
  readonly random?: (() => number) | undefined;
  /** For cards; must not reject. Without it a card is only lit and dimmed. */
  readonly paint?: ((scene: FaceScene, at: Instant) => Promise<Painted>) | undefined;
}

/** Assumed: what a dead station said a minute ago may still stand, what it said before may not. Sent again every 20 s. */
export const CARD_TIMEOUT: Millis = MINUTE;
const AREA = 0;

interface Lit {
  readonly lit: boolean;
  readonly percent: Percent;
}

export class FaceController {
  /** Whether it takes a brightness; else the page dims. */
  readonly dims: boolean;
  readonly #face: Face;
  readonly #controller: DisplayController;
  readonly #ports: FaceControllerPorts;
  readonly #keeper: DisplayKeeper;
  readonly #stopped = new AbortController();
  #next = new AbortController();
  #painting: Promise<void> = Promise.resolve();

  constructor(face: Face, controller: DisplayController, ports: FaceControllerPorts, times?: KeeperTimes) {
    this.#face = face;
    this.#controller = controller;
    this.#ports = ports;
    this.#keeper = new DisplayKeeper(controller, ports, times);
    this.dims = controller.can.aspects.has("brightness");
  }

  get condition(): BoardCondition {
    return this.#keeper.condition;
  }
  /** As it last said; `null` while it is away. */
  get status(): DisplayStatus | null {
    return this.#keeper.status;
  }

  start(): void {
    this.#keeper.start();
  }

  /** Leaves the board as it is; a card's picture ends by its time-out. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#next.abort();
    await this.#keeper.stop();
    await this.#painting;
  }

  /** What is wanted from here on; never throws. */
  show(scene: FaceScene, light: Lit): void {
    if (this.#stopped.signal.aborted) return;
    this.#keeper.want(this.#wishOf(scene, light));
    if (this.#controller.can.images === null || this.#ports.paint === undefined) return;
    this.#next.abort();
    this.#next = new AbortController();
    const { signal } = this.#next;
    const paint = this.#ports.paint;
    this.#painting = this.#painting.then(() => this.#keepPainted(scene, light.lit, paint, signal));
  }

  #wishOf({ showing }: FaceScene, { lit, percent }: Lit): DisplayWish {
    const { aspects } = this.#controller.can;
    const black = !lit || showing.kind === "blank";
    // Without a way to be black it is switched off.
    const wish: Required<DisplayWish> = {
      power: aspects.has("blank") || !black,
      brightness: Math.round(percent),
      blank: black,
      pattern: "none",
    };
    // The brightness of what is dark is of no interest, and 0 would be told for nothing.
    const told = Object.entries(wish).filter(
      ([aspect]) => aspects.has(aspect as keyof DisplayWish) && !(black && aspect === "brightness"),
    );
    return Object.fromEntries(told);
  }

  /** Page after page, until something else is to be shown. */
  async #keepPainted(
    scene: FaceScene,
    lit: boolean,
    paint: NonNullable<FaceControllerPorts["paint"]>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#ports;
    while (!signal.aborted) {
      const { rgb, until } = lit ? await paint(scene, clock.now()) : { rgb: null, until: null };
      if (signal.aborted) return;
      const { width, height } = this.#face.size;
      if (rgb === null) this.#keeper.clear(AREA);
      else this.#keeper.show({ area: AREA, x: 0, y: 0, width, height, rgb, timeoutMs: CARD_TIMEOUT });
      if (until === null) return;
      await clock.wait(Math.max(100, until - clock.now()), signal);
    }
  }
}
