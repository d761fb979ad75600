/** The documents in force, decoded, and what they add up to: the facts that deciding needs. */
import { type Named, orderBy } from "../playback/agenda/commune-order.ts";
import { addedTexts } from "../playback/arbiter/alert-round.ts";
import type { Playlist } from "../playback/model/board.ts";
import type { Emergency } from "../playback/model/emergency.ts";
import type { HeldEmergency, SuspensionPeriod } from "../playback/model/facts.ts";
import type { LivePin } from "../playback/model/live.ts";
import { DEFAULT_POLICY, type Policy } from "../playback/model/policy.ts";
import type { ApprovedMedia, Origin, Programme } from "../playback/model/schedule.ts";
import { type Instant, percentOf, type Sha256 } from "../playback/model/units.ts";
import type { Examined } from "./admission/document.ts";
import type { ConfigBody } from "./contract/config.ts";
import type { EmergencyBody } from "./contract/emergency.ts";
import { LOCAL_ISSUER } from "./local-alert.ts";

/** A document as adopted. */
export interface Adopted extends Examined {
  readonly adoptedAt: Instant;
}

/** The authority behind what a document brings, with the limits that go with its signature. */
export function originOf(document: Adopted): Origin {
  return {
    issuer: document.claims.iss,
    address: document.key.address,
    adoptedAt: document.adoptedAt,
    documentSha256: document.sha256,
    keys: document.keys,
    limits: document.limits,
  };
}

/** Broadest address first, so that what comes later is more specific and wins. */
function bySpecificity(documents: readonly Adopted[], chain: readonly string[]): Adopted[] {
  return [...documents].sort((a, b) => chain.indexOf(a.key.address) - chain.indexOf(b.key.address));
}

/**
 * Programmes of all levels and addresses; inside one level a more specific address replaces by id. Among equals the commune's signed order
 * counts, the word of the more specific address first.
 */
export function programmesOf(documents: readonly Adopted[], chain: readonly string[]): Programme[] {
  const merged = new Map<string, Programme>();
  const order: Named[] = [];
  for (const document of bySpecificity(documents, chain)) {
    if (document.body.kind !== "schedule") continue;
    const { level, programmes } = document.body.value;
    if (level === "commune") order.unshift(...document.body.value.order);
    for (const programme of programmes) {
      merged.set(`${level} ${programme.id}`, { ...programme, level, origin: originOf(document) });
    }
  }
  return orderBy([...merged.values()], order);
}

/** Playlists of all levels and addresses, merged as programmes are. */
export function playlistsOf(documents: readonly Adopted[], chain: readonly string[]): Playlist[] {
  const merged = new Map<string, Playlist>();
  for (const document of bySpecificity(documents, chain)) {
    if (document.body.kind !== "schedule") continue;
    const { level, playlists } = document.body.value;
    for (const one of playlists) merged.set(`${level} ${one.id}`, { ...one, level, origin: originOf(document) });
  }
  return [...merged.values()];
}

/**
 * Everything that may sound: approved by content keys, and by emergency keys for their own alerts. Pinned first; `always` is pinned whatever its
 * approval says.
 */
export function approvedOf(
  documents: readonly Adopted[],
  chain: readonly string[],
  always: ReadonlySet<Sha256>,
): Map<Sha256, ApprovedMedia> {
  const merged = new Map<Sha256, ApprovedMedia>();
  for (const { body } of bySpecificity(documents, chain)) {
    if (body.kind === "content") {
      for (const media of body.value.media) {
        merged.set(media.sha256, { ...media, pinned: media.pinned || always.has(media.sha256) });
      }
    }
    if (body.kind === "emergency") {
      for (const media of body.value.media) merged.set(media.sha256, { ...media, pinned: true });
    }
  }
  return new Map([...merged].sort(([, a], [, b]) => Number(b.pinned) - Number(a.pinned)));
}

/** What may be spoken: digests of NFC UTF-8 that content keys approved, and texts that come with an alert's own signature. */
export interface SpokenTextsAllowed {
  readonly digests: readonly Sha256[];
  readonly texts: readonly { readonly text: string; readonly language: string }[];
}

/** Digests of the texts that content keys approved. */
export function approvedTextsOf(documents: readonly Adopted[]): ReadonlySet<Sha256> {
  return new Set(
    documents.flatMap(({ body }) => (body.kind === "content" ? body.value.texts.map(({ sha256 }) => sha256) : [])),
  );
}

