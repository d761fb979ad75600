/** What the source answers: signed time to the nonce of a birth, and the signed cumulative acknowledgement of events. */
import { z } from "zod";
import { identifier, instant } from "./primitives.ts";

export const timeBody = z.strictObject({
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  time: instant,
  /** Newest sequence per document key, so that a withheld document is noticed. */
  versions: z.record(z.string().max(200), z.int().min(1)).default({}),
});
export type TimeBody = z.infer<typeof timeBody>;

/** Every event of this stream up to and including this sequence is stored at the source. A stream is one life of a station's database. */
export const ackBody = z.strictObject({
  station: identifier,
  stream: z.string().min(1).max(64),
  events: z.int().min(0),
  /** The source keeps the journal up to this record: the station may prune what lies before it. */
  checkpoint: z.strictObject({ seq: z.int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
  /** The countersignature of an installation: the source keeps the digest of this acceptance record (its exact bytes), since when. */
  acceptance: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), at: instant }).optional(),
});
export type AckBody = z.infer<typeof ackBody>;

export const releaseBody = z.strictObject({
  version: z.string().max(40),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  url: z.url().max(2_000),
});
