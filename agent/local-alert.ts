/**
 * An alert that somebody on the spot raises, with a key or a token, when no network is left. What it says was signed beforehand: the
 * configuration names it, content keys approved its texts and recordings. Pure.
 */
import type { Emergency } from "../playback/model/emergency.ts";
import { type Instant, parseSha256, type Sha256 } from "../playback/model/units.ts";
import type { Alert } from "./adopted.ts";
import { LOCAL } from "./config/generations.ts";
import type { ReadLayer } from "./config/read-layers.ts";
import type { ConfigBody } from "./contract/config.ts";

export const LOCAL_ISSUER = "local";

/** Kept over restarts: who turns the key expects the siren, also when the power failed meanwhile. */
export interface RaisedAlert {
  readonly identifier: string;
  readonly sent: Instant;
  readonly by: string;
}

type LocalAlertPolicy = NonNullable<ConfigBody["policy"]["localAlert"]>;

interface SignedPolicy {
  readonly policy: LocalAlertPolicy;
  readonly address: string;
  readonly sha256: Sha256;
}

/** The nearest signed layer that allows one; a technician's own layer never does. */
export function localAlertPolicy(layers: readonly ReadLayer[]): SignedPolicy | null {
  for (const { address, sha256, body } of [...layers].reverse()) {
    const digest = parseSha256(sha256);
    const { localAlert } = body.policy;
    if (localAlert !== undefined && address !== LOCAL && digest !== null) {
      return { policy: localAlert, address, sha256: digest };
    }
  }
  return null;
}

export function raisedIdentifier(at: Instant): string {
  return `local-${new Date(at).toISOString().replace(/[-:]|\.\d+/g, "")}`;
}

/** The alert as deciding knows it. */
export function localAlert({ identifier, sent }: RaisedAlert, { policy, address, sha256 }: SignedPolicy): Alert {
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
