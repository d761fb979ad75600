/** Looks at every part and says what is not well; the concerns decide how grave that is. */

import type { HostReport } from "../../drivers/host/host-facts.ts";
import { timeAt } from "../../playback/agenda/zone.ts";
import { unspoken } from "../../playback/arbiter/alert-round.ts";
import { isTrusted } from "../../playback/model/clock-trust.ts";
import { HOUR, type Instant, type Monotonic, type Sha256 } from "../../playback/model/units.ts";
import type { ClockQuality } from "../../playback/ports/clock.ts";
import { expiringOf, nameOf } from "../admission/expiring.ts";
import { incompleteDetail, obstacleDetail } from "../agenda-warnings.ts";
import { openOf } from "../contacts/purposes.ts";
import type { Output } from "../outputs/output.ts";
import type { Parts } from "../station.ts";
import type { AirWatch } from "./air-watch.ts";
import type { ConcernCode, Observations } from "./concerns.ts";
import { ofFaces } from "./faces.ts";
import { isLow, isUnsafe } from "./storage-limits.ts";

/**
 * Horns whose clocks differ by more are heard as an echo, whatever the sound engine does. Assumed: 4G bounds the error by 30–60 ms, its
 * servers keep it far below.
 */
const LARGEST_ERROR_MS = 150;

/** Digests that programmes of the next day need and the cache has not got, each with the first programme that lacks it. */
export function missingMedia(parts: Parts): { sha256: Sha256; title: string; programme: string; at: number }[] {
  const found = new Map<Sha256, { sha256: Sha256; title: string; programme: string; at: number }>();
  for (const warning of parts.warnings.current(parts)) {
    if (warning.kind !== "incomplete") continue;
    for (const { sha256, title } of warning.lacking) {
      if (!found.has(sha256)) found.set(sha256, { sha256, title, programme: warning.title, at: warning.at });
    }
  }
  return [...found.values()];
}

/** What is known ahead about the coming day. */
function ofAgenda(parts: Parts): Observations {
  const found = parts.warnings.current(parts);
  const timeOf = (at: Instant) => timeAt(at, parts.file.zone).slice(0, 5);
  const lacking = incompleteDetail(found, timeOf);
  const obstacle = obstacleDetail(found, timeOf);
  return {
    ...(lacking === null ? {} : { "media-missing": lacking }),
    ...(obstacle === null ? {} : { "agenda-obstacle": obstacle }),
  };
}

/** Alerts of which nothing but the siren can be heard here. */
function ofAlerts({ board: { facts }, media, speech }: Parts): Observations {
  const means = {
    has: (sha256: Sha256) => media.has(sha256),
    speaks: (text: string, language: string) => speech.speaks(text, language),
    receives: (source: string) => facts.live.has(source),
  };
  const silent = facts.emergencies.filter(
    ({ ended, emergency }) => ended === null && unspoken(emergency, facts, means),
  );
  const names = silent.map(({ emergency: { identifier, headline } }) => `${identifier} '${headline}'`);
  return names.length === 0 ? {} : { "alert-unspoken": names.join(", ") };
}

function ofPower({ power }: Parts): Observations {
  const { mode, chargePercent } = power.state;
  if (mode === "mains") return {};
  const charge = chargePercent === null ? "charge unknown" : `${Math.round(chargePercent)} % left`;
  const plays = mode === "battery" ? "only priority and emergencies sound" : "the rest is kept for emergencies";
  return { "on-battery": `${charge}; ${plays}` };
}

/** The board's own supply; it sags for moments, under load, so that the hour counts. */
export function ofSupply({ trouble, clock, file }: Pick<Parts, "trouble" | "clock" | "file">, host: HostReport | null) {
  const now = clock.monotonic();
  if (host?.sensors?.underVoltage === true) {
    trouble.sagged = { at: now, what: `last at ${timeAt(clock.now(), file.zone).slice(0, 5)}` };
  }
  const { sagged } = trouble;
  return sagged === null || now - sagged.at >= HOUR ? {} : { "under-voltage": sagged.what };
}

