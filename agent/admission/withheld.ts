/**
 * What the source has signed as newest and the broker has not brought. A frozen station looks well to itself; only the source's own list of
 * versions, bound to the nonce of this session, tells. Pure. Source: freeze attack, TUF 1.0 §1.5.2.
 */
import { type DownlinkTopic, parseDownlinkTopic } from "../contract/topics.ts";
import type { DocumentKey } from "./document.ts";

export interface Withheld {
  /** Topic below the contract's root, such as `commune/00004/schedule/commune`. */
  readonly document: string;
  readonly named: number;
  /** `null` where the station never had any. */
  readonly adopted: number | null;
}

/** More are not looked at: a station has a few dozen documents. */
const MOST = 1_000;
const NOT_KEPT: readonly string[] = ["command", "time", "ack", "release"];

function keyOf({ kind, address, detail }: DownlinkTopic): DocumentKey {
  const named = kind === "emergency" || kind === "root";
  return { kind, address, level: named ? "" : detail, identifier: named ? detail : "" };
}

/** `versions`: document → newest number, as `time` says it. `chain`: the station's own addresses. */
export function withheldOf(
  versions: Readonly<Record<string, number>>,
  chain: readonly string[],
  adoptedOf: (key: DocumentKey) => number | null,
): Withheld[] {
  return Object.entries(versions)
    .slice(0, MOST)
    .flatMap(([document, named]) => {
      const topic = parseDownlinkTopic(`loa/v1/${document}`);
      if (topic === null || NOT_KEPT.includes(topic.kind) || !chain.includes(topic.address)) return [];
      const adopted = adoptedOf(keyOf(topic));
      return adopted !== null && adopted >= named ? [] : [{ document, named, adopted }];
    });
}
