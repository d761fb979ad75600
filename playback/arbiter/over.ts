/**
 * Who sounds over a programme instead of taking the output from it: an announcement that ducks. Pure.
 *
 * Invariants: it never sounds over an alert or another live sound; what is live waits while it sounds; an alert ends it.
 * The sum of both never passes full scale, as long as neither source does: what sounds over is held below what the ducked one leaves.
 */
import { type Refusal, refusal } from "../model/refusal.ts";
import { amplitudeOf, type Decibels } from "../model/units.ts";
import type { Candidate } from "./candidate.ts";

export interface OverEnd {
  readonly why: Refusal;
  readonly resumable: boolean;
  /** It goes on until the holder can sound; else it ends at once. */
  readonly whenReady: boolean;
}

/** The loudest that may sound over something that is put down by `duck`. With −18 dB that is −1.2 dB. */
export function loudestOver(duck: Decibels): Decibels {
  return 20 * Math.log10(1 - amplitudeOf(duck));
}

const isManual = ({ header: { precedence } }: Candidate) => precedence === "live" || precedence === "emergency";

/** Whether something may sound over this holder. */
export function bears(holder: Candidate | null): boolean {
  return holder === null || !isManual(holder);
}

/** Whether it has to wait until what sounds over has ended. */
export function waitsForOver(candidate: Candidate): boolean {
  return candidate.header.precedence === "live";
}

/** Nobody speaks later than he meant to: who would have to wait for the output is turned away. */
export function turnedAway(waiting: readonly Candidate[], why: string) {
  return waiting
    .filter(({ header }) => header.by !== undefined)
    .map(({ header }) => ({ header, outcome: "refused" as const, why: refusal("policy", why) }));
}

/** `asking`: what would sound over something, best first. `running`: what does; `ends`: why a rule ends it. */
export function decideOver(
  holder: Candidate | null,
  asking: readonly Candidate[],
  running: Candidate | null,
  ends: Omit<OverEnd, "whenReady"> | null,
): { readonly over: Candidate | null; readonly overEnds: OverEnd | null } {
  const free = bears(holder);
  if (running !== null && ends === null && free) return { over: running, overEnds: null };
  const why = refusal("policy", `ended by ${holder?.header.precedence} '${holder?.header.title}'`);
  const overEnds =
    running === null
      ? null
      : ends === null
        ? { why, resumable: false, whenReady: true }
        : { ...ends, whenReady: false };
  return { over: free ? (asking[0] ?? null) : null, overEnds };
}
