/** Topics of contract version 1, built and read in one place. */
import type { DocumentKind } from "./envelope.ts";
import type { Address } from "./primitives.ts";

const ROOT = "loa/v1";

/** Which part of the topic a document came by; the claims inside must agree with it. */
export interface DownlinkTopic {
  readonly kind: DocumentKind;
  readonly address: string;
  /** Level of content and schedules, identifier of an emergency, version of a root document, else empty. */
  readonly detail: string;
}

/** Kinds whose topic says more behind the kind. */
export const DETAILED: readonly DocumentKind[] = ["root", "content", "schedule", "emergency"];
const PLAIN: readonly DocumentKind[] = ["trust", "config", "suspension", "command", "release", "time", "ack"];

export function downlinkTopic(kind: DocumentKind, address: Address, detail = ""): string {
  return [ROOT, address, kind, ...(detail === "" ? [] : [detail])].join("/");
}

/** `null` where the topic is none of the contract's. */
export function parseDownlinkTopic(topic: string): DownlinkTopic | null {
  const match = /^loa\/v1\/(all|(?:province|commune|hamlet|station)\/[^/]+)\/([a-z]+)(?:\/([^/]+))?$/.exec(topic);
  const [, address, name, detail = ""] = match ?? [];
  if (address === undefined || name === undefined) return null;
  const kind = [...DETAILED, ...PLAIN].find((candidate) => candidate === name);
  if (kind === undefined || DETAILED.includes(kind) !== (detail !== "")) return null;
  return { kind, address, detail };
}

/**
 * What a station subscribes to: everything below each of its addresses but what it publishes itself. Few filters, because a broker may keep
 * a consumer for each, and a fleet has tens of thousands.
 */
export function subscriptions(addresses: readonly Address[]): string[] {
  return addresses.flatMap((address) => [
    `${ROOT}/${address}/+`,
    ...(address.startsWith("station/")
      ? DETAILED.map((kind) => downlinkTopic(kind, address, "+"))
      : [`${ROOT}/${address}/+/+`]),
  ]);
}

export type UplinkKind = "birth" | "health" | "events";
export function uplinkTopic(station: string, kind: UplinkKind): string {
  return `${ROOT}/station/${station}/up/${kind}`;
}
