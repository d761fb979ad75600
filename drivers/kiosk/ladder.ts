/**
 * What is done about a browser that does not show its page, as a pure decision: silence is looked into, what answers gets the gentler rung, and
 * nothing is restarted for ever.
 *
 * Invariants: every rung is counted, also a restart after the browser ended by itself; where the counts are full the kiosk rests; without a
 * connector nothing runs; while a rung is under way only its deadline, its success or the end of the browser leads on.
 */
import type { Size } from "../../playback/model/board.ts";
import { HOUR, MINUTE, type Millis, type Monotonic, SECOND } from "../../playback/model/units.ts";
import { KIOSK_RUNGS, type KioskEvent, type KioskPhase, type KioskRung } from "../../playback/ports/kiosk.ts";

export interface LadderTimes {
  /** From the start of a browser to its page's first answer. */
  readonly startMs: Millis;
  /** A page that has said nothing for so long is looked into. */
  readonly silentMs: Millis;
  /** The browser itself is asked this often: its page goes on for a while where it hangs. */
  readonly lookEveryMs: Millis;
  /** A page that was loaded again has to answer within this. */
  readonly reloadMs: Millis;
  /** A connector that came back is left alone for so long. */
  readonly settleMs: Millis;
  /** Answered for so long, it is well again: the next trouble begins at the gentlest rung. */
  readonly steadyMs: Millis;
  readonly restMs: Millis;
  /** How many rungs there may be in how long a time. */
  readonly caps: readonly { readonly withinMs: Millis; readonly most: number }[];
}

/**
 * Assumed: pages report at least every second; a slow board's browser is up within 20 s. `settleMs` after what Anthias' players needed. The caps leave a
 * board that breaks down every hour well served, and one that breaks down at once at about four restarts an hour.
 */
export const DEFAULT_LADDER: LadderTimes = {
  startMs: 20 * SECOND,
  silentMs: 3 * SECOND,
  lookEveryMs: 2 * SECOND,
  reloadMs: 3 * SECOND,
  settleMs: 4 * SECOND,
  steadyMs: MINUTE,
  restMs: MINUTE,
  caps: [
    { withinMs: 10 * MINUTE, most: 6 },
    { withinMs: HOUR, most: 12 },
  ],
};

export interface Ladder {
  readonly phase: KioskPhase;
  /** When this phase, or the rung in it, began. */
  readonly since: Monotonic;
  /** When the phase is over if nothing happens; `null` where it may last. */
  readonly deadline: Monotonic | null;
  /** When the page last said something, and since when without trouble. */
  readonly heardAt: Monotonic;
  readonly wellSince: Monotonic;
  /** It is being looked into, or was last. */
  readonly looking: boolean;
  readonly lookedAt: Monotonic;
  /** The strongest rung taken since all was well; -1 for none. */
  readonly climbed: number;
  readonly rungs: readonly Monotonic[];
  /** The connector's wrong mode was answered by a restart already. */
  readonly modeTried: boolean;
  /** The browser lives, as far as is known. */
  readonly running: boolean;
}

/** `looked`: who answered a question within its time. `ended`: the browser or the compositor is gone, and nobody asked it to. `failed`: a rung could not be taken. */
export type Happening =
  | { readonly kind: "connector"; readonly bindable: boolean }
  | { readonly kind: "alive" }
  | { readonly kind: "looked"; readonly browser: boolean; readonly page: boolean }
  | { readonly kind: "ended"; readonly detail: string }
  | { readonly kind: "crashed"; readonly detail: string }
  | { readonly kind: "measured"; readonly size: Size; readonly wanted: Size }
  | { readonly kind: "modes-changed" }
  | { readonly kind: "tick" }
  | { readonly kind: "stop" };

/** `start` begins compositor and browser, `stop` ends both, `look` asks browser and page. */
export type LadderAction = "start" | "stop" | "look" | KioskRung;

export interface Step {
  readonly ladder: Ladder;
  readonly actions: readonly LadderAction[];
  readonly events: readonly KioskEvent[];
}

export function initialLadder(now: Monotonic): Ladder {
  const times = { since: now, deadline: null, heardAt: now, wellSince: now, lookedAt: now };
  return { phase: "off", ...times, looking: false, climbed: -1, rungs: [], modeTried: false, running: false };
}

