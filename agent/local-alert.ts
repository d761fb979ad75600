/**
 * An alert that somebody on the spot raises, with a key or a token, when no network is left. What it says was signed beforehand: the
 * configuration names it, content keys approved its texts and recordings. Pure.
 */
import type { Emergency } from "../playback/model/emergency.ts";
import type { Instant, Sha256 } from "../playback/model/units.ts";
import type { Alert } from "./adopted.ts";
import type { ReadLayer } from "./config/read-layers.ts";
import { nearestSigned, type SignedPolicy } from "./config/signed-policy.ts";
import type { ConfigBody } from "./contract/config.ts";

export const LOCAL_ISSUER = "local";

/** Kept over restarts: who turns the key expects the siren, also when the power failed meanwhile. */
export interface RaisedAlert {
  readonly identifier: string;
  readonly sent: Instant;
  readonly by: string;
  /** No clock could be trusted then: `sent` says nothing of its age. */
  readonly undated?: true;
}

type LocalAlertPolicy = NonNullable<ConfigBody["policy"]["localAlert"]>;

/** The nearest signed layer that allows one; a technician's own layer never does. */
export function localAlertPolicy(layers: readonly ReadLayer[]): SignedPolicy<LocalAlertPolicy> | null {
  return nearestSigned(layers, ({ localAlert }) => localAlert);
}

/** `mark` tells two of the same time apart: a clock that nobody trusts may stand still, and what sounded once never sounds again. */
export function raisedIdentifier(at: Instant, mark: string): string {
  return `local-${new Date(at).toISOString().replace(/[-:]|\.\d+/g, "")}-${mark}`;
}

/** Digests of what it plays: they must lie here before anybody turns the key. */
export function localAlertMedia(layers: readonly ReadLayer[]): ReadonlySet<Sha256> {
  return new Set(localAlertPolicy(layers)?.policy.items.map(({ sha256 }) => sha256));
}

/** The alert as deciding knows it; `issuedAt` is when it began by the clock of now, `null` while nobody knows. */
export function localAlert(
  { identifier, sent }: RaisedAlert,
  { policy, address, sha256 }: SignedPolicy<LocalAlertPolicy>,
  issuedAt: Instant | null,
): Alert {
  const { headline, language, text, items, longestMs, volume, outputs } = policy;
  const emergency: Emergency = {
    ...{
      identifier,
      sent,
      issuedAt,
      status: "actual",
      severity: "extreme",
      headline,
      language,
      text,
      items,
      volume,
      outputs,
    },
    repeat: { rounds: 0, gapMs: policy.gapMs },
    expires: (issuedAt ?? sent) + longestMs,
    longestMs,
    origin: { issuer: LOCAL_ISSUER, adoptedAt: sent, address, documentSha256: sha256, keys: [] },
  };
  return { emergency, references: [], msgType: "alert" };
}
