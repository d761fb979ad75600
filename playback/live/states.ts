/**
 * When a live source is heard and when something else takes its place. Pure: the state, what was just seen of the source, and the time.
 *
 * Invariants: a source that was heard and lost returns only after `holdOffMs` of unbroken good sound, so nothing flaps; a source that
 * stutters is lost; silence is told from a pause in speech by its length alone.
 */
import { type LiveState, QUIET_BELOW } from "../model/live.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import type { Decibels, Millis, Monotonic } from "../model/units.ts";
import type { LiveSignal } from "../ports/sound.ts";

export interface LiveLimits {
  /** A source that gives nothing for so long after the first attempt is given up for now. */
  readonly connectMs: Millis;
  /** Nothing came for so long: `stalled`. */
  readonly stalledMs: Millis;
  /** Nothing came for so long: `fallback`. At most 5 s. */
  readonly lostMs: Millis;
  /** So many stalls within `stallsWithinMs` are a loss, however short each is. */
  readonly stalls: number;
  readonly stallsWithinMs: Millis;
  /** Quiet below the one, loud above the other; in between it stays what it was. */
  readonly quietBelow: Decibels;
  readonly loudAbove: Decibels;
  /** A quiet source counts as loud again only after so long: a click is no programme. */
  readonly loudForMs: Millis;
  /** Quiet for so long: `silent`, and after the second: `fallback`. */
  readonly silentMs: Millis;
  readonly silenceMs: Millis;
  /** Unbroken good sound before a source that was lost is heard again, and before one that never worked is heard at all. */
  readonly holdOffMs: Millis;
  readonly firstMs: Millis;
}

/** Assumed: the dead-air detector of broadcast practice (−40 dBFS, 20 s); a listener forgives 3.5 s, and not a source that comes and goes. */
export const LIVE_LIMITS: LiveLimits = {
  connectMs: 5_000,
  stalledMs: 1_000,
  lostMs: 3_500,
  stalls: 3,
  stallsWithinMs: 30_000,
  quietBelow: QUIET_BELOW,
  loudAbove: -37,
  loudForMs: 300,
  silentMs: 2_000,
  silenceMs: 20_000,
  holdOffMs: 60_000,
  firstMs: 1_000,
};

/** Of somebody who speaks now, and nothing else would sound: he is heard as soon as he is there again. */
export const SPEAKER_LIMITS: LiveLimits = { ...LIVE_LIMITS, holdOffMs: LIVE_LIMITS.firstMs };

/** What was seen of the source since the last look. `lost`: its connection ended. `between`: sound that is neither loud nor quiet. */
export const LIVE_HAPPENINGS = ["loud", "between", "quiet", "nothing", "lost"] as const;
export type LiveHappening = (typeof LIVE_HAPPENINGS)[number];

export interface Live {
  readonly state: LiveState;
  readonly since: Monotonic;
  /** It was received once, so its return is held off. */
  readonly worked: boolean;
  readonly receivedAt: Monotonic;
  readonly quietSince: Monotonic | null;
  readonly loudSince: Monotonic | null;
  /** Since when it is good without a break. */
  readonly goodSince: Monotonic | null;
  /** When it stalled lately. */
  readonly stalls: readonly Monotonic[];
}

export function connecting(now: Monotonic): Live {
  const never = { quietSince: null, loudSince: null, goodSince: null, stalls: [] };
  return { state: "connecting", since: now, worked: false, receivedAt: now, ...never };
}

/** The source itself is what sounds, even where that is nothing for a moment. */
export function isHeard(state: LiveState): boolean {
  return state === "playing" || state === "silent" || state === "stalled";
}

/** What a signal says that was not said by the one before it. */
export function happeningOf(signal: LiveSignal, before: LiveSignal | null, limits: LiveLimits): LiveHappening {
  if (signal.losses > (before?.losses ?? 0)) return "lost";
  if (signal.receivedAt === null || signal.receivedAt === (before?.receivedAt ?? null)) return "nothing";
  if (signal.level < limits.quietBelow) return "quiet";
  return signal.level > limits.loudAbove ? "loud" : "between";
}

