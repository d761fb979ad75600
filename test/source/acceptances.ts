/** Acceptances as stations report them, and as the province keeps and countersigns them. */
import { z } from "zod";
import type { StationEvent } from "./history.ts";

/** What stands in an `ack`: the record's digest, and since when it is kept. */
export interface KeptAcceptance {
  readonly sha256: string;
  /** RFC 3339. */
  readonly at: string;
}

const record = z.object({
  kind: z.literal("acceptance"),
  body: z.object({ recordSha256: z.string().regex(/^[0-9a-f]{64}$/) }),
});

/** The digest of the newest acceptance that these events tell of; `null` where none does. */
export function acceptanceIn(told: readonly StationEvent[]): string | null {
  let newest: string | null = null;
  for (const event of told) {
    if (event.class !== "result") continue;
    const { success, data } = record.safeParse(parsed(event.record.text));
    if (success) newest = data.body.recordSha256;
  }
  return newest;
}

/** Text of a journal record, which a lying station may fill with anything. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
