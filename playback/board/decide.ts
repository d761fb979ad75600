/**
 * Which playlist holds a face, which alerts stand on it, and why the others do not. Pure, with the agenda, the classes, the order and the
 * gates of the sound: one arbiter over both.
 *
 * Invariants: an alert is shown at any hour; what its signer, the clock or a suspension keeps from being heard is not shown either; a face
 * with nothing authorised is blank. Mute and quiet hours are about sound: faces have hours of their own.
 */
import type { Slot } from "../agenda/agenda.ts";
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
import { HOUR, type Instant } from "../model/units.ts";
import { type Window, windowsOf } from "./windows.ts";

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
  const mine = facts.playlists.filter(({ faces }) => isFor(faces, face.name));
  const windows = windowsOf(mine, facts, now, now + AHEAD);
  const running = windows.filter(({ slot }) => slot.start <= now && now < slot.end);
  const asked = running.map((window) => ({ ...window, candidate: candidateOfSlot(window.slot, facts) }));
  const entitled = asked.filter(({ slot, candidate }) => against(slot, candidate, moment) === null);
  const level = ({ header }: Candidate) => LEVELS.indexOf(header.level ?? "central");
  const [first] = entitled.sort((a, b) => compare(a.candidate, b.candidate, level));
  const alerts = alertsOn(moment);
  const plan = planOf(lit, alerts, first);
  const waiting = asked
    .filter(({ slot }) => slot !== first?.slot)
    .map(({ slot, candidate }) => ({
      title: slot.programme.title,
      key: slot.key,
      why: against(slot, candidate, moment)?.detail ?? `'${first?.slot.programme.title}' holds the face`,
    }));
  const next = windows.find(({ slot }) => slot.start > now)?.slot;
  const hours = entitled.flatMap(({ candidate }) => candidate.header.origin.limits?.hours ?? []);
  const ends = [
    ...windows.flatMap(({ slot }) => [slot.start, slot.end]),
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

function planOf(lit: boolean, alerts: readonly Emergency[], window: Window | undefined): FacePlan {
  const shown = lit ? window : undefined;
  // What a suspension shows in place of a layout has no region for an alert.
  const hasPlace = shown?.slot.replacedBy === null && shown.playlist.layout.some(({ kind }) => kind === "emergency");
  if (alerts.length > 0 && (!hasPlace || alerts.some(isGrave))) return { kind: "alert", alerts };
  if (shown !== undefined) return { kind: "layout", slot: shown.slot, playlist: shown.playlist, alerts };
  if (!lit) return { kind: "blank", why: refusal("quiet-hours", "outside the hours of this face") };
  return { kind: "blank", why: null };
}
