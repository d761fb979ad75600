/** The browser that presents the page on the board's connector. It is restarted by rungs, never for ever. */
import type { Rect, Size } from "../model/board.ts";
import type { Refusal } from "../model/refusal.ts";
import type { Instant, Millis } from "../model/units.ts";

/**
 * `no-connector`: nothing to paint on is attached. `starting`: the browser was started and its page has not answered. `showing`: the page
 * answers. `frozen`: it does not, and a rung of the ladder is under way. `resting`: too many restarts; it waits before the next.
 */
export const KIOSK_PHASES = ["off", "no-connector", "starting", "showing", "frozen", "resting"] as const;
export type KioskPhase = (typeof KIOSK_PHASES)[number];

/** Rungs of the ladder, the gentlest first. */
export const KIOSK_RUNGS = ["reload", "restart-browser", "restart-compositor"] as const;
export type KioskRung = (typeof KIOSK_RUNGS)[number];

export interface KioskState {
  readonly phase: KioskPhase;
  /** In words. */
  readonly detail: string;
  /** The connector and its mode, where one is looked at. */
  readonly connector: string | null;
  readonly mode: Size | null;
  readonly restarts: number;
}

/** A part of the framebuffer, and how large it is to be in the picture (1 is as it is). */
export interface PicturePart {
  readonly rect: Rect;
  readonly scale: number;
}

/** A picture of the framebuffer as it is presented. */
export interface Screenshot {
  readonly takenAt: Instant;
  readonly size: Size;
  readonly png: Uint8Array;
}

export interface Kiosk {
  readonly state: KioskState;
  /** Opens the page and keeps it open. Ends when `signal` does. */
  run(url: string, signal: AbortSignal): Promise<void>;
  /** The page answered: called for every report of the screen. */
  alive(): void;
  /** All of it or a part, within `timeoutMs`; or why there is none. */
  screenshot(timeoutMs: Millis, part?: PicturePart): Promise<Screenshot | Refusal>;
  onEvent(listener: (event: KioskEvent) => void): void;
}

export interface KioskEvent {
  readonly kind:
    | "connector-lost"
    | "connector-found"
    | "mode-wrong"
    | "started"
    | "page-silent"
    | "browser-ended"
    | "rung"
    | "resting";
  readonly detail: string;
  readonly rung?: KioskRung;
}
