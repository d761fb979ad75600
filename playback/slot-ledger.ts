/**
 * The slots that were begun: which of them wait to be taken up again, how much of each was heard, and how they end. What a kill or a power
 * cut left open is found here at the start. A slot is closed once, and the log is asked before anything sounds.
 */
import type { Closing, Suspended } from "./arbiter/arbiter.ts";
import { RESUME_AFTER_KILL } from "./arbiter/candidate.ts";
import type { Session, Sessions } from "./arbiter/sessions.ts";
import { isTrusted } from "./model/clock-trust.ts";
import { type Refusal, refusal } from "./model/refusal.ts";
import { DAY, type Instant, type Millis } from "./model/units.ts";
import type { Clock } from "./ports/clock.ts";
import type { PlayLog, Segment, SlotHeader, SlotOutcome } from "./ports/play-log.ts";
import { killedSegment } from "./segments.ts";
import { heardIn, SessionBook, wholeIn } from "./session-book.ts";
import type { SlotRun } from "./slot-run.ts";

export interface LedgerPorts {
  readonly clock: Clock;
  readonly log: PlayLog;
  /** What sounded and ended in the last two days, before this start; without it caps count from the start. */
  readonly sessions?: () => Promise<readonly Session[]>;
  /** A slot was closed; it stands in the journal already. */
  readonly onSlotEnd: (key: string, outcome: SlotOutcome) => void;
  /** Why the slot could not sound when its time came. */
  readonly trouble: (key: string) => Refusal | null;
}

/** What the outcome of a slot is told from: all of its stretches, those before an interruption too. */
export interface Account {
  /** None failed, none was refused. */
  readonly faultless: boolean;
  readonly heard: boolean;
}

export class SlotLedger {
  readonly #ports: LedgerPorts;
  readonly #suspended = new Map<string, Suspended>();
  readonly #book = new SessionBook();
  /** Of earlier runs of the slots that wait. */
  readonly #accounts = new Map<string, Account>();

  constructor(ports: LedgerPorts) {
    this.#ports = ports;
  }

  /** Slots that were begun and wait to be taken up again, by key. */
  get suspended(): ReadonlyMap<string, Suspended> {
    return this.#suspended;
  }
  /** What has sounded in the last days. */
  get sessions(): Sessions {
    return this.#book.sessions;
  }

  /** Takes up what a kill or a power cut left open. */
  async open(): Promise<void> {
    const { clock, log, sessions } = this.#ports;
    const now = clock.now();
    this.#book.load((await sessions?.()) ?? []);
    for (const { header, progress: noted, segments } of await log.open()) {
      const { sounding: _, ...progress } = noted;
      const killed = killedSegment(noted);
      const all = killed === null ? segments : [...segments, killed];
      const heard = heardIn(all);
      if (heard > 0) this.#book.load([{ ...header, soundedMs: heard, whole: wholeIn(segments) }]);
      if (killed !== null) await log.addSegment(header.key, killed, progress);
      const gone = now - progress.at;
      const active = header.kind === "emergency";
      // Whether a programme's window is still open is the arbiter's to say, as soon as the clock is trusted.
      const programme = header.kind === "programme";
      const longest = programme ? DAY : RESUME_AFTER_KILL;
      this.#accounts.set(header.key, accountOf(all));
      if (active || (programme && !isTrusted(clock.trust())) || (gone >= 0 && gone <= longest)) {
        this.#suspended.set(header.key, { header, progress, since: progress.at, killed: true });
        continue;
      }
      const allowed = RESUME_AFTER_KILL / 1000;
      const why = refusal("too-late", `the agent was down for ${Math.round(gone / 1000)} s, allowed are ${allowed} s`);
      await this.end({ header, outcome: "interrupted", why });
    }
  }

  /** How much of the slot was heard, earlier stretches included. */
  heard(run: SlotRun | null): Millis {
    return run === null ? 0 : this.#book.heardOf(run.candidate.header.key) + run.soundedMs;
  }

  /** It counts as one of the day's sessions from now on. */
  counts(header: SlotHeader, now: Instant): void {
    this.#book.begin(header, now);
  }

  /** Writes that it begins, before it sounds. False where it must not: it was begun or closed before. */
  async begin(run: SlotRun): Promise<boolean> {
    const { header } = run.candidate;
    return this.#suspended.delete(header.key) || (await this.#ports.log.begin(header, run.progress()));
  }

  /** It has left the output: what was heard of it counts. */
  left(run: SlotRun): void {
    this.#book.add(run.candidate.header.key, run);
  }

  /** Of this run of a slot and those before it. */
  account(run: SlotRun): Account {
    const before = this.#accounts.get(run.candidate.header.key);
    return {
      faultless: run.faultless && before?.faultless !== false,
      heard: run.heardAnything || before?.heard === true,
    };
  }

  /** It may be taken up again where it stands. */
  suspend(run: SlotRun, starved = false): void {
    const { header } = run.candidate;
    this.#accounts.set(header.key, this.account(run));
    const { clock } = this.#ports;
    const left = clock.monotonic();
    this.#suspended.set(header.key, {
      ...{ header, progress: run.progress(), starved },
      // As the wall clock says it now: that may have been put right meanwhile.
      get since() {
        return clock.now() - (clock.monotonic() - left);
      },
    });
  }

  /** Closes it, once. */
  async end(closing: { header: Closing["header"]; outcome: SlotOutcome; why: Refusal | null }): Promise<void> {
    const { header, outcome } = closing;
    const trouble = this.#ports.trouble(header.key);
    // That its time went by without a sound came of the trouble.
    const unheard = closing.why?.reason === "too-late" || (closing.why?.reason === "expired" && outcome === "refused");
    const why = unheard && trouble !== null ? trouble : closing.why;
    this.#suspended.delete(header.key);
    this.#accounts.delete(header.key);
    if (await this.#ports.log.end(header, outcome, why)) this.#ports.onSlotEnd(header.key, outcome);
  }
}

function accountOf(segments: readonly Segment[]): Account {
  const broken = ({ outcome, refusal: why }: Segment) =>
    outcome === "refused" || (outcome === "failed" && why?.reason !== "no-output");
  return {
    faultless: !segments.some((segment) => broken(segment) || segment.live?.state === "fallback"),
    heard: segments.some(({ startedAt }) => startedAt !== null),
  };
}
