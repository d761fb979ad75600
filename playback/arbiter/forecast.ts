/**
 * What will become of the slots of the coming hours if nothing else happens: the same deciding and planning as on the air, with lengths in
 * place of sound. Pure. It assumes a trusted clock, mains and no mute; alerts and what people ask for by hand cannot be foreseen.
 */
import { agenda, itemLength, LONGEST_SLOT, type Slot } from "../agenda/agenda.ts";
import type { Facts } from "../model/facts.ts";
import type { Refusal } from "../model/refusal.ts";
import type { Instant, Millis, Sha256 } from "../model/units.ts";
import { awaiting, type Leads, nextInstant, plan, type Step } from "../planner.ts";
import type { SlotHeader, SlotOutcome } from "../ports/play-log.ts";
import { type Cursor, following, itemsOf } from "../run-order.ts";
import { type Decision, decide, type Suspended } from "./arbiter.ts";
import type { Candidate } from "./candidate.ts";
import type { Session, Sessions } from "./sessions.ts";

export interface Foreseen {
  readonly slot: Slot;
  /** `null` where it never sounds within the time looked at. */
  readonly startsAt: Instant | null;
  readonly outcome: SlotOutcome | "on-air";
  readonly why: Refusal | null;
  /** Who held the output while it waited, or took it away for good. */
  readonly by: SlotHeader | null;
}

/** Beyond this many slots the rest is not looked at; a day of a busy commune has some dozens. */
const MOST_SLOTS = 500;
const MOST_STEPS = 5_000;
const MOST_ITEMS = 2_000;
const AT_ONCE: Leads = { prepareMs: 0, warmMs: 0, scheduleMs: 0 };

/** Where in the run each item ends, from its beginning; what is not present is skipped, as on the air. */
function itemEnds(candidate: Candidate, facts: Facts, present: ReadonlySet<Sha256>): Millis[] {
  const ends: Millis[] = [];
  let at = 0;
  let cursor: Cursor | null = { round: 0, itemIndex: 0 };
  while (cursor !== null && ends.length < MOST_ITEMS && at < LONGEST_SLOT) {
    const item = itemsOf(candidate, cursor.round)[cursor.itemIndex] ?? null;
    const lacking = item?.kind === "media" && !present.has(item.sha256);
    at += item === null || lacking ? 0 : itemLength(item, facts.approved);
    ends.push(at);
    cursor = following(candidate, cursor);
  }
  return ends;
}

interface Run {
  readonly candidate: Candidate;
  readonly ends: readonly Millis[];
  readonly since: Instant;
  /** Heard before this stretch. */
  readonly before: Millis;
  readonly yieldAt: Instant | null;
}

class Rehearsal {
  readonly #facts: Facts;
  readonly #present: ReadonlySet<Sha256>;
  readonly #seen = new Map<string, Foreseen>();
  readonly #sessions: Map<string, Session>;
  readonly #suspended = new Map<string, Suspended>();
  readonly #ended = new Set<string>();
  #slots: readonly Slot[];
  #awaiting: ReadonlySet<string> = new Set();
  #run: Run | null = null;

  constructor(facts: Facts, present: ReadonlySet<Sha256>, sessions: Sessions, slots: readonly Slot[]) {
    this.#facts = facts;
    this.#present = present;
    this.#sessions = new Map(sessions);
    this.#slots = slots;
    for (const slot of slots) {
      this.#seen.set(slot.key, { slot, startsAt: null, outcome: "on-air", why: null, by: null });
    }
  }

