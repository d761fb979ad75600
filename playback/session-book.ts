/** Counts what has sounded of each slot, for the caps on a day and on a slot. What an earlier run of the agent knew is told to it at start. */
import type { Session, Sessions } from "./arbiter/sessions.ts";
import { DAY, type Instant, type Millis, type Sha256 } from "./model/units.ts";
import type { Segment, SlotHeader } from "./ports/play-log.ts";

/** Caps look at one local day; the rest is for slots that began on the day before. */
export const SESSIONS_KEPT: Millis = 2 * DAY;

/** How much of a slot was heard in these stretches. */
export function heardIn(
  segments: readonly (Pick<Segment, "fromMs" | "toMs"> & { readonly startedAt: unknown })[],
): Millis {
  return segments.reduce(
    (sum, { startedAt, fromMs, toMs }) => (startedAt === null ? sum : sum + Math.max(0, toMs - fromMs)),
    0,
  );
}

/** Recordings that were heard to their end in these stretches. */
export function wholeIn(segments: readonly Pick<Segment, "sha256" | "outcome">[]): readonly Sha256[] {
  return segments.flatMap(({ sha256, outcome }) => (sha256 !== null && outcome === "completed" ? [sha256] : []));
}

/** What was heard in one run of a slot. */
export interface Heard {
  readonly soundedMs: Millis;
  /** Recordings that were heard to their end. */
  readonly whole: readonly Sha256[];
}

export class SessionBook {
  readonly #sessions = new Map<string, Session>();

  get sessions(): Sessions {
    return this.#sessions;
  }

  heardOf(key: string): Millis {
    return this.#sessions.get(key)?.soundedMs ?? 0;
  }

  /** What is known already is not changed. */
  load(sessions: readonly Session[]): void {
    for (const session of sessions) if (!this.#sessions.has(session.key)) this.#sessions.set(session.key, session);
  }

  /** The slot sounds, or will in a moment; `now` decides which old ones are forgotten. */
  begin({ key, kind, plannedAt }: SlotHeader, now: Instant): void {
    for (const old of this.#sessions.values()) {
      if (old.plannedAt < now - SESSIONS_KEPT) this.#sessions.delete(old.key);
    }
    if (!this.#sessions.has(key)) this.#sessions.set(key, { key, kind, plannedAt, soundedMs: 0 });
  }

  add(key: string, { soundedMs, whole }: Heard): void {
    const session = this.#sessions.get(key);
    if (session === undefined) return;
    const before = session.whole ?? [];
    const kept = session.kind === "emergency" ? { whole: [...new Set([...before, ...whole])] } : {};
    this.#sessions.set(key, { ...session, soundedMs: session.soundedMs + soundedMs, ...kept });
  }
}
