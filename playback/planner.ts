/** From what is to what should be: typed steps, so that a test asserts them without a loudspeaker. Pure. */
import type { Closing, Decision } from "./arbiter/arbiter.ts";
import type { Candidate } from "./arbiter/candidate.ts";
import type { DuckState } from "./ducking.ts";
import type { Refusal } from "./model/refusal.ts";
import type { Instant, Millis } from "./model/units.ts";
import type { Want } from "./playout.ts";

/** `nothing`: none of it can sound. `blocked`: not at this moment, so it is tried again. */
export type Preparation = "preparing" | "ready" | "nothing" | "blocked";

/** What is being done at this moment. */
export interface Actual {
  readonly running: Candidate | null;
  /** The run was asked to end with its item. */
  readonly yielding: boolean;
  /** State of what was opened ahead, by slot key. */
  readonly prepared: ReadonlyMap<string, Preparation>;
  readonly amplifierReady: boolean;
  /** What sounds over it, and whether it is put down for that. */
  readonly over: Candidate | null;
  readonly duck: DuckState;
}

export interface Leads {
  /** Media of what is next are opened this long before. */
  readonly prepareMs: Millis;
  /** The output is wanted this long before: settle, guard and what a slow board takes. */
  readonly warmMs: Millis;
  /** The sound is handed to the engine this long before its instant. */
  readonly scheduleMs: Millis;
}

export type Step =
  | { readonly do: "close"; readonly closing: Closing }
  | { readonly do: "stop"; readonly why: Refusal | null; readonly after: "suspend" | "close" }
  | { readonly do: "yield"; readonly after: "item" | "round" }
  | { readonly do: "stay" }
  | { readonly do: "prepare"; readonly candidate: Candidate }
  | { readonly do: "discard"; readonly key: string }
  | { readonly do: "begin"; readonly candidate: Candidate; readonly at: Instant | null }
  | { readonly do: "fail"; readonly candidate: Candidate }
  | { readonly do: "duck"; readonly down: boolean }
  | { readonly do: "begin-over"; readonly candidate: Candidate }
  | { readonly do: "stop-over"; readonly why: Refusal; readonly after: "suspend" | "close" }
  | { readonly do: "amplifier"; readonly want: Want };

function stopRunning(decision: Decision, actual: Actual, now: Instant): Step | null {
  const { running, prepared } = actual;
  if (running === null) return null;
  if (decision.runningEnds !== null) {
    return { do: "stop", why: decision.runningEnds.why, after: decision.runningEnds.resumable ? "suspend" : "close" };
  }
  const { holder, holderEnds, displace } = decision;
  if (holder !== null && holder.header.key !== running.header.key) {
    // What displaces must be able to sound first: a missing file is no reason to cut what plays.
    if (prepared.get(holder.header.key) !== "ready") return null;
    // What begins at the very end of its window takes nothing from it.
    const over = running.end !== null && now >= running.end;
    if (displace === "now") return { do: "stop", why: null, after: over ? "close" : "suspend" };
    return { do: "yield", after: displace === "at-round-end" ? "round" : "item" };
  }
  if (holderEnds === null || now < holderEnds.at) return actual.yielding ? { do: "stay" } : null;
  if (holderEnds.why === "window" && running.overrun === "finish") return null;
  if (holderEnds.why === "window" && running.overrun === "finish-item") return { do: "yield", after: "item" };
  return { do: "stop", why: null, after: "close" };
}

/** What to open ahead: the holder, what waits, what comes soon. */
function ahead(decision: Decision, actual: Actual, now: Instant, leads: Leads): Candidate[] {
  const soon = decision.upcoming.filter((candidate) => candidate.start - now <= leads.prepareMs);
  return [
    ...(decision.holder === null ? [] : [decision.holder]),
    ...(decision.over === null ? [] : [decision.over]),
    ...decision.waiting.filter(({ starving }, place) => place === 0 || starving).map(({ candidate }) => candidate),
    ...soon.slice(0, 2),
  ].filter(({ header: { key } }) => key !== actual.running?.header.key && key !== actual.over?.header.key);
}

