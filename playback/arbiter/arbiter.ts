/**
 * Who holds the output, and why the others do not. Pure: the same facts, memory and instant give the same decision,
 * so `loa why` and the running station ask one function.
 *
 * Invariants: a slot that ended never returns; nothing but an emergency passes quiet hours or mute;
 * a missed slot is closed with its reason and never played later.
 */
import { type Slot, slotKey } from "../agenda/agenda.ts";
import { suspended as suspendedBy, suspensionAt } from "../agenda/suspension.ts";
import { LEVELS } from "../model/bulletin.ts";
import { type ClockTrust, isTrusted } from "../model/clock-trust.ts";
import type { Facts } from "../model/facts.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import { HOUR, type Instant, MINUTE, type Millis, SECOND, type Sha256 } from "../model/units.ts";
import type { SlotHeader, SlotOutcome, SlotProgress } from "../ports/play-log.ts";
import { isLive } from "../run-order.ts";
import { type Candidate, candidateOfSlot, HORIZON, RESTART_WITHIN, RESUME_AFTER_KILL } from "./candidate.ts";
import { blockedBy, endOf, forbiddenToday, type HolderEnd, longestRun } from "./gates.ts";
import { type Manual, manual } from "./manual.ts";
import { decideOver, type OverEnd, turnedAway, waitsForOver } from "./over.ts";
import { claim, compare, type Displacement } from "./precedence.ts";
import type { Sessions } from "./sessions.ts";

/** A slot that began and waits to be taken up again. */
export interface Suspended {
  readonly header: SlotHeader;
  readonly progress: SlotProgress;
  readonly since: Instant;
  /** The agent was killed or lost its power meanwhile. */
  readonly killed?: boolean;
  /** It left by itself, because none of its media could be opened. */
  readonly starved?: boolean;
}

export interface Situation {
  readonly facts: Facts;
  /** Slots around `now`, from the agenda. */
  readonly slots: readonly Slot[];
  readonly now: Instant;
  readonly trust: ClockTrust;
  /** What is on the output, whether sounding or about to; as it was when it began. */
  readonly running: Candidate | null;
  /** How much of it was heard so far, earlier stretches included. */
  readonly runningMs: Millis;
  /** What sounds over it, and how much of that was heard. */
  readonly over: Candidate | null;
  readonly overMs: Millis;
  /** What has sounded in the last days, by slot. */
  readonly sessions: Sessions;
  readonly suspended: ReadonlyMap<string, Suspended>;
  /** Of these, those of which nothing can be opened at this moment: they are in nobody's way. */
  readonly starving?: ReadonlySet<string>;
  /** Slots that were due in time and have been waiting for the output since. */
  readonly awaiting: ReadonlySet<string>;
  /** Whether the cache holds a recording, for alerts whose own came late; without it none is known to have. */
  readonly has?: (sha256: Sha256) => boolean;
  /** Whether the slot was ended before. */
  readonly ended: (key: string) => boolean;
}

const STARVING = "none of its media can be opened: it is tried again every 10 s";
/** A `play-next` slot that found the output held waits at most this long. Assumed: later, its hour is over for the listener. */
const LONGEST_WAIT: Millis = 30 * MINUTE;
/** No slot is handed to the engine longer before its instant. What begins later than that and sounds already began under a wrong clock. */
const HANDED_AHEAD: Millis = SECOND;

export interface Closing {
  readonly header: SlotHeader;
  readonly outcome: SlotOutcome;
  readonly why: Refusal;
}

export interface Waiting {
  readonly candidate: Candidate;
  readonly why: string;
  /** Until one of its media can be opened. */
  readonly starving?: true;
}

export interface Decision {
  readonly holder: Candidate | null;
  /** How a running slot that is not the holder goes. */
  readonly displace: Displacement;
  /** Due, but not holding, best first. */
  readonly waiting: readonly Waiting[];
  /** Not yet due, soonest first, with nothing against them. */
  readonly upcoming: readonly Candidate[];
  /** Slots whose chance has passed or that policy refuses: to be recorded, once. */
  readonly closings: readonly Closing[];
  /** When the holder must be silent, and the rule that says so. */
  readonly holderEnds: HolderEnd | null;
  /** Why the running slot must end though nothing displaces it; `resumable` where it may be taken up again. */
  readonly runningEnds: { readonly why: Refusal; readonly resumable: boolean } | null;
  /** What sounds over the holder, which goes on underneath; alone where nobody holds the output. */
  readonly over: Candidate | null;
  /** Why what sounds over now must end. */
  readonly overEnds: OverEnd | null;
  /** When a rule silences what sounds over. */
  readonly overUntil: Instant | null;
}

