/** Whatever asks for an output, in one shape: a programme's slot, an alert, an announcement. */
import type { Slot } from "../agenda/agenda.ts";
import type { Announcement } from "../model/announcement.ts";
import type { Precedence } from "../model/bulletin.ts";
import { type Emergency, SEVERITIES } from "../model/emergency.ts";
import type { Facts } from "../model/facts.ts";
import { type LoudnessTarget, targetOf } from "../model/loudness.ts";
import type { Policy } from "../model/policy.ts";
import type { Interruption, Item, Lateness, Overrun } from "../model/schedule.ts";
import { type Decibels, decibelsOf, HOUR, type Instant, type Millis, type Percent } from "../model/units.ts";
import type { SlotHeader } from "../ports/play-log.ts";
import { loudestOver } from "./over.ts";

export interface Candidate {
  readonly header: SlotHeader;
  readonly order: number;
  /** Of alerts: 0 is the gravest. Of everything else 0. */
  readonly gravity: number;
  /** Rounds of an alert that were heard; alerts take turns by it. */
  readonly turns: number;
  /** Not before, not after. */
  readonly start: Instant;
  readonly latestStart: Instant;
  /** End of the window by the rules; `null` where nothing but the items ends it. */
  readonly end: Instant | null;
  readonly lateness: Lateness;
  readonly interruption: Interruption;
  readonly overrun: Overrun;
  /** One round. `rounds` 0 repeats until the end. */
  readonly items: readonly Item[];
  /** Played once, before the first round. */
  readonly intro: readonly Item[];
  readonly rounds: number;
  readonly gapMs: Millis;
  readonly gain: Decibels;
  /** What it asks for itself; `null` leaves it to the policy. */
  readonly ownVolume: Percent | null;
  /** What its files are brought to, before `gain`. */
  readonly loudness: LoudnessTarget;
  /** It sounds over a programme, which goes on underneath, instead of taking the output from it. */
  readonly ducks: boolean;
  /** The suspension whose items it plays in place of the programme's own. */
  readonly replacedBy: string | null;
}

/**
 * How long after a kill or a power cut a slot is taken up again; one that loops, or is live, until its window ends. Source: Loa's contract with the
 * commune, 60 s.
 */
export const RESUME_AFTER_KILL: Millis = 60_000;
/** `restart` begins anew only within this time of an interruption. */
export const RESTART_WITHIN: Millis = 60_000;

/** Its gain under a policy, which may be another one than when it was made. */
export function gainUnder({ header, ownVolume, ducks }: Asked, policy: Policy): Decibels {
  const { origin, kind, exercise } = header;
  const grave = kind === "emergency" && exercise !== true;
  const volume = ownVolume ?? (grave ? policy.emergencyVolume : policy.volume);
  const ceiling = grave ? 100 : policy.volumeCeiling;
  const gain = decibelsOf(Math.min(volume, ceiling, origin.limits?.loudest ?? 100));
  return ducks ? Math.min(gain, loudestOver(policy.duck)) : gain;
}
type Asked = Pick<Candidate, "header" | "ownVolume" | "ducks">;

/** Everything but what follows from the policy. */
function under(policy: Policy, candidate: Omit<Candidate, "gain">): Candidate {
  return { ...candidate, gain: gainUnder(candidate, policy) };
}

const PLAIN = { gravity: 0, turns: 0, ducks: false };

