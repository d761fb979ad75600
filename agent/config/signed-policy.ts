/** What only a signed configuration may allow on the spot: a technician's own layer never counts. Pure. */
import { parseSha256, type Sha256 } from "../../playback/model/units.ts";
import type { ConfigBody } from "../contract/config.ts";
import { LOCAL } from "./generations.ts";
import type { ReadLayer } from "./read-layers.ts";

export interface SignedPolicy<Policy> {
  readonly policy: Policy;
  /** Whose layer it is, and the document it stands in. */
  readonly address: string;
  readonly sha256: Sha256;
}

/** What the nearest signed layer says that says it; `null` where none does. */
export function nearestSigned<Policy>(
  layers: readonly ReadLayer[],
  pick: (policy: ConfigBody["policy"]) => Policy | undefined,
): SignedPolicy<Policy> | null {
  for (const { address, sha256, body } of [...layers].reverse()) {
    const digest = parseSha256(sha256);
    const policy = pick(body.policy);
    if (policy !== undefined && address !== LOCAL && digest !== null) return { policy, address, sha256: digest };
  }
  return null;
}