/** What follows from one happening. */
export function climb(before: Ladder, happening: Happening, now: Monotonic, times = DEFAULT_LADDER): Step {
  const ladder = calmed(before, times);
  switch (happening.kind) {
    case "stop":
      return step({ ...initialLadder(now), rungs: ladder.rungs }, ladder.phase === "off" ? [] : ["stop"]);
    case "connector":
      return happening.bindable ? found(ladder, now, times) : lost(ladder, now);
    case "alive":
      return heard(ladder, now);
    case "tick":
      return passed(ladder, now, times);
    case "ended":
      return ended(ladder, happening.detail, now, times);
    case "crashed":
      return crashed(ladder, happening.detail, now, times);
    case "looked":
      return looked(ladder, happening, now, times);
    case "measured":
      return measured(ladder, happening, now, times);
    case "modes-changed":
      // It may be right now: it is tried once more.
      return step({ ...ladder, modeTried: false });
  }
}

/** Well for long enough: what was before is forgotten. */
function calmed(ladder: Ladder, times: LadderTimes): Ladder {
  const isCalm = ladder.phase === "showing" && ladder.heardAt - ladder.wellSince >= times.steadyMs;
  return isCalm && ladder.climbed >= 0 ? { ...ladder, climbed: -1 } : ladder;
}

/** When a tick is due; `null` where nothing happens by itself. */
export function dueAt(ladder: Ladder, times = DEFAULT_LADDER): Monotonic | null {
  if (ladder.phase === "showing") {
    return ladder.looking ? null : Math.min(ladder.heardAt + times.silentMs, ladder.lookedAt + times.lookEveryMs);
  }
  return ladder.deadline;
}

function found(ladder: Ladder, now: Monotonic, times: LadderTimes): Step {
  if (ladder.phase === "off") return starting(ladder, now, times);
  if (ladder.phase !== "no-connector" || ladder.deadline !== null) return step(ladder);
  return step(
    { ...ladder, deadline: now + times.settleMs },
    [],
    [{ kind: "connector-found", detail: "a screen is attached" }],
  );
}

function lost(ladder: Ladder, now: Monotonic): Step {
  if (ladder.phase === "no-connector") return step({ ...ladder, deadline: null });
  const dark: Ladder = { ...ladder, phase: "no-connector", since: now, deadline: null, looking: false, running: false };
  const lostNow: Ladder = { ...dark, climbed: -1, modeTried: false };
  const detail = "no screen is attached, or it names no mode";
  return step(lostNow, ladder.phase === "off" ? [] : ["stop"], [{ kind: "connector-lost", detail }]);
}

function starting(ladder: Ladder, now: Monotonic, times: LadderTimes): Step {
  const begun = { ...ladder, phase: "starting", since: now, deadline: now + times.startMs, running: true } as const;
  return step({ ...begun, looking: false }, ["start"]);
}

/** Counted as a rung, because a loose plug is attached again and again. */
function attached(ladder: Ladder, now: Monotonic, times: LadderTimes): Step {
  const next = rung(ladder, KIOSK_RUNGS.length - 1, "a screen is attached", now, times);
  if (next.ladder.phase === "resting") return next;
  return step({ ...next.ladder, phase: "starting", climbed: -1 }, ["start"]);
}

function heard(ladder: Ladder, now: Monotonic): Step {
  if (!ladder.running || ladder.phase === "no-connector" || ladder.phase === "off") return step(ladder);
  if (ladder.phase === "showing") return step({ ...ladder, heardAt: now });
  const showing = {
    ...ladder,
    phase: "showing",
    since: now,
    deadline: null,
    heardAt: now,
    wellSince: now,
    lookedAt: now,
  } as const;
  return step({ ...showing, looking: false }, [], [{ kind: "started", detail: "the page answers" }]);
}

function passed(ladder: Ladder, now: Monotonic, times: LadderTimes): Step {
  if (ladder.phase === "showing") return listened(ladder, now, times);
  if (ladder.deadline === null || now < ladder.deadline) return step(ladder);
  switch (ladder.phase) {
    case "no-connector":
      return attached(ladder, now, times);
    case "resting":
      return rung({ ...ladder, climbed: KIOSK_RUNGS.length - 1 }, KIOSK_RUNGS.length - 1, "rested", now, times);
    case "starting":
    case "frozen":
      return rung(ladder, Math.max(1, ladder.climbed + 1), "the page did not answer in time", now, times);
    case "off":
      return step(ladder);
  }
}

function listened(ladder: Ladder, now: Monotonic, times: LadderTimes): Step {
  const isSilent = now - ladder.heardAt >= times.silentMs;
  if (ladder.looking || (!isSilent && now - ladder.lookedAt < times.lookEveryMs)) return step(ladder);
  return step({ ...ladder, looking: true, lookedAt: now }, ["look"]);
}