  result(): Foreseen[] {
    return [...this.#seen.values()];
  }

  /** Plays from one instant to the other. */
  play(from: Instant, to: Instant): void {
    let now = from;
    for (let step = 0; step < MOST_STEPS && now <= to; step++) {
      this.#endWhatIsOver(now);
      const decision = this.#decide(now);
      let changed = false;
      for (const one of plan(decision, this.#actual(decision), now, AT_ONCE)) {
        changed = this.#perform(one, decision, now) || changed;
      }
      // What a step changed is decided upon anew at the same instant.
      if (changed) continue;
      const next = this.#next(decision, now);
      if (next === null) return;
      now = next;
    }
  }

  #decide(now: Instant): Decision {
    this.#slots = this.#slots.filter(({ key }) => !this.#ended.has(key));
    const run = this.#run;
    const decision = decide({
      facts: this.#facts,
      slots: this.#slots,
      now,
      trust: "attested",
      running: run?.candidate ?? null,
      runningMs: run === null ? 0 : run.before + (now - run.since),
      over: null,
      overMs: 0,
      sessions: this.#sessions,
      suspended: this.#suspended,
      awaiting: this.#awaiting,
      ended: (key) => this.#ended.has(key),
    });
    this.#awaiting = awaiting(decision, run?.candidate ?? null);
    for (const key of this.#awaiting) {
      const before = [decision.holder, run?.candidate ?? null].find((one) => one !== null && one.header.key !== key);
      if (before) this.#note(key, { by: before.header });
    }
    return decision;
  }

  #actual(decision: Decision) {
    const { holder } = decision;
    const sounds = holder !== null && (itemEnds(holder, this.#facts, this.#present).at(-1) ?? 0) > 0;
    const prepared = new Map(holder === null ? [] : [[holder.header.key, sounds ? "ready" : "nothing"] as const]);
    const run = this.#run;
    return {
      running: run?.candidate ?? null,
      yielding: run !== null && run.yieldAt !== null,
      prepared,
      amplifierReady: true,
      over: null,
      duck: "off" as const,
    };
  }

  /** True where the situation is another one after it. */
  #perform(step: Step, decision: Decision, now: Instant): boolean {
    switch (step.do) {
      case "close":
        this.#end(step.closing.header.key, step.closing.outcome, step.closing.why);
        return true;
      case "stop":
        this.#leave(now, step.after === "suspend", step.why, decision.holder?.header ?? null);
        return true;
      case "yield":
        this.#yield(now);
        return false;
      case "stay":
        if (this.#run !== null) this.#run = { ...this.#run, yieldAt: null };
        return false;
      case "begin":
        this.#begin(step.candidate, now);
        return true;
      case "fail":
        this.#end(step.candidate.header.key, "failed", null);
        return true;
      default:
        return false;
    }
  }

  #begin(candidate: Candidate, now: Instant): void {
    const { key, kind, plannedAt } = candidate.header;
    const before = this.#sessions.get(key)?.soundedMs ?? 0;
    this.#sessions.set(key, { key, kind, plannedAt, soundedMs: before });
    this.#suspended.delete(key);
    if (this.#seen.get(key)?.startsAt === null) this.#note(key, { startsAt: now });
    const ends = itemEnds(candidate, this.#facts, this.#present);
    this.#run = {
      candidate,
      ends,
      since: now,
      before: candidate.interruption === "restart" ? 0 : before,
      yieldAt: null,
    };
  }

  /** It ends with the item that sounds now. */
  #yield(now: Instant): void {
    const run = this.#run;
    if (run === null || run.yieldAt !== null) return;
    const position = run.before + (now - run.since);
    const end = run.ends.find((one) => one > position) ?? position;
    this.#run = { ...run, yieldAt: now + (end - position) };
  }

  /** The output is free; what was heard counts. */
  #free(now: Instant): SlotHeader | null {
    const run = this.#run;
    if (run === null) return null;
    this.#run = null;
    const { key, kind, plannedAt } = run.candidate.header;
    this.#sessions.set(key, { key, kind, plannedAt, soundedMs: run.before + (now - run.since) });
    return run.candidate.header;
  }

  /** The running slot leaves the output: for a while, or for good. */
  #leave(now: Instant, forAWhile: boolean, why: Refusal | null, by: SlotHeader | null): void {
    const header = this.#free(now);
    if (header === null) return;
    if (by !== null) this.#note(header.key, { by });
    const progress = { round: 0, itemIndex: 0, positionMs: 0, at: now };
    if (forAWhile) this.#suspended.set(header.key, { header, progress, since: now });
    else this.#end(header.key, why === null ? "partial" : "interrupted", why);
  }

  #endWhatIsOver(now: Instant): void {
    const run = this.#run;
    if (run === null) return;
    const over = run.since + ((run.ends.at(-1) ?? 0) - run.before);
    if (now >= over) {
      this.#free(over);
      this.#end(run.candidate.header.key, "played", null);
    } else if (run.yieldAt !== null && now >= run.yieldAt) this.#leave(now, true, null, null);
  }

  #end(key: string, outcome: SlotOutcome, why: Refusal | null): void {
    this.#ended.add(key);
    this.#suspended.delete(key);
    this.#note(key, { outcome, why });
  }

  #note(key: string, change: Partial<Foreseen>): void {
    const seen = this.#seen.get(key);
    if (seen !== undefined) this.#seen.set(key, { ...seen, ...change });
  }

  #next(decision: Decision, now: Instant): Instant | null {
    const run = this.#run;
    const points = [nextInstant(decision, now, AT_ONCE), run?.yieldAt ?? null].flatMap((point) => point ?? []);
    if (run !== null) points.push(run.since + ((run.ends.at(-1) ?? 0) - run.before));
    for (const { start } of this.#slots) if (start > now) points.push(start);
    const later = points.filter((point) => point > now);
    return later.length === 0 ? null : Math.min(...later);
  }
}

/** Slots that start in [from, to), each with what will become of it. */
export function forecast(
  facts: Facts,
  present: ReadonlySet<Sha256>,
  sessions: Sessions,
  from: Instant,
  to: Instant,
): Foreseen[] {
  const { power: _, ...rest } = facts;
  const calm: Facts = { ...rest, emergencies: [], announcements: [], muted: false };
  const slots = agenda(calm, from, to)
    .filter(({ start }) => start >= from && start < to)
    .slice(0, MOST_SLOTS);
  const rehearsal = new Rehearsal(calm, present, sessions, slots);
  const last = slots.at(-1);
  // Long enough for the last slot to be over, or to give up waiting.
  if (last !== undefined) rehearsal.play(from, Math.max(to, last.end, last.latestStart) + LONGEST_SLOT);
  return rehearsal.result();
}
