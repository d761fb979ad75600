/** The documents in force, decoded, and what they add up to: the facts that deciding needs. */
import { type Named, orderBy } from "../playback/agenda/commune-order.ts";
import type { Emergency } from "../playback/model/emergency.ts";
import type { SuspensionPeriod } from "../playback/model/facts.ts";
import type { LivePin } from "../playback/model/live.ts";
import { DEFAULT_POLICY, type Policy } from "../playback/model/policy.ts";
import type { ApprovedMedia, Origin, Programme } from "../playback/model/schedule.ts";
import type { Instant, Sha256 } from "../playback/model/units.ts";
import type { Examined } from "./admission/document.ts";
import type { ConfigBody } from "./contract/config.ts";
import type { EmergencyBody } from "./contract/emergency.ts";

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

/** Everything that may sound: approved by content keys, and by emergency keys for their own alerts. Pinned first. */
export function approvedOf(documents: readonly Adopted[], chain: readonly string[]): Map<Sha256, ApprovedMedia> {
  const merged = new Map<Sha256, ApprovedMedia>();
  for (const { body } of bySpecificity(documents, chain)) {
    if (body.kind === "content") for (const media of body.value.media) merged.set(media.sha256, media);
    if (body.kind === "emergency") {
      for (const media of body.value.media) merged.set(media.sha256, { ...media, pinned: true });
    }
  }
  return new Map([...merged].sort(([, a], [, b]) => Number(b.pinned) - Number(a.pinned)));
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
    const { sessionsPerDay, sessionLengthMs, emergencyReserveMs } = layer.policy;
    policy = {
      quietHours: quietHours ?? policy.quietHours,
      volumeCeiling: volumeCeiling ?? policy.volumeCeiling,
      volume: volume ?? policy.volume,
      emergencyVolume: emergencyVolume ?? policy.emergencyVolume,
      resumeWithinMs: resumeWithinMs ?? policy.resumeWithinMs,
      sessionsPerDay: sessionsPerDay ?? policy.sessionsPerDay,
      sessionLengthMs: sessionLengthMs ?? policy.sessionLengthMs,
      emergencyReserveMs: emergencyReserveMs ?? policy.emergencyReserveMs,
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

export interface Alert {
  readonly body: EmergencyBody;
  readonly emergency: Emergency;
}

/** Alerts, updates and cancels as they were adopted. */
export function alertsOf(documents: readonly Adopted[]): Alert[] {
  return documents.flatMap((document) => {
    if (document.body.kind !== "emergency") return [];
    const body = document.body.value;
    return [{ body, emergency: { ...body, origin: originOf(document) } }];
  });
}
