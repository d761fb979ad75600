/** Whether the good signatures carry a document: the role, a delegation that reaches so far, its issuer's name, its threshold. Pure. */
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { SIGNED_BY } from "../contract/bodies.ts";
import type { Claims } from "../contract/envelope.ts";
import type { Keyring } from "../keyring.ts";
import type { Authority, Body } from "./document.ts";
import { beyondScope, limitsOf } from "./scope.ts";

/** Of the thumbprints that signed, those that stand in the set. */
export function counted(good: ReadonlySet<string>, prints: ReadonlySet<string>): string[] {
  return [...good].filter((thumbprint) => prints.has(thumbprint));
}

/** Root's own threshold, for the kinds that root signs itself. */
export function byRoot(good: ReadonlySet<string>, root: Keyring["root"], who = "root"): Authority | Refusal {
  const keys = counted(good, root.thumbprints);
  if (keys.length >= root.threshold) return { keys };
  return refusal("threshold-not-reached", `${who}: ${keys.length} of ${root.threshold} distinct keys signed`);
}

/** The authority behind a document that came by `address`, or the nearest reason why there is none. */
export function authorise(
  claims: Claims,
  body: Body,
  address: string,
  good: ReadonlySet<string>,
  station: { readonly keyring: Keyring; readonly chain: readonly string[] },
): Authority | Refusal {
  const role = SIGNED_BY[body.kind];
  const { keyring, chain } = station;
  if (role === "root") return byRoot(good, keyring.root);
  const holding = keyring.delegations
    .filter((delegation) => delegation.role === role)
    .map((delegation) => ({ delegation, keys: counted(good, delegation.thumbprints) }))
    .filter(({ keys }) => keys.length > 0);
  if (holding.length === 0) return refusal("out-of-scope", `no key that signed holds the role '${role}'`);
  // Results, numbers and limits are kept by issuer: nobody may speak in another's name.
  const named = holding.filter(({ delegation }) => delegation.issuer === claims.iss);
  if (named.length === 0) return refusal("out-of-scope", `signed in the name of '${claims.iss}' by another's key`);
  const refusals: Refusal[] = [];
  for (const { delegation, keys } of named) {
    const beyond = beyondScope(delegation.scope, body, address, chain);
    if (beyond !== null) refusals.push(refusal("out-of-scope", `'${claims.iss}' may not ${beyond}`));
    else if (keys.length >= delegation.threshold) return { keys, limits: limitsOf(delegation.scope) };
    else {
      const short = `${role}: ${keys.length} of ${delegation.threshold} distinct keys signed`;
      // In scope and too few came nearest.
      refusals.unshift(refusal("threshold-not-reached", short));
    }
  }
  return refusals[0] ?? refusal("out-of-scope", `'${claims.iss}' holds no such delegation`);
}