/** A page whose engine answers is loaded again; one that hangs takes its browser with it. */
function looked(ladder: Ladder, answer: { browser: boolean; page: boolean }, now: Monotonic, times: LadderTimes): Step {
  if (ladder.phase !== "showing" || !ladder.looking) return step(ladder);
  const silent = now - ladder.heardAt;
  const isSilent = silent >= times.silentMs;
  if (!isSilent && answer.browser) return step({ ...ladder, looking: false });
  const who = !answer.browser ? "the browser hangs" : answer.page ? "the page's script is silent" : "the page hangs";
  const gentlest = answer.browser && answer.page ? 0 : 1;
  const next = rung(ladder, Math.max(gentlest, ladder.climbed + 1), who, now, times);
  const detail = `nothing was heard of the page for ${Math.round(silent)} ms: ${who}`;
  return isSilent ? { ...next, events: [{ kind: "page-silent", detail }, ...next.events] } : next;
}

function ended(ladder: Ladder, detail: string, now: Monotonic, times: LadderTimes): Step {
  if (!ladder.running) return step(ladder);
  const event: KioskEvent = { kind: "browser-ended", detail };
  if (ladder.phase === "resting") return step({ ...ladder, running: false }, ["stop"], [event]);
  if (ladder.phase !== "showing") {
    // What ends at once would end again at once: the next rung waits a little.
    const deadline = Math.min(ladder.deadline ?? now, Math.max(now, ladder.since + times.settleMs));
    return step({ ...ladder, running: false, deadline }, [], [event]);
  }
  const next = rung({ ...ladder, running: false }, Math.max(1, ladder.climbed + 1), detail, now, times);
  return { ...next, events: [event, ...next.events] };
}

function crashed(ladder: Ladder, detail: string, now: Monotonic, times: LadderTimes): Step {
  if (ladder.phase !== "showing" && ladder.phase !== "starting" && ladder.phase !== "frozen") return step(ladder);
  return rung(ladder, Math.max(0, ladder.climbed + 1), detail, now, times);
}

function measured(
  ladder: Ladder,
  { size, wanted }: { size: Size; wanted: Size },
  now: Monotonic,
  times: LadderTimes,
): Step {
  if (size.width === wanted.width && size.height === wanted.height) return step({ ...ladder, modeTried: false });
  if (ladder.phase !== "showing" || ladder.modeTried) return step(ladder);
  const detail = `${size.width}×${size.height} instead of ${wanted.width}×${wanted.height}`;
  const next = rung({ ...ladder, modeTried: true }, KIOSK_RUNGS.length - 1, `the mode is ${detail}`, now, times);
  return { ...next, events: [{ kind: "mode-wrong", detail }, ...next.events] };
}

/** Takes a rung, or rests where there were too many. */
function rung(ladder: Ladder, wanted: number, why: string, now: Monotonic, times: LadderTimes): Step {
  const longest = Math.max(...times.caps.map(({ withinMs }) => withinMs));
  const rungs = ladder.rungs.filter((at) => now - at < longest);
  const free = freeAt(rungs, now, times);
  if (free > now) {
    const until = Math.max(free, now + times.restMs);
    const detail = `${why}; ${rungs.length} restarts lately, the next in ${Math.round((until - now) / SECOND)} s`;
    const resting: Ladder = { ...ladder, phase: "resting", since: now, deadline: until, looking: false, rungs };
    return step(resting, [], [{ kind: "resting", detail }]);
  }
  const level = Math.min(wanted, KIOSK_RUNGS.length - 1);
  const taken = KIOSK_RUNGS[level] ?? "restart-compositor";
  const deadline = now + (taken === "reload" ? times.reloadMs : times.startMs);
  const next: Ladder = {
    ...ladder,
    phase: "frozen",
    since: now,
    deadline,
    looking: false,
    climbed: level,
    running: true,
  };
  return step({ ...next, rungs: [...rungs, now] }, [taken], [{ kind: "rung", detail: why, rung: taken }]);
}

/** When the next rung may be taken. */
function freeAt(rungs: readonly Monotonic[], now: Monotonic, { caps }: LadderTimes): Monotonic {
  return Math.max(
    now,
    ...caps.map(({ withinMs, most }) => {
      const first = rungs.filter((at) => now - at < withinMs).at(-most);
      return first === undefined ? now : first + withinMs;
    }),
  );
}

function step(ladder: Ladder, actions: readonly LadderAction[] = [], events: readonly KioskEvent[] = []): Step {
  return { ladder, actions, events };
}