/** What sounds over a programme begins when that is down, and the programme is lifted when nothing sounds over it any more. */
function overSteps({ over, overEnds, holder }: Decision, actual: Actual): Step[] {
  const { prepared, duck } = actual;
  const steps: Step[] = [];
  let sounding = actual.over;
  if (sounding !== null && overEnds !== null) {
    const coming = holder !== null && holder.header.key !== actual.running?.header.key;
    const early = overEnds.whenReady && coming && prepared.get(holder.header.key) !== "ready";
    if (early) return steps;
    steps.push({ do: "stop-over", why: overEnds.why, after: overEnds.resumable ? "suspend" : "close" });
    sounding = null;
  }
  if (sounding !== null) return steps;
  const state = over === null ? undefined : prepared.get(over.header.key);
  if (over !== null && state === "nothing") steps.push({ do: "fail", candidate: over });
  if (over === null || state !== "ready" || !actual.amplifierReady) {
    if (duck !== "off") steps.push({ do: "duck", down: false });
  } else if (duck === "on") steps.push({ do: "begin-over", candidate: over });
  else if (duck === "off") steps.push({ do: "duck", down: true });
  return steps;
}

/** Steps in the order in which they are performed: what closes a slot writes to the disk, and comes after all that is heard. */
export function plan(decision: Decision, actual: Actual, now: Instant, leads: Leads): Step[] {
  const closings = decision.closings.map((closing) => ({ do: "close", closing }) as const);
  return [...audible(decision, actual, now, leads), ...closings];
}

function audible(decision: Decision, actual: Actual, now: Instant, leads: Leads): Step[] {
  const steps: Step[] = [];
  const { holder } = decision;
  const opened = ahead(decision, actual, now, leads);
  const next = decision.upcoming[0] ?? null;
  const close = next !== null && next.start - now <= leads.warmMs;

  const wants = holder ?? decision.over ?? (close ? next : null) ?? actual.running ?? actual.over;
  const urgent = wants?.header.precedence === "emergency";
  steps.push({ do: "amplifier", want: wants === null ? "silence" : urgent ? "urgent" : "sound" });

  for (const candidate of opened) {
    if (!actual.prepared.has(candidate.header.key)) steps.push({ do: "prepare", candidate });
  }
  for (const key of actual.prepared.keys()) {
    if (!opened.some((candidate) => candidate.header.key === key)) steps.push({ do: "discard", key });
  }

  steps.push(...overSteps(decision, actual));
  const stop = stopRunning(decision, actual, now);
  if (stop !== null) steps.push(stop);
  const coming = holder !== null && holder.header.key !== actual.running?.header.key ? holder : null;
  const state = coming === null ? undefined : actual.prepared.get(coming.header.key);
  // Whatever sounds: what cannot must not stand in the way of those that wait behind it.
  if (coming !== null && state === "nothing") steps.push({ do: "fail", candidate: coming });
  const free = actual.running === null || stop?.do === "stop";
  if (!free) return steps;

  if (coming !== null) {
    if (state === "ready" && actual.amplifierReady) steps.push({ do: "begin", candidate: coming, at: null });
  } else if (holder === null && next !== null && next.start - now <= leads.scheduleMs) {
    const ready = actual.prepared.get(next.header.key) === "ready" && actual.amplifierReady;
    if (ready) steps.push({ do: "begin", candidate: next, at: next.start });
  }
  return steps;
}

/** Slots that are due and that only others keep from the output: also the next in turn, until what sounds has made place for it. */
export function awaiting({ holder, waiting }: Decision, running: Candidate | null): ReadonlySet<string> {
  const next = holder === null || running === null || holder.header.key === running.header.key ? [] : [holder];
  return new Set([...next, ...waiting.map(({ candidate }) => candidate)].map(({ header: { key } }) => key));
}

/** The next instant at which a plan could differ, by the rules alone. */
export function nextInstant(decision: Decision, now: Instant, leads: Leads): Instant | null {
  const next = decision.upcoming[0];
  const points =
    next === undefined
      ? []
      : [next.start - leads.prepareMs, next.start - leads.warmMs, next.start - leads.scheduleMs, next.start];
  if (decision.holderEnds !== null) points.push(decision.holderEnds.at);
  if (decision.overUntil !== null) points.push(decision.overUntil);
  for (const { candidate } of decision.waiting) {
    if (candidate.lateness.word === "wait") points.push(candidate.start + candidate.lateness.upToMs);
    if (Number.isFinite(candidate.latestStart)) points.push(candidate.latestStart + 1);
  }
  const later = points.filter((point) => point > now);
  return later.length === 0 ? null : Math.min(...later);
}
