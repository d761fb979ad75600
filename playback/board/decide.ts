/**
 * Which playlist holds a face, which alerts stand on it, and why the others do not. Pure, with the agenda, the classes, the order and the
 * gates of the sound: one arbiter over both.
 *
 * Invariants: an alert is shown at any hour; what its signer, the clock or a suspension keeps from being heard is not shown either; a face
 * with nothing authorised is blank. Mute and quiet hours are about sound: faces have hours of their own.
 */
import { agenda, type Slot } from "../agenda/agenda.ts";
import { isFor } from "../agenda/for-output.ts";
import { spansAt } from "../agenda/spans.ts";
import { suspended, suspensionAt } from "../agenda/suspension.ts";
import { type Candidate, candidateOfEmergency, candidateOfSlot } from "../arbiter/candidate.ts";
import { unentitled } from "../arbiter/gates.ts";
import { compare } from "../arbiter/precedence.ts";
import type { Face, Playlist } from "../model/board.ts";
import { LEVELS } from "../model/bulletin.ts";
import type { ClockTrust } from "../model/clock-trust.ts";
import type { Emergency } from "../model/emergency.ts";
import type { Facts } from "../model/facts.ts";
import { powerRefuses } from "../model/power.ts";
import { type Refusal, refusal } from "../model/refusal.ts";
import type { Programme } from "../model/schedule.ts";
import { HOUR, type Instant } from "../model/units.ts";

export interface FaceMoment {
  readonly facts: Facts;
  readonly face: Face;
  readonly now: Instant;
  readonly trust: ClockTrust;
  /** Whether the face's own hours let it be lit. */
  readonly lit: boolean;
}

export type FacePlan =
  | { readonly kind: "blank"; readonly why: Refusal | null }
  | {
      readonly kind: "layout";
      readonly slot: Slot;
      readonly playlist: Playlist;
      /** Lesser alerts, for the layout's own region. */
      readonly alerts: readonly Emergency[];
    }
  | { readonly kind: "alert"; readonly alerts: readonly Emergency[] };

export interface FaceDecision {
  readonly plan: FacePlan;
  /** Due, but not shown. */
  readonly waiting: readonly { readonly title: string; readonly key: string; readonly why: string }[];
  /** What comes next on this face. */
  readonly next: { readonly title: string; readonly at: Instant } | null;
  /** The next instant at which the answer may change by itself. */
  readonly until: Instant;
}

/** Nothing is looked for further ahead than this, nor for longer believed. */
const AHEAD = HOUR;

/** What has a window like a programme's is decided like one. */
function asProgramme({ layout: _, faces, ...playlist }: Playlist): Programme {
  return {
    ...playlist,
    outputs: faces,
    loop: true,
    lateness: { word: "play-next" },
    interruption: "resume",
    overrun: "cut",
    repeats: { count: 1, gapMs: 0 },
    items: [],
  };
}

/** Those that warn of danger to life take the whole face. Source: CAP 1.2, severity. */
function isGrave({ status, severity }: Emergency): boolean {
  return status === "actual" && (severity === "extreme" || severity === "severe");
}

/** Alerts that are to be seen on a face, the gravest first. */
function alertsOn({ facts, face, now, trust }: FaceMoment): Emergency[] {
  const standing = facts.emergencies.filter(
    ({ emergency, ended }) =>
      ended === null &&
      isFor(emergency.outputs, face.name) &&
      unentitled(candidateOfEmergency(emergency, facts.policy), { facts, now, trust }) === null,
  );
  const key = (alert: Emergency) => candidateOfEmergency(alert, facts.policy);
  return standing.map(({ emergency }) => emergency).sort((a, b) => compare(key(a), key(b), () => 0));
}

/** Why a slot is not shown now, whoever else asks for the face. */
function against(slot: Slot, candidate: Candidate, moment: FaceMoment): Refusal | null {
  const { facts } = moment;
  const why = unentitled(candidate, moment);
  if (why !== null) return why;
  const period = suspensionAt(slot.programme, slot.start, facts);
  if (period !== null && period.replaceBy.length === 0) return suspended(period);
  return facts.power === undefined ? null : powerRefuses(facts.power, candidate.header.precedence);
}

export function decideFace(moment: FaceMoment): FaceDecision {
  const { facts, face, now, lit } = moment;
  const playlists = facts.playlists.filter(({ faces }) => isFor(faces, face.name));
  const byName = new Map(playlists.map((one) => [`${one.level} ${one.id}`, one]));
  const slots = agenda({ ...facts, programmes: playlists.map(asProgramme) }, now, now + AHEAD);
  const running = slots.filter(({ start, end }) => start <= now && now < end);
  const asked = running.map((slot) => ({ slot, candidate: candidateOfSlot(slot, facts) }));
  const entitled = asked.filter(({ slot, candidate }) => against(slot, candidate, moment) === null);
  const level = ({ header }: Candidate) => LEVELS.indexOf(header.level ?? "central");
  const [first] = entitled.sort((a, b) => compare(a.candidate, b.candidate, level));
  const alerts = alertsOn(moment);
  const playlist = first && byName.get(`${first.slot.programme.level} ${first.slot.programme.id}`);
  const plan = planOf({ lit, alerts, slot: first?.slot, playlist });
  const waiting = asked
    .filter(({ slot }) => slot !== first?.slot)
    .map(({ slot, candidate }) => ({
      title: slot.programme.title,
      key: slot.key,
      why: against(slot, candidate, moment)?.detail ?? `'${first?.slot.programme.title}' holds the face`,
    }));
  const next = slots.find(({ start }) => start > now);
  const hours = entitled.flatMap(({ candidate }) => candidate.header.origin.limits?.hours ?? []);
  const ends = [
    ...slots.flatMap(({ start, end }) => [start, end]),
    spansAt(hours, facts.zone, now).until ?? Number.POSITIVE_INFINITY,
    ...alerts.map(({ expires }) => expires),
  ].filter((at) => at > now);
  return {
    plan,
    waiting,
    next: next === undefined ? null : { title: next.programme.title, at: next.start },
    until: Math.min(now + AHEAD, ...ends),
  };
}

interface Choice {
  readonly lit: boolean;
  readonly alerts: readonly Emergency[];
  readonly slot: Slot | undefined;
  readonly playlist: Playlist | undefined;
}

function planOf({ lit, alerts, slot, playlist }: Choice): FacePlan {
  const shown = lit && slot !== undefined && playlist !== undefined;
  const hasPlace = shown && playlist.layout.some(({ kind }) => kind === "emergency");
  if (alerts.length > 0 && (!hasPlace || alerts.some(isGrave))) return { kind: "alert", alerts };
  if (shown) return { kind: "layout", slot, playlist, alerts };
  if (!lit) return { kind: "blank", why: refusal("quiet-hours", "outside the hours of this face") };
  return { kind: "blank", why: null };
}
