/** Who this agent is: its own addresses, from the broadest to the narrowest. */
import type { Address } from "./contract/primitives.ts";

export interface Identity {
  readonly station: string;
  readonly commune: string;
  readonly hamlet?: string | undefined;
  readonly province: string;
  /** IANA name. */
  readonly zone: string;
}

/** `all`, the province, the commune, the hamlet where there is one, the station: the order in which layers merge and scopes cover. */
export function addressesOf(identity: Identity): readonly Address[] {
  const { province, commune, hamlet, station } = identity;
  return [
    "all",
    `province/${province}`,
    `commune/${commune}`,
    ...(hamlet === undefined ? [] : [`hamlet/${commune}-${hamlet}` as const]),
    `station/${station}`,
  ];
}

/**
 * Whether one of `scope` reaches `address`, seen from this station: a broader address of its own chain covers the narrower ones.
 */
export function covers(scope: readonly string[], address: string, chain: readonly string[]): boolean {
  const index = chain.indexOf(address);
  return index >= 0 && chain.slice(0, index + 1).some((broader) => scope.includes(broader));
}
