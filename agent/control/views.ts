/** What the control socket answers: plain JSON, stable, times in RFC 3339. The CLI renders it; scripts read it. */
import { agenda } from "../../playback/agenda/agenda.ts";
import { type Decision, decide } from "../../playback/arbiter/arbiter.ts";
import { type Candidate, HORIZON } from "../../playback/arbiter/candidate.ts";
import { NO_SESSIONS } from "../../playback/arbiter/sessions.ts";
import type { Policy } from "../../playback/model/policy.ts";
import { DAY, decibelsOf, type Instant } from "../../playback/model/units.ts";
import { HOLDS } from "../../storage/content/fetch-queue.ts";
import type { JournalRecord } from "../../storage/journal.ts";
import { agendaWarnings } from "../agenda-warnings.ts";
import { missingMedia } from "../health/observe.ts";
import type { Output } from "../outputs/output.ts";
import { acceptanceView } from "../setup/countersigning.ts";
import type { Parts } from "../station.ts";

const finite = (value: number) => (Number.isFinite(value) ? value : null);
const wire = (at: Instant) => (Number.isFinite(at) ? new Date(at).toISOString() : null);

export async function statusView(parts: Parts) {
  const { file, clock, outputs, board, link, store, media, concerns, version, session } = parts;
  const status = media.status();
  const outbox = await store.outbox.stats();
  return {
    station: file.station,
    commune: file.commune,
    province: file.province,
    version,
    session,
    clock: { now: wire(clock.now()), trust: clock.trust(), detail: clock.detail, correctionMs: clock.correctionMs },
    /** Of the first output; every one stands under `outputs`. */
    ...outputView(outputs[0]),
    outputs: outputs.map((output) => ({ name: output.name, ...outputView(output) })),
    guard: parts.guard === null ? null : { pid: parts.guard.pid },
    link: {
      brokers: parts.config.brokers().length,
      connected: link.connected,
      lastError: link.connected ? null : link.lastError,
    },
    enrolment: enrolmentView(parts),
    safeMode: parts.start.view(clock.monotonic()),
    muted: board.facts.muted,
    volume: board.facts.policy.volume,
    emergencies: board.facts.emergencies
      .filter(({ ended }) => ended === null)
      .map(({ emergency }) => ({
        identifier: emergency.identifier,
        headline: emergency.headline,
        expires: wire(emergency.expires),
      })),
    media: {
      present: status.filter(({ state }) => state === "present").length,
      known: status.length,
      /** Here, but not levelled yet. */
      unmeasured: parts.measuring.waiting,
      /** Why the rest is not fetched, where a rule holds it back. */
      held: status.filter(({ state }) => (HOLDS as readonly string[]).includes(state)),
      cache: media.account(),
      missing: missingMedia(parts).map(({ title, programme, at }) => ({ title, programme, at: wire(at) })),
    },
    outbox: { issued: outbox.issued, acknowledged: outbox.acknowledged, rows: outbox.rows },
    journal: store.journal.head(),
    concerns: concerns.raised(clock.monotonic()).map((one) => ({ ...one, since: wire(one.since) })),
  };
}
/** What one output does. */
function outputView({ conductor, sound }: Output) {
  const level = sound.level();
  return {
    onAir: onAirView(conductor.onAir()),
    /** What sounds over it; what is on air is put down meanwhile. */
    over: onAirView(conductor.over()),
    waiting: (conductor.decision?.waiting ?? []).map(({ candidate, why }) => ({ ...brief(candidate), why })),
    next: (conductor.decision?.upcoming ?? []).slice(0, 5).map(brief),
    volume: volumeView(conductor.facts.policy),
    sound: { ...sound.state(), rms: finite(level.rms), peak: finite(level.peak) },
    amplifier: { phase: conductor.amplifier.phase, reading: conductor.amplifier.reading },
  };
}
function onAirView(onAir: ReturnType<Output["conductor"]["onAir"]>) {
  if (onAir === null) return null;
  const { header } = onAir.candidate;
  return {
    key: header.key,
    title: header.title,
    class: header.precedence,
    issuer: header.origin.issuer,
    documentSha256: header.origin.documentSha256,
    item: onAir.now?.item.title ?? null,
    positionMs: onAir.now?.positionMs ?? null,
    durationMs: onAir.now?.durationMs ?? null,
    sounding: onAir.now?.sounding ?? false,
    /** Of a live item: its source, how it stands, why it is not heard and what sounds instead. */
    live: onAir.now?.live ?? null,
  };
}