/** Contacts that cannot be read, and what those that watch over the place say. */
export function ofContacts({ contacts }: { contacts: Pick<Parts["contacts"], "problems" | "contacts"> }): Observations {
  const doors = openOf(contacts.contacts, "door");
  const isolators = openOf(contacts.contacts, "isolator");
  return {
    ...(contacts.problems.length === 0 ? {} : { "contact-fault": contacts.problems.join("; ") }),
    ...(doors.length === 0 ? {} : { "cabinet-open": doors.join(", ") }),
    ...(isolators.length === 0 ? {} : { "isolator-open": isolators.join(", ") }),
  };
}

function ofDisk(host: HostReport | null): Observations {
  const disk = host?.disk ?? null;
  const mount = host?.mount ?? null;
  const low = disk !== null && isLow(disk);
  const unsafe = mount !== null && isUnsafe(mount);
  return {
    ...(low ? { "disk-low": `${Math.round(disk.free / 1e6)} MB free of ${Math.round(disk.size / 1e6)} MB` } : {}),
    ...(unsafe ? { "disk-unsafe-mount": `${mount.point} is mounted with ${mount.options.join(",")}` } : {}),
  };
}

/** The disk takes nothing, or gave back something else than was written. A record that was lost stays lost when the disk is well: it is told for an hour. */
export function ofStorage(parts: {
  trouble: Pick<Parts["trouble"], "storage" | "lost">;
  store: Pick<Parts["store"], "unreadable"> & { readonly database: Pick<Parts["store"]["database"], "damage"> };
  clock: Pick<Parts["clock"], "monotonic">;
}): Observations {
  const { trouble, store, clock } = parts;
  const { names } = store.unreadable;
  const lost = trouble.lost !== null && clock.monotonic() - trouble.lost.at < HOUR ? trouble.lost.what : null;
  const values = `${names.length} stored value(s) cannot be read: ${names.slice(0, 5).join(", ")}`;
  const failing = [trouble.storage, lost].filter((one) => one !== null);
  const spoilt = [store.database.damage, names.length === 0 ? null : values].filter((one) => one !== null);
  return {
    ...(failing.length === 0 ? {} : { "storage-failing": failing.join("; ") }),
    ...(spoilt.length === 0 ? {} : { "storage-spoilt": spoilt.join("; ") }),
  };
}

/** Documents that somebody at the source has to look after: not given, or near their end. */
function ofDocuments({ admission, clock }: Parts): Observations {
  const withheld = admission
    .withheld()
    .map(({ document, named, adopted }) => `${document} ${adopted ?? "–"} of ${named}`);
  const expiring = (isTrusted(clock.trust()) ? expiringOf(admission.documents, clock.now()) : []).map(
    ({ document }) => `${nameOf(document)} until ${new Date(document.claims.exp).toISOString()}`,
  );
  const list = (lines: readonly string[]) => `${lines.length}: ${lines.slice(0, 5).join("; ")}`;
  return {
    ...(withheld.length > 0 ? { "documents-withheld": list(withheld) } : {}),
    ...(expiring.length > 0 ? { "documents-expiring": list(expiring) } : {}),
  };
}