/** An alert approves its own words, and the sentences that the station adds to it; one that was raised on the spot only the latter. */
export function textsOf(
  documents: readonly Adopted[],
  alerts: readonly HeldEmergency[],
  zone: string,
): SpokenTextsAllowed {
  const digests = [...approvedTextsOf(documents)];
  const texts = alerts.flatMap(({ emergency }) => {
    const added = addedTexts(emergency, zone);
    if (emergency.origin.issuer === LOCAL_ISSUER) return added;
    const { text, language, items } = emergency;
    const own = text === undefined ? [] : [{ text, language }];
    return [...own, ...items.flatMap((item) => (item.kind === "text" ? [item] : [])), ...added];
  });
  return { digests, texts };
}

/** Live sources that may be heard; a more specific address replaces by id. */
export function livePinsOf(documents: readonly Adopted[], chain: readonly string[]): Map<string, LivePin> {
  const pins = bySpecificity(documents, chain).flatMap(({ body }) => (body.kind === "content" ? body.value.live : []));
  return new Map(pins.map((pin) => [pin.id, pin]));
}

export function suspensionsOf(documents: readonly Adopted[]): SuspensionPeriod[] {
  return documents.flatMap(({ body }) => (body.kind === "suspension" ? body.value.periods : []));
}

/** Limits that only the local file may set; remote layers move inside them. */
export interface Limits {
  readonly volumeCeiling: number;
  /** Always quiet, whatever a remote layer says. */
  readonly quietHours: Policy["quietHours"];
  readonly sessionLengthMs?: number | undefined;
  readonly sessionsPerDay?: number | undefined;
}

/** The stricter of two limits; neither is no limit. */
function stricter(remote: number | null, local: number | undefined): number | null {
  const known = [remote, local].filter((limit) => limit !== null && limit !== undefined);
  return known.length === 0 ? null : Math.min(...known);
}

/** Layers in force, the broadest first, under the limits fixed at installation. */
export function policyOf(layers: readonly ConfigBody[], limits: Limits): Policy {
  let policy: Policy = DEFAULT_POLICY;
  for (const layer of layers) {
    const { quietHours, volumeCeiling, volume, emergencyVolume, resumeWithinMs } = layer.policy;
    const { sessionsPerDay, sessionLengthMs, emergencyReserveMs, loudness, duckDb, volumePeriods } = layer.policy;
    policy = {
      quietHours: quietHours ?? policy.quietHours,
      volumeCeiling: volumeCeiling ?? policy.volumeCeiling,
      volume: volume ?? policy.volume,
      emergencyVolume: emergencyVolume ?? policy.emergencyVolume,
      volumePeriods:
        volumePeriods?.map(({ percent, db, ...period }) => ({ ...period, volume: percent ?? percentOf(db ?? 0) })) ??
        policy.volumePeriods,
      resumeWithinMs: resumeWithinMs ?? policy.resumeWithinMs,
      sessionsPerDay: sessionsPerDay ?? policy.sessionsPerDay,
      sessionLengthMs: sessionLengthMs ?? policy.sessionLengthMs,
      emergencyReserveMs: emergencyReserveMs ?? policy.emergencyReserveMs,
      loudness: {
        programmeLufs: loudness?.programmeLufs ?? policy.loudness.programmeLufs,
        emergencyLufs: loudness?.emergencyLufs ?? policy.loudness.emergencyLufs,
        mostBoostDb: loudness?.mostBoostDb ?? policy.loudness.mostBoostDb,
      },
      duck: duckDb ?? policy.duck,
      faces: layer.policy.faces ?? policy.faces,
    };
  }
  return {
    ...policy,
    quietHours: [...policy.quietHours, ...limits.quietHours],
    volumeCeiling: Math.min(policy.volumeCeiling, limits.volumeCeiling),
    sessionsPerDay: stricter(policy.sessionsPerDay, limits.sessionsPerDay),
    sessionLengthMs: stricter(policy.sessionLengthMs, limits.sessionLengthMs),
  };
}

/** An alert with what it is to others. */
export interface Alert {
  readonly msgType: EmergencyBody["msgType"];
  readonly references: readonly string[];
  readonly emergency: Emergency;
}

/** Alerts, updates and cancels as they were adopted. */
export function alertsOf(documents: readonly Adopted[]): Alert[] {
  return documents.flatMap((document) => {
    if (document.body.kind !== "emergency") return [];
    const { msgType, references, ...alert } = document.body.value;
    return [{ msgType, references, emergency: { ...alert, origin: originOf(document) } }];
  });
}
