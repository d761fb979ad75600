/**
 * An alert that somebody on the spot raises, with a key or a token, when no network is left. What it says was signed beforehand: the
 * configuration names it, content keys approved its texts and recordings. Pure.
 */
import type { Emergency } from "../playback/model/emergency.ts";
import type { Instant } from "../playback/model/units.ts";
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
}

type LocalAlertPolicy = NonNullable<ConfigBody["policy"]["localAlert"]>;

/** The nearest signed layer that allows one; a technician's own layer never does. */
export function localAlertPolicy(layers: readonly ReadLayer[]): SignedPolicy<LocalAlertPolicy> | null {
  return nearestSigned(layers, ({ localAlert }) => localAlert);
}

export function raisedIdentifier(at: Instant): string {
  return `local-${new Date(at).toISOString().replace(/[-:]|\.\d+/g, "")}`;
}

/** The alert as deciding knows it. */
export function localAlert(
  { identifier, sent }: RaisedAlert,
  { policy, address, sha256 }: SignedPolicy<LocalAlertPolicy>,
): Alert {
  const { headline, language, text, items, longestMs, volume, outputs } = policy;
  const emergency: Emergency = {
    ...{ identifier, sent, status: "actual", severity: "extreme", headline, language, text, items, volume, outputs },
    repeat: { rounds: 0, gapMs: policy.gapMs },
    expires: sent + longestMs,
    longestMs,
    origin: { issuer: LOCAL_ISSUER, adoptedAt: sent, address, documentSha256: sha256, keys: [] },
  };
  return { emergency, references: [], msgType: "alert" };
}