export function observe(parts: Parts, host: HostReport | null): Observations {
  const { clock, board, link, trouble } = parts;
  const lately = <T extends { at: number }>(one: T | null): one is T =>
    one !== null && clock.monotonic() - one.at < HOUR;
  return {
    ...ofOutputs(parts),
    ...ofFaces(parts.faces, clock),
    ...(isTrusted(clock.trust()) ? {} : { "clock-not-trusted": clock.detail }),
    ...ofClockQuality(clock.quality()),
    ...(clock.correctionMs !== 0 ? { "clock-corrected": clock.detail } : {}),
    ...(parts.config.brokers().length > 0 && !link.connected ? { "uplink-down": link.lastError } : {}),
    ...ofAlerts(parts),
    ...ofContacts(parts),
    ...ofSupply(parts, host),
    ...ofAgenda(parts),
    ...ofPower(parts),
    ...(board.facts.programmes.length + board.facts.playlists.length === 0
      ? { "schedule-absent": "no programme in any schedule" }
      : {}),
    ...ofStorage(parts),
    ...ofStart(parts),
    ...(lately(trouble.refused) ? { "bad-documents": trouble.refused.what } : {}),
    ...(lately(trouble.recording) ? { "recording-failed": trouble.recording.what } : {}),
    ...ofCache(parts),
    ...(trouble.journal === null ? {} : { "journal-disputed": trouble.journal }),
    ...(lately(trouble.pruned) ? { "journal-pruned": trouble.pruned.what } : {}),
    ...ofConfig(parts),
    ...ofIdentity(parts),
    ...ofEnrolment(parts),
    ...ofDisk(host),
    ...ofDocuments(parts),
  };
}

/** What is not well at one output; the guard watches all amplifiers together. */
function ofOutput({ sound, conductor, amplifier, trouble, name }: Output, now: Monotonic, air: AirWatch): Observations {
  const { state, detail, breaks } = sound.state();
  const lately = (at: Monotonic) => now - at < HOUR;
  if (breaks > trouble.breaks.count) trouble.breaks = { at: now, count: breaks };
  const torn = breaks > 0 && lately(trouble.breaks.at);
  const dead = air.problem(name);
  const disobeys = trouble.amplifier ?? conductor.amplifier.problem;
  const live = conductor.onAir()?.now?.live;
  const lost = live?.state === "fallback" ? `${live.source}: ${live.problem ?? "it gives nothing"}` : null;
  return {
    ...(state === "absent" ? { "sound-absent": detail } : {}),
    ...(lost === null ? {} : { "live-fallback": lost }),
    ...(state === "stalled" ? { "sound-stalled": detail } : {}),
    ...(torn ? { "sound-torn": `${breaks} break(s) since the agent started, the last within the hour` } : {}),
    ...(dead === null ? {} : { "dead-air": dead }),
    ...(trouble.late !== null && lately(trouble.late.at) ? { "playback-late": trouble.late.what } : {}),
    ...(amplifier !== null && disobeys !== null ? { "amplifier-fault": disobeys } : {}),
    ...(trouble.conductor !== null && lately(trouble.conductor.at)
      ? { "conductor-faults": trouble.conductor.what }
      : {}),
  };
}

/** What the last self-test said of each horn. */
function ofSpeakers({ speakers }: Pick<Parts, "speakers">): Observations {
  const said = (verdict: string) =>
    speakers.outputs.flatMap((output) => {
      const last = speakers.last(output);
      return last?.verdict === verdict ? [`${output}: ${last.detail}`] : [];
    });
  const [dead, weak] = [said("dead"), said("weak")];
  return {
    ...(dead.length === 0 ? {} : { "speaker-dead": dead.join("; ") }),
    ...(weak.length === 0 ? {} : { "speaker-weak": weak.join("; ") }),
  };
}

/** Of all outputs; where there are several, each sentence says which. */
function ofOutputs({ outputs, clock, guard, air, speakers }: Parts): Observations {
  const found: Observations = {};
  for (const output of outputs) {
    for (const [code, detail] of Object.entries(ofOutput(output, clock.monotonic(), air)) as [ConcernCode, string][]) {
      const said = outputs.length === 1 ? detail : `${output.name}: ${detail}`;
      found[code] = found[code] === undefined ? said : `${found[code]}; ${said}`;
    }
  }
  Object.assign(found, ofSpeakers({ speakers }));
  const unwatched = guard === null && outputs.some(({ amplifier }) => amplifier !== null);
  return { ...found, ...(unwatched ? { "guard-lost": "no guard process watches the amplifier" } : {}) };
}