export function advance(before: Live, happening: LiveHappening, now: Monotonic, limits: LiveLimits): Live {
  const live = seen(before, happening, now, limits);
  const state = next(live, happening, now, limits);
  if (state === live.state) return live;
  const worked = live.worked || state === "playing";
  if (state === "fallback")
    return { ...live, state, since: now, worked, goodSince: null, quietSince: null, stalls: [] };
  const stalls = state === "stalled" ? [...live.stalls, now].slice(-limits.stalls) : live.stalls;
  return { ...live, state, since: now, worked, stalls };
}

/** Why the source is given up, of the state in which that was decided. */
export function lossOf(last: Live, now: Monotonic, problem: string | null, limits: LiveLimits): Refusal {
  if (isQuiet(last, now, limits)) {
    return refusal("source-silent", `below ${limits.quietBelow} dBFS for ${limits.silenceMs / 1_000} s`);
  }
  const gone = Math.max(0, Math.round((now - last.receivedAt) / 100) / 10);
  const stuttered = last.state !== "stalled" && stutters(last, now, limits);
  const how = stuttered ? `stalled ${limits.stalls} times in a row` : `no sound for ${gone} s`;
  return refusal("source-lost", problem === null ? how : `${how}: ${problem}`);
}

const isQuiet = (live: Live, now: Monotonic, limits: LiveLimits) =>
  live.quietSince !== null && now - live.quietSince >= limits.silenceMs;

/** Takes in what was seen; the state stays. */
function seen(live: Live, happening: LiveHappening, now: Monotonic, limits: LiveLimits): Live {
  if (happening === "lost") return { ...live, loudSince: null, goodSince: null };
  if (happening === "nothing") {
    const broken = now - live.receivedAt >= limits.stalledMs;
    return broken ? { ...live, loudSince: null, goodSince: null } : live;
  }
  const received = { ...live, receivedAt: now };
  if (happening === "between") return received;
  if (happening === "quiet") {
    const quietSince = live.quietSince ?? now;
    const tooLong = now - quietSince >= limits.silenceMs;
    return { ...received, quietSince, loudSince: null, goodSince: tooLong ? null : live.goodSince };
  }
  const loudSince = live.loudSince ?? now;
  const loud = live.quietSince === null || now - loudSince >= limits.loudForMs;
  return { ...received, loudSince, quietSince: loud ? null : live.quietSince, goodSince: live.goodSince ?? now };
}

function next(live: Live, happening: LiveHappening, now: Monotonic, limits: LiveLimits): LiveState {
  const { state, quietSince } = live;
  const received = happening !== "nothing" && happening !== "lost";
  switch (state) {
    case "connecting":
      if (received) return "playing";
      return now - live.since >= limits.connectMs ? "fallback" : state;
    case "playing":
    case "silent":
      if (happening === "lost" || now - live.receivedAt >= limits.stalledMs) {
        return stutters(live, now, limits) ? "fallback" : "stalled";
      }
      if (isQuiet(live, now, limits)) return "fallback";
      return quietSince !== null && now - quietSince >= limits.silentMs ? "silent" : "playing";
    case "stalled":
      if (isQuiet(live, now, limits) || now - live.receivedAt >= limits.lostMs) return "fallback";
      if (!received) return state;
      return quietSince !== null && now - quietSince >= limits.silentMs ? "silent" : "playing";
    case "fallback": {
      const needed = live.worked ? limits.holdOffMs : limits.firstMs;
      const good = live.goodSince !== null && now - live.goodSince >= needed;
      return received && good && quietSince === null ? "playing" : state;
    }
  }
}

/** Whether this stall is one too many. */
function stutters(live: Live, now: Monotonic, limits: LiveLimits): boolean {
  const lately = live.stalls.filter((at) => now - at < limits.stallsWithinMs);
  return lately.length + 1 >= limits.stalls;
}
