/** What asks for an output without a schedule: alerts, the round that one of them may owe, announcements. Pure. */
import type { Facts } from "../model/facts.ts";
import type { Refusal } from "../model/refusal.ts";
import type { Sha256 } from "../model/units.ts";
import type { SlotProgress } from "../ports/play-log.ts";
import { owesRound } from "./alert-round.ts";
import {
  type Candidate,
  candidateOfAnnouncement,
  candidateOfEmergency,
  candidateOfLateRound,
  keyOfEmergency,
} from "./candidate.ts";
import type { Sessions } from "./sessions.ts";

/** What is looked at: the arbiter's situation has it all. */
export interface Asked {
  readonly facts: Facts;
  readonly running: Candidate | null;
  readonly sessions: Sessions;
  readonly suspended: ReadonlyMap<string, { readonly progress: SlotProgress }>;
  /** Whether the cache holds a recording; without it none is known to have come late. */
  readonly has?: (sha256: Sha256) => boolean;
  readonly ended: (key: string) => boolean;
}

/** What is asked for by hand, and why it no longer is. */
export interface Manual {
  readonly candidate: Candidate;
  readonly ended: Refusal | null;
}

/** The round that an alert owes for a recording that came too late for all others; begun, it goes on whatever becomes of that. */
function late({ ended, emergency }: Facts["emergencies"][number], situation: Asked): Manual[] {
  const { facts, sessions, running, suspended, has } = situation;
  const candidate = candidateOfLateRound(emergency, facts.policy);
  const { key } = candidate.header;
  const begun = running?.header.key === key || suspended.has(key);
  const main = keyOfEmergency(emergency.identifier);
  const over = ended === null && situation.ended(main) && has !== undefined;
  const owed = over && owesRound(emergency, sessions.get(main)?.whole ?? null, has);
  return begun || owed ? [{ ended, candidate }] : [];
}

/** Everything that asks now, or still sounds. */
export function manual(situation: Asked): Manual[] {
  const { facts, suspended } = situation;
  return [
    ...facts.emergencies.map(({ ended, emergency }) => {
      const heard = suspended.get(keyOfEmergency(emergency.identifier))?.progress.round;
      return { ended, candidate: candidateOfEmergency(emergency, facts.policy, heard) };
    }),
    ...facts.emergencies.flatMap((held) => late(held, situation)),
    ...facts.announcements.map((held) => ({
      ended: held.ended,
      candidate: candidateOfAnnouncement(held.announcement, facts.policy),
    })),
  ];
}
