/** Whether what sounds may sound on: by the documents in force at this moment, not by what the cache still holds. Pure. */
import type { Facts } from "./model/facts.ts";
import { type Refusal, refusal } from "./model/refusal.ts";
import type { Item } from "./model/schedule.ts";
import type { SlotHeader } from "./ports/play-log.ts";
import { textDigest } from "./sound/text-digest.ts";

/** An alert approves its own words, and ends with its signature; a live source looks after its own pin. */
export function isApproved(item: Item, { kind }: SlotHeader, { approved, texts }: Facts): boolean {
  if (item.kind === "media") return approved.has(item.sha256);
  return item.kind !== "text" || kind === "emergency" || texts.has(textDigest(item.text));
}

export const WITHDRAWN: Refusal = refusal("digest-not-approved", "its approval was withdrawn while it sounded");