/** Whether a displaced or killed slot may still be taken up again; else why it is over. */
function resumable(candidate: Candidate, suspended: Suspended, situation: Situation): Refusal | null {
  const gone = situation.now - suspended.since;
  if (candidate.header.kind === "emergency") return null;
  const drops = candidate.interruption === "drop" && suspended.starved !== true;
  if (drops) return refusal("policy", "interrupted; its interruption word is 'drop'");
  if (candidate.end !== null && situation.now >= candidate.end)
    return refusal("too-late", "its window ended meanwhile");
  if (suspended.starved === true || fillsItsWindow(candidate)) return null;
  const killed = suspended.killed === true ? RESUME_AFTER_KILL : situation.facts.policy.resumeWithinMs;
  const limit = candidate.interruption === "restart" ? RESTART_WITHIN : killed;
  if (gone <= limit) return null;
  const what = suspended.killed === true ? "the agent was down" : "interrupted";
  return refusal("too-late", `${what} for ${Math.round(gone / 1000)} s, allowed are ${limit / 1000} s`);
}

/** Nobody waits for the rest of a piece: it sounds again whenever it can, until its window ends. */
function fillsItsWindow({ end, interruption, rounds, items }: Candidate): boolean {
  return end !== null && interruption === "resume" && (rounds === 0 || isLive(items.at(-1) ?? null));
}

interface Sorted {
  readonly due: Candidate[];
  readonly upcoming: Candidate[];
  readonly closings: Closing[];
  readonly held: Waiting[];
}

/** Why a slot that is due ends here unplayed, or `null` while it may still play. */
function closingOf(slot: Slot, candidate: Candidate, blocked: Refusal | null, situation: Situation): Closing | null {
  const { facts, suspended, sessions } = situation;
  const { header } = candidate;
  const begun = suspended.get(header.key);
  const forbidden = forbiddenToday(slot, facts, sessions);
  if (begun !== undefined) {
    const over = forbidden ?? resumable(candidate, begun, situation);
    return over === null ? null : { header, outcome: "interrupted", why: over };
  }
  const windowed = slot.programme.end !== undefined;
  if (forbidden !== null) return { header, outcome: "refused", why: forbidden };
  const hours = blocked?.reason === "quiet-hours" || blocked?.reason === "out-of-scope";
  if (blocked !== null && hours && !windowed) return { header, outcome: "refused", why: blocked };
  if (!isLate(slot, situation)) return null;
  const outcome = blocked?.reason === "on-battery" ? "refused" : "missed";
  return { header, outcome, why: blocked ?? refusal("too-late", "its time passed before it could start") };
}

/** Waiting for an output that others hold is no lateness of the station's; coming up late is. */
function isLate(slot: Slot, { now, awaiting }: Situation): boolean {
  if (slot.programme.end !== undefined && now >= slot.end) return true;
  const waited = slot.programme.lateness.word === "play-next" && awaiting.has(slot.key);
  return now > (waited ? Math.max(slot.latestStart, slot.start + LONGEST_WAIT) : slot.latestStart);
}

function sortSlot(slot: Slot, situation: Situation, sorted: Sorted): void {
  const { facts, now, suspended, ended, sessions } = situation;
  const candidate = candidateOfSlot(slot, facts);
  const { key } = candidate.header;
  const { outputs, origin } = slot.programme;
  if (ended(key)) return;
  if (outputs.length > 0 && !outputs.some((output) => facts.outputs.includes(output))) return;
  if (slot.start > now) {
    // Judged for its own instant: what will be refused then is not made ready now.
    const refused = forbiddenToday(slot, facts, sessions) ?? blockedBy(candidate, { ...situation, now: slot.start });
    if (refused === null) sorted.upcoming.push(candidate);
    return;
  }
  const blocked = blockedBy(candidate, situation);
  // Without a trusted clock nobody knows which slots are due, so none is judged.
  if (blocked?.reason === "clock-not-trusted") return;
  // Before its adoption it was never this station's duty; a window that is still open is.
  if (isLate(slot, situation) && slot.plannedAt < origin.adoptedAt && !suspended.has(key)) return;
  const closing = closingOf(slot, candidate, blocked, situation);
  if (closing !== null) sorted.closings.push(closing);
  else if (blocked !== null) sorted.held.push({ candidate, why: blocked.detail });
  else if (situation.starving?.has(key)) sorted.held.push({ candidate, why: STARVING, starving: true });
  else sorted.due.push(candidate);
}

/** Why a programme that sounds now is no longer wanted by any document, or `null`. */
function withdrawn(running: Candidate, facts: Facts): Refusal | null {
  const { key, plannedAt } = running.header;
  const programme = facts.programmes.find((one) => slotKey(one, plannedAt) === key);
  if (programme === undefined) return refusal("policy", "withdrawn by a newer document");
  const period = suspensionAt(programme, plannedAt, facts);
  return period === null || running.replacedBy === period.id ? null : suspendedBy(period);
}

