/**
 * What the device allows, whatever a schedule says. Only a verified emergency passes quiet hours and mute.
 * Source: field incident of December 2025 (a relay woke a commune at 03:15); Decree 49/2024 (each commune fixes its own hours).
 */
import { DEFAULT_LOUDNESS, type LoudnessPolicy } from "./loudness.ts";
import type { LocalTime } from "./schedule.ts";
import type { Decibels, Millis, Percent } from "./units.ts";

export interface QuietHours {
  readonly from: LocalTime;
  /** Before or equal to `from` means on the next day. */
  readonly to: LocalTime;
}

/** A volume for outputs (none named means all) in a span of local time that returns every day. */
export interface VolumePeriod extends QuietHours {
  readonly outputs: readonly string[];
  readonly volume: Percent;
  /** It is for emergencies, and for nothing else. */
  readonly emergency: boolean;
}

/** How bright a face is (percent); no face named means all. */
export type BrightnessRule = { readonly faces: readonly string[] } & (
  | ({ readonly by: "time"; readonly percent: Percent } & QuietHours)
  | { readonly by: "sun"; readonly when: "day" | "night"; readonly percent: Percent }
  | { readonly by: "sensor"; readonly points: readonly { readonly lux: number; readonly percent: Percent }[] }
);

export interface FacesPolicy {
  /** Faces are lit inside these only; none means always. */
  readonly hours: readonly QuietHours[];
  /** The last that fits holds. */
  readonly brightness: readonly BrightnessRule[];
  readonly emergencyBrightness: Percent;
}

export interface Policy {
  readonly quietHours: readonly QuietHours[];
  /** Ceiling on every volume but the emergency's. */
  readonly volumeCeiling: Percent;
  /** Volume of a programme that names none. */
  readonly volume: Percent;
  readonly emergencyVolume: Percent;
  /** What holds for zones and times of day, the last one first. */
  readonly volumePeriods: readonly VolumePeriod[];
  /** What files are brought to before any volume. */
  readonly loudness: LoudnessPolicy;
  /** A slot displaced or killed for longer than this is closed as interrupted. */
  readonly resumeWithinMs: Millis;
  /** Slots that may sound on one local day, emergencies and manual ones not counted; `null` is no limit. */
  readonly sessionsPerDay: number | null;
  /** How long one slot may sound; `null` is no limit. */
  readonly sessionLengthMs: Millis | null;
  /** On battery, energy is kept back for this long of emergency. */
  readonly emergencyReserveMs: Millis;
  /** How far a programme is put down while something sounds over it. */
  readonly duck: Decibels;
  readonly faces: FacesPolicy;
}

export const DEFAULT_POLICY: Policy = {
  quietHours: [{ from: "22:00", to: "04:30" }],
  volumeCeiling: 100,
  volume: 80,
  emergencyVolume: 100,
  volumePeriods: [],
  loudness: DEFAULT_LOUDNESS,
  resumeWithinMs: 15 * 60_000,
  sessionsPerDay: null,
  sessionLengthMs: null,
  emergencyReserveMs: 30 * 60_000,
  duck: -18,
  faces: { hours: [], brightness: [], emergencyBrightness: 100 },
};
