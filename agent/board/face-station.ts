/**
 * The faces of this board's computer as the rest of the agent sees them: what they show, patterns and brightness by hand, pictures of what is
 * really on them. Everything by hand is journalled with who asked.
 */
import type { BoardConductor, FaceState } from "../../playback/board/board-conductor.ts";
import type { FacePattern } from "../../playback/model/board.ts";
import type { Facts } from "../../playback/model/facts.ts";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { type Millis, type Percent, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { DisplayStatus } from "../../playback/ports/display-controller.ts";
import type { Kiosk, Screenshot } from "../../playback/ports/kiosk.ts";
import type { Screen, ScreenReport } from "../../playback/ports/screen.ts";
import type { Store } from "../../storage/store.ts";
import type { ManualLight } from "./manual-light.ts";

/** A face's own controller, as it was last heard. */
export interface ControllerState {
  readonly condition: string;
  readonly status: DisplayStatus | null;
}

export interface FaceStationParts {
  readonly conductor: BoardConductor;
  /** `null` where all faces are asynchronous cards. */
  readonly screen: Screen | null;
  readonly kiosk: Kiosk | null;
  readonly controllers: ReadonlyMap<string, () => ControllerState>;
  readonly light: ManualLight;
  readonly clock: Clock;
  readonly store: Pick<Store, "record">;
  /** Everything that runs besides deciding: page server, browser, controllers, proof. Ends when `signal` does, and after `deciding`. */
  readonly work: (signal: AbortSignal, deciding: Promise<void>) => Promise<void>;
}

const SCREENSHOT_WITHIN: Millis = 20 * SECOND;

export class FaceStation {
  readonly #parts: FaceStationParts;

  constructor(parts: FaceStationParts) {
    this.#parts = parts;
  }

  get states(): readonly FaceState[] {
    return this.#parts.conductor.states;
  }

  /** Grows while they are looked after. */
  get turns(): number {
    return this.#parts.conductor.turns;
  }

  get kiosk(): Kiosk | null {
    return this.#parts.kiosk;
  }

  /** The page's last round trip. */
  get report(): ScreenReport | null {
    return this.#parts.screen?.report ?? null;
  }

  controllerOf(face: string): ControllerState | null {
    return this.#parts.controllers.get(face)?.() ?? null;
  }

  update(facts: Facts): void {
    this.#parts.conductor.update(facts);
  }

  /** Until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const deciding = this.#parts.conductor.run(signal);
    // What is closed in the ledger at the end is still written.
    await this.#parts.work(signal, deciding);
  }

  async pattern(faces: readonly string[], pattern: FacePattern, forMs: Millis, by: string): Promise<void> {
    for (const face of faces) this.#parts.conductor.pattern(face, pattern, forMs);
    await this.#record("face-pattern", { faces, pattern, forMs, by });
  }

  /** `null` gives the faces back to their rules. */
  async brightness(faces: readonly string[], percent: Percent | null, by: string): Promise<void> {
    const now = this.#parts.clock.monotonic();
    for (const face of faces) this.#parts.light.set(face, percent, now);
    await this.#record("face-brightness", { faces, percent, by });
  }

  /** Of one face, or of the whole framebuffer. */
  async screenshot(name: string | null): Promise<Screenshot | Refusal> {
    const { kiosk } = this.#parts;
    if (kiosk === null) return refusal("unsupported", "no browser runs here of which a picture could be taken");
    const face = this.states.find((state) => state.face.name === name)?.face;
    if (face?.rect === null)
      return refusal("unsupported", `'${name}' is an asynchronous card: only its controller sees it`);
    return kiosk.screenshot(SCREENSHOT_WITHIN, face && { rect: face.rect, scale: 1 });
  }

  #record(kind: string, body: object): Promise<void> {
    const { store, clock } = this.#parts;
    return store.record(clock.now(), kind, body, "alarm");
  }
}
