/** How the station is fed, as far as deciding must know: what may still spend energy. */
import type { Precedence } from "./bulletin.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** `mains` plays everything; `battery` only what is priority or above; `reserve` keeps the rest of the battery for emergencies. */
export const POWER_MODES = ["mains", "battery", "reserve"] as const;
export type PowerMode = (typeof POWER_MODES)[number];

/** What stands behind the socket. */
export interface Battery {
  /** When full. */
  readonly capacityWh: number;
  /** What board and amplifier draw while they sound, and while they wait. */
  readonly playingW: number;
  readonly idleW: number;
}

const PLAYS: Record<PowerMode, readonly Precedence[]> = {
  mains: ["filler", "normal", "priority", "live", "emergency"],
  battery: ["priority", "live", "emergency"],
  reserve: ["emergency"],
};

/** Why something of this right may not spend energy now, or `null`. */
export function powerRefuses(mode: PowerMode, precedence: Precedence): Refusal | null {
  if (PLAYS[mode].includes(precedence)) return null;
  const detail =
    mode === "battery"
      ? "on battery only priority, live and emergency bulletins sound"
      : "what is left in the battery is kept for emergencies";
  return refusal("on-battery", detail);
}