/** What the machine itself says of its clock; where nobody is there to ask, nothing is known to be wrong. */
export function ofClockQuality(quality: ClockQuality | null): Observations {
  if (quality === null || quality.source === "nobody") return {};
  const { source, synchronised, errorMs } = quality;
  if (!synchronised) return { "clock-adrift": `${source} says that it is not synchronised` };
  if (errorMs === null || errorMs <= LARGEST_ERROR_MS) return {};
  return { "clock-adrift": `${source} bounds its error by ${Math.round(errorMs)} ms` };
}

/** What this start had to leave out. */
function ofStart({ plan: { safe, loaded, stateLost }, restored, store }: Parts): Observations {
  const { recovered } = store.database;
  const back = `${restored} document(s) came back from the snapshot; journal and records since are in the old file`;
  return {
    ...(safe === null ? {} : { "safe-mode": `${safe.why}; ${safe.rung}` }),
    ...(loaded.lost === null ? {} : { "config-broken": loaded.lost }),
    ...(stateLost === null ? {} : { "state-lost": stateLost }),
    ...(recovered === null
      ? {}
      : { "storage-recovered": `${recovered.problem}; kept as ${recovered.movedTo}; ${back}` }),
  };
}

const LIFE_LEFT = 14 * 24 * HOUR;

export function ofIdentity({ security }: Pick<Parts, "security">): Observations {
  const damage = security.damage();
  return damage === null ? {} : { "identity-damaged": damage };
}

function ofEnrolment({ security: { enrolment }, clock }: Parts): Observations {
  if (enrolment === null) return {};
  const endsAt = enrolment.endsAt();
  const state = enrolment.state();
  const problem = enrolment.problem === null ? "" : `: ${enrolment.problem}`;
  if (state === "pending") return { "enrolment-pending": `no certificate yet${problem}` };
  if (state === "expired") return { "certificate-ending": `the certificate has ended${problem}` };
  const soon = endsAt !== null && endsAt - clock.now() < LIFE_LEFT && enrolment.problem !== null;
  return soon ? { "certificate-ending": `it ends at ${new Date(endsAt).toISOString()}${problem}` } : {};
}

/** What the cache's own account says. */
export function ofCache({ media, board }: Pick<Parts, "media" | "board">): Observations {
  const account = media.account();
  if (account === null) return {};
  const { squeezed, givenUp, overBudget, dayBytes, monthBytes } = account;
  const named = (list: readonly Sha256[]) => {
    const first = board.facts.approved.get(list[0] as Sha256)?.title ?? list[0];
    return `${list.length}, first '${first}'`;
  };
  const spent = `${Math.round(dayBytes / 1e6)} MB today, ${Math.round(monthBytes / 1e6)} MB this month`;
  return {
    ...(squeezed.length === 0 ? {} : { "cache-over-quota": `no room for ${named(squeezed)}` }),
    ...(givenUp.length === 0 ? {} : { "media-given-up": named(givenUp) }),
    ...(overBudget.length === 0 ? {} : { "data-budget-spent": `${spent}; waiting: ${named(overBudget)}` }),
  };
}

/** What waits, failed or was lost of the configuration. */
export function ofConfig({ config }: Pick<Parts, "config">): Observations {
  const { pending, failed } = config.state;
  const lost = config.lost.map(({ address, seq, why }) => `${address} no. ${seq}: ${why}`);
  const applied = config.layers.map((one) => one.sha256);
  const refused = failed.filter((digest) => !applied.includes(digest));
  return {
    ...(pending === null ? {} : { "config-pending": "a new configuration waits for its confirmation" }),
    ...(lost.length === 0 ? {} : { "config-lost": lost.slice(0, 5).join("; ") }),
    ...(config.waiting === null ? {} : { "config-waiting": config.waiting }),
    ...(refused.length === 0 ? {} : { "config-reverted": `taken back: ${refused.at(-1)?.slice(0, 12)}…` }),
  };
}
