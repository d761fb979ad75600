/**
 * The amplifier side of one output, as a pure state machine: power → settle → unmute → guard → on air → tail → mute → hold → off.
 * It decides lines and times; whoever holds the amplifier drives them.
 *
 * Source: amplifier makers ask for mute before power is cut and settling before unmute (TI TPA3100D2, ST TDA7296, NXP TDF8544).
 */
import type { Millis, Monotonic } from "./model/units.ts";
import { type AmplifierLines, SAFE_LINES } from "./ports/amplifier.ts";

export const PLAYOUT_PHASES = ["silent", "settling", "opening", "on-air", "draining", "holding", "fault"] as const;
export type PlayoutPhase = (typeof PLAYOUT_PHASES)[number];

export interface Playout {
  readonly phase: PlayoutPhase;
  /** When the phase's own time is over; `null` where it has none. */
  readonly until: Monotonic | null;
  /** Power must stay off until then, to spare the relay; an urgent want passes it. */
  readonly restUntil: Monotonic;
}

export interface PlayoutTimes {
  /** Power on, still muted. 300–1500 ms for most amplifiers. */
  readonly settleMs: Millis;
  /** Unmuted, before the first sound. */
  readonly guardMs: Millis;
  /** After the last sound, before mute: what still stands in the sink's buffer. */
  readonly tailMs: Millis;
  /** Muted but powered, in case another item is near. */
  readonly holdMs: Millis;
  readonly minimumOffMs: Millis;
}

/** `urgent` is an emergency: it passes the rest of the relay, never the settling. */
export type Want = "silence" | "sound" | "urgent";

export type Happening =
  | { readonly kind: "wanted"; readonly want: Want }
  | { readonly kind: "failed" }
  | { readonly kind: "safe" };

export interface Advance {
  readonly playout: Playout;
  /** Lines to drive now; `null` leaves them. */
  readonly lines: AmplifierLines | null;
}

const RETRY: Millis = 1_000;
const OPEN: AmplifierLines = { power: true, muted: false };
const MUTED: AmplifierLines = { power: true, muted: true };

export const INITIAL_PLAYOUT: Playout = { phase: "silent", until: null, restUntil: Number.NEGATIVE_INFINITY };

/** How long before a sound the output must be wanted. */
export function warmUp(times: PlayoutTimes): Millis {
  return times.settleMs + times.guardMs;
}

export function advance(playout: Playout, happening: Happening, now: Monotonic, times: PlayoutTimes): Advance {
  if (happening.kind === "failed") return { playout: { ...playout, phase: "fault", until: now + RETRY }, lines: null };
  if (happening.kind === "safe") {
    return { playout: { phase: "silent", until: null, restUntil: now + times.minimumOffMs }, lines: null };
  }
  const { want } = happening;
  const wanted = want !== "silence";
  const over = playout.until !== null && now >= playout.until;
  const to = (phase: PlayoutPhase, forMs: Millis | null, lines: AmplifierLines | null): Advance => ({
    playout: { ...playout, phase, until: forMs === null ? null : now + forMs },
    lines,
  });
  const stay: Advance = { playout, lines: null };
  switch (playout.phase) {
    case "silent":
      return wanted && (want === "urgent" || now >= playout.restUntil) ? to("settling", times.settleMs, MUTED) : stay;
    case "settling":
      if (!wanted) return to("holding", times.holdMs, null);
      return over ? to("opening", times.guardMs, OPEN) : stay;
    case "opening":
      if (!wanted) return to("holding", times.holdMs, MUTED);
      return over ? to("on-air", null, null) : stay;
    case "on-air":
      return wanted ? stay : to("draining", times.tailMs, null);
    case "draining":
      if (wanted) return to("on-air", null, null);
      return over ? to("holding", times.holdMs, MUTED) : stay;
    case "holding":
      if (wanted) return to("opening", times.guardMs, OPEN);
      if (!over) return stay;
      return {
        playout: { phase: "silent", until: null, restUntil: now + times.minimumOffMs },
        lines: SAFE_LINES,
      };
    case "fault":
      // The retry is to make safe; only what read back safe starts again from silence.
      return over ? to("fault", RETRY, SAFE_LINES) : stay;
  }
}