/** Whether what sounds now may go on; only what came later can take its place. */
function judge(
  running: Candidate,
  runningMs: Millis,
  asking: readonly Manual[],
  situation: Situation,
): Decision["runningEnds"] {
  const { facts } = situation;
  const { key, kind } = running.header;
  const manually = asking.find(({ candidate }) => candidate.header.key === key);
  const gone = refusal("policy", "withdrawn by a newer document");
  const over = kind === "programme" ? withdrawn(running, facts) : manually === undefined ? gone : manually.ended;
  if (over !== null) return { why: over, resumable: false };
  const longest = longestRun(running, facts);
  if (longest !== null && runningMs >= longest.ms) return { why: longest.why, resumable: false };
  const blocked = blockedBy(running, { ...situation, now: atItsTime(running, situation.now) });
  // What began under a trusted clock is not cut because the trust was lost: the next slot will wait.
  if (blocked === null || blocked.reason === "clock-not-trusted") return null;
  return { why: blocked, resumable: blocked.reason === "muted" || blocked.reason === "on-battery" };
}

/** What was handed to the engine a moment before its instant is judged for that instant: quiet hours may end with it. */
function atItsTime({ start }: Candidate, now: Instant): Instant {
  return start - now <= HANDED_AHEAD ? Math.max(now, start) : now;
}

/** Sorts everything that asks for the output, but what is on it, into due, upcoming, held and closed. */
function sortAll(asking: readonly Manual[], situation: Situation): Sorted {
  const { ended, running, over, suspended, slots } = situation;
  const onAir = new Set([running?.header.key, over?.header.key]);
  const sorted: Sorted = { due: [], upcoming: [], closings: [], held: [] };
  for (const { ended: gone, candidate } of asking) {
    const { header } = candidate;
    if (ended(header.key) || onAir.has(header.key)) continue;
    const refused = gone ?? blockedBy(candidate, situation);
    if (refused === null) sorted.due.push(candidate);
    else sorted.closings.push({ header, outcome: suspended.has(header.key) ? "interrupted" : "refused", why: refused });
  }
  for (const slot of slots) {
    if (!onAir.has(slot.key)) sortSlot(slot, situation, sorted);
  }
  const asked = new Set([...asking.map(({ candidate }) => candidate.header.key), ...slots.map((slot) => slot.key)]);
  for (const { header, since } of suspended.values()) {
    if (asked.has(header.key) || onAir.has(header.key)) continue;
    // Whose clock is wrong looks at another day's schedule.
    if (header.kind === "programme" && !isTrusted(situation.trust)) continue;
    const gone = situation.now - since;
    // Further back no schedule is looked at.
    const old = header.kind === "programme" && gone > HORIZON.back;
    const why = old
      ? refusal("too-late", `interrupted ${Math.round(gone / HOUR)} h ago`)
      : refusal("policy", "interrupted, and no longer in any schedule");
    sorted.closings.push({ header, outcome: "interrupted", why });
  }
  return sorted;
}

function heardOf({ header: { key } }: Candidate, situation: Situation): Millis {
  const { running, runningMs, over, overMs, sessions } = situation;
  if (running?.header.key === key) return runningMs;
  return over?.header.key === key ? overMs : (sessions.get(key)?.soundedMs ?? 0);
}

export function decide(situation: Situation): Decision {
  const { facts, now, running, runningMs, slots } = situation;
  const asking = manual(situation);
  const sorted = sortAll(asking, situation);
  const levels = new Map(slots.map((slot) => [slot.key, LEVELS.indexOf(slot.programme.level)]));
  const level = (candidate: Candidate) => levels.get(candidate.header.key) ?? 0;
  const due = sorted.due.sort((a, b) => compare(a, b, level));
  const ends = (one: Candidate | null, ms: Millis) => (one === null ? null : judge(one, ms, asking, situation));
  const runningEnds = ends(running, runningMs);
  const ruledOut = ends(situation.over, situation.overMs);
  const kept = situation.over !== null && ruledOut === null;
  const claiming = due.filter((one) => !one.ducks && !(kept && waitsForOver(one)));
  const ducking = due.filter(({ ducks }) => ducks);

  let holder = running === null || runningEnds !== null ? (claiming[0] ?? null) : running;
  let displace: Decision["displace"] = "now";
  if (running !== null && runningEnds === null) {
    for (const challenger of claiming) {
      const how = claim(challenger, running, now, situation.suspended.has(challenger.header.key));
      if (how === null) continue;
      holder = challenger;
      displace = how;
      break;
    }
  }
  const { over, overEnds } = decideOver(holder, ducking, situation.over, ruledOut);
  const before = holder ?? over;
  const why = `${before?.header.precedence} '${before?.header.title}' holds the output`;
  const until = (one: Candidate | null) =>
    one === null ? null : endOf(one, heardOf(one, situation), facts, atItsTime(one, now));
  const waiting = due.filter((candidate) => candidate !== holder && candidate !== over);
  return {
    holder,
    displace,
    waiting: [
      ...waiting.filter(({ header }) => header.by === undefined).map((candidate) => ({ candidate, why })),
      ...sorted.held,
    ],
    upcoming: sorted.upcoming.sort((a, b) => a.start - b.start || compare(a, b, level)),
    closings: [...sorted.closings, ...turnedAway(waiting, why)],
    holderEnds: until(holder),
    runningEnds,
    over,
    overEnds,
    overUntil: until(over)?.at ?? null,
  };
}
