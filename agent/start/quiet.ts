/** Moments in which a restart costs nobody anything. Pure. */
import { agenda } from "../../playback/agenda/agenda.ts";
import { decide } from "../../playback/arbiter/arbiter.ts";
import { HORIZON } from "../../playback/arbiter/candidate.ts";
import { NO_SESSIONS } from "../../playback/arbiter/sessions.ts";
import type { Conductor } from "../../playback/conductor.ts";
import type { ClockTrust } from "../../playback/model/clock-trust.ts";
import { type Instant, MINUTE, type Millis } from "../../playback/model/units.ts";

/** A slow board takes more than a minute to be back. */
const BACK_WITHIN: Millis = 2 * MINUTE;

/** Something sounds at this output, or is due before the agent would be back. */
export function isBusy(conductor: Pick<Conductor, "onAir" | "over" | "decision">, now: Instant): boolean {
  if ((conductor.onAir() ?? conductor.over()) !== null) return true;
  return (conductor.decision?.upcoming ?? []).some(({ start }) => start - now < BACK_WITHIN);
}

/** An alert stands: an agent that forgets that it has sounded sounds it anew. */
export function alerts({ facts }: Pick<Conductor, "facts">): boolean {
  return facts.emergencies.some(({ ended }) => ended === null);
}

/** An agent that forgets what it has played would play something now: a slot whose time is not over yet. */
export function wouldRepeat({ facts }: Pick<Conductor, "facts">, now: Instant, trust: ClockTrust): boolean {
  const { holder, over } = decide({
    ...{ facts, slots: agenda(facts, now - HORIZON.back, now + HORIZON.ahead), now, trust },
    ...{ running: null, runningMs: 0, over: null, overMs: 0 },
    ...{ sessions: NO_SESSIONS, suspended: new Map(), awaiting: new Set<string>(), ended: () => false },
  });
  return holder !== null || over !== null;
}