export function candidateOfSlot(slot: Slot, { policy, approved }: Facts): Candidate {
  const { programme } = slot;
  const { chime } = programme;
  const precedence: Precedence = programme.filler ? "filler" : programme.class;
  const intro: Item[] =
    chime === undefined
      ? []
      : [{ kind: "media", id: "chime", title: approved.get(chime)?.title ?? "chime", sha256: chime }];
  return under(policy, {
    header: {
      key: slot.key,
      kind: "programme",
      id: programme.id,
      title: programme.title,
      precedence,
      level: programme.level,
      plannedAt: slot.plannedAt,
      ...(slot.start === slot.plannedAt ? {} : { staggerMs: slot.start - slot.plannedAt }),
      origin: programme.origin,
    },
    order: programme.order,
    ...PLAIN,
    start: slot.start,
    latestStart: slot.latestStart,
    end: programme.end === undefined ? null : slot.end,
    lateness: programme.lateness,
    interruption: programme.interruption,
    overrun: programme.overrun,
    items: programme.items,
    intro,
    rounds: programme.loop ? 0 : programme.repeats.count,
    gapMs: programme.repeats.gapMs,
    ownVolume: programme.volume ?? null,
    loudness: targetOf(precedence, policy.loudness),
    replacedBy: slot.replacedBy,
  });
}

/** Of the slot of an alert; `late`: of the round that it owes for a recording that came after its last one. */
export function keyOfEmergency(identifier: string, late = false): string {
  return `emergency ${identifier}${late ? " recording" : ""}`;
}

/** The one round that an alert owes for a recording that came after its last one. */
export function candidateOfLateRound(emergency: Emergency, policy: Policy): Candidate {
  const candidate = candidateOfEmergency(emergency, policy, emergency.repeat.rounds);
  return { ...candidate, header: { ...candidate.header, key: keyOfEmergency(emergency.identifier, true) }, rounds: 1 };
}

/** An exercise takes the output from programmes, as a person at the desk may, but never passes mute, quiet hours or the ceiling. */
export function candidateOfEmergency(emergency: Emergency, policy: Policy, turns = 0): Candidate {
  const exercise = emergency.status === "exercise";
  return under(policy, {
    header: {
      key: keyOfEmergency(emergency.identifier),
      kind: "emergency",
      id: emergency.identifier,
      title: emergency.headline,
      precedence: exercise ? "live" : "emergency",
      plannedAt: emergency.sent,
      origin: emergency.origin,
      ...(exercise ? { exercise } : {}),
    },
    order: 0,
    gravity: SEVERITIES.indexOf(emergency.severity),
    turns,
    ducks: false,
    start: Number.NEGATIVE_INFINITY,
    latestStart: Number.POSITIVE_INFINITY,
    end: null,
    lateness: { word: "cut-in" },
    interruption: "resume",
    overrun: "cut",
    items: emergency.items,
    intro: [],
    rounds: emergency.repeat.rounds,
    gapMs: emergency.repeat.gapMs,
    ownVolume: emergency.volume ?? null,
    loudness: targetOf(exercise ? "live" : "emergency", policy.loudness),
    replacedBy: null,
  });
}

export function candidateOfAnnouncement(announcement: Announcement, policy: Policy): Candidate {
  const ducks = announcement.duck === true;
  return under(policy, {
    header: {
      key: `announcement ${announcement.origin.issuer} ${announcement.id}`,
      kind: "announcement",
      id: announcement.id,
      title: announcement.title,
      precedence: "live",
      plannedAt: announcement.origin.adoptedAt,
      origin: announcement.origin,
      ...(announcement.by === undefined ? {} : { by: announcement.by }),
    },
    order: 0,
    gravity: 0,
    turns: 0,
    start: Number.NEGATIVE_INFINITY,
    // Manual things do not depend on the wall clock; the register that holds them ends them by the monotonic one.
    latestStart: Number.POSITIVE_INFINITY,
    end: null,
    lateness: { word: "cut-in" },
    interruption: "drop",
    overrun: "cut",
    items: announcement.items,
    intro: [],
    rounds: 1,
    gapMs: 0,
    ownVolume: announcement.volume ?? null,
    ducks,
    loudness: targetOf("live", policy.loudness),
    replacedBy: null,
  });
}

/** How far ahead and back slots are looked at when deciding. */
export const HORIZON: { readonly back: Millis; readonly ahead: Millis } = { back: 25 * HOUR, ahead: 2 * HOUR };