/** What applies to this output now. */
function volumeView({ volume, volumeCeiling, emergencyVolume }: Policy) {
  const decibels = (percent: number) => finite(Math.round(decibelsOf(percent) * 10) / 10);
  const percent = Math.round(Math.min(volume, volumeCeiling));
  return {
    ...{ percent, db: decibels(percent), ceiling: Math.round(volumeCeiling) },
    emergency: { percent: Math.round(emergencyVolume), db: decibels(emergencyVolume) },
  };
}
export type OutputView = ReturnType<typeof outputView>;

export type StatusView = Awaited<ReturnType<typeof statusView>>;

function brief(candidate: Candidate) {
  const { header } = candidate;
  return {
    key: header.key,
    title: header.title,
    class: header.precedence,
    at: wire(header.plannedAt),
    issuer: header.origin.issuer,
  };
}

/** How the station stands with the province: its certificate, and the word under its acceptance. */
export function enrolmentView({ security: { enrolment }, store }: Parts) {
  const acceptance = acceptanceView(store.notes);
  if (enrolment === null) return { state: "not-configured", endsAt: null, problem: null, acceptance };
  const endsAt = enrolment.endsAt();
  const until = endsAt === null ? null : wire(endsAt);
  return { state: enrolment.state(), endsAt: until, problem: enrolment.problem, acceptance };
}

/** Slots of the next days, with what is known against each now. */
export function agendaView(parts: Parts, days: number) {
  const { board, clock, store } = parts;
  const now = clock.now();
  return agenda(board.facts, now, now + days * DAY).map((slot) => ({
    key: slot.key,
    title: slot.programme.title,
    class: slot.programme.filler ? "filler" : slot.programme.class,
    level: slot.programme.level,
    issuer: slot.programme.origin.issuer,
    start: wire(slot.start),
    end: wire(slot.end),
    items: slot.programme.items.map((item) => item.title),
    done: store.playLog.has(slot.key),
  }));
}
export type AgendaView = ReturnType<typeof agendaView>;

/** What somebody should know before the hour. */
export function warningsView(parts: Parts, days: number) {
  return agendaWarnings(parts, days * DAY).map((warning) => ({ ...warning, at: wire(warning.at) }));
}
export type WarningsView = ReturnType<typeof warningsView>;

/** What would be, or was, decided at an instant for an output, and why. */
export async function whyView(parts: Parts, at: Instant, { conductor }: Output = parts.outputs[0]) {
  const { clock, store } = parts;
  const now = clock.now();
  const facts = conductor.facts;
  const decision: Decision =
    Math.abs(at - now) < 1_000 && conductor.decision !== null
      ? conductor.decision
      : decide({
          facts,
          slots: agenda(facts, at - HORIZON.back, at + HORIZON.ahead),
          now: at,
          trust: clock.trust(),
          running: null,
          runningMs: 0,
          over: null,
          overMs: 0,
          sessions: NO_SESSIONS,
          suspended: new Map(),
          awaiting: new Set(),
          // A question about another hour asks what the rules say, not what has been played since.
          ended: () => false,
        });
  const records = at <= now ? await store.journal.at(at) : [];
  return {
    at: wire(at),
    clock: clock.trust(),
    holder: decision.holder === null ? null : brief(decision.holder),
    holderEnds:
      decision.holderEnds === null ? null : { at: wire(decision.holderEnds.at), why: decision.holderEnds.why },
    waiting: decision.waiting.map(({ candidate, why }) => ({ ...brief(candidate), why })),
    refused: decision.closings
      .filter(({ header }) => at - header.plannedAt < DAY)
      .map(({ header, outcome, why }) => ({
        key: header.key,
        title: header.title,
        outcome,
        reason: why.reason,
        detail: why.detail,
      })),
    next: decision.upcoming.slice(0, 3).map(brief),
    journal: records.map(recordView),
  };
}
export type WhyView = Awaited<ReturnType<typeof whyView>>;

/** As its text says it, yet not from the text: one that a dying card spoilt must not hide all the others. */
export function recordView({ seq, at, kind, body, hash }: JournalRecord) {
  return { seq, at: wire(at), kind, body, hash };
}
