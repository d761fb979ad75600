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
const PLAIN: readonly DocumentKind[] = ["trust", "config", "suspension", "release", "command", "time", "ack"];

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

/** A filter and how a station asks for it. */
export interface Subscription {
  readonly filter: string;
  /** 1: the broker keeps what comes while the station is away. 0: it does not. */
  readonly qos: 0 | 1;
  /** Stands retained and cannot wait for the next connection: without the broker's queue it is also asked for in between. */
  readonly urgent?: true;
}

/**
 * What a station subscribes to: everything below each of its addresses but what it publishes itself. Few filters, because a broker may keep
 * a consumer for each, and a fleet has tens of thousands.
 */
export function subscriptions(addresses: readonly Address[]): Subscription[] {
  return addresses
    .flatMap((address) => [
      `${ROOT}/${address}/+`,
      ...(address.startsWith("station/")
        ? DETAILED.map((kind) => downlinkTopic(kind, address, "+"))
        : [`${ROOT}/${address}/+/+`]),
    ])
    .map((filter) => ({ filter, qos: 1 }));
}

/**
 * The same topics for a broker of MQTT 3.1.1, which may replicate every subscription of QoS 1 as a log of its own. It need not keep anything:
 * what stands retained comes with every subscription, and the source sends a command again until it is answered or has ended. No two filters
 * match the same topic, so nothing comes twice.
 */
export function unqueuedSubscriptions(addresses: readonly Address[]): Subscription[] {
  return addresses.flatMap((address): Subscription[] => [
    { filter: `${ROOT}/${address}/+`, qos: 0 },
    ...DETAILED.map((kind): Subscription => {
      const filter = downlinkTopic(kind, address, "+");
      return kind === "emergency" ? { filter, qos: 0, urgent: true } : { filter, qos: 0 };
    }),
  ]);
}

export type UplinkKind = "birth" | "health" | "events";
export function uplinkTopic(station: string, kind: UplinkKind): string {
  return `${ROOT}/station/${station}/up/${kind}`;
}
