/**
 * Signed time over plain HTTP, for the board whose clock is so wrong that TLS cannot be judged: a nonce out, a signed `{nonce, time}` back, and
 * before it the root and trust documents that a station which was away for years needs to believe the signature. Nobody has to trust the
 * transport: each document passes the same door as every other.
 */
import { z } from "zod";
import type { Millis } from "../../playback/model/units.ts";
import { MAX_DOCUMENT_BYTES } from "../contract/envelope.ts";

const TIMEOUT: Millis = 10_000;
const MAX_ANSWER = 4 * MAX_DOCUMENT_BYTES;

/** In the order in which they are to be received; the time comes last. */
export const timeAnswer = z.strictObject({
  documents: z.array(z.strictObject({ topic: z.string().max(300), document: z.base64() })).max(64),
});

export interface Delivered {
  readonly topic: string;
  readonly bytes: Buffer;
}

/** From an answer's text to bytes. */
export function delivered(documents: z.infer<typeof timeAnswer>["documents"]): Delivered[] {
  return documents.map(({ topic, document }) => ({ topic, bytes: Buffer.from(document, "base64") }));
}

/** @throws Error where the service cannot be asked, or answers too much or something else */
export async function askForTime(
  url: string,
  station: string,
  nonce: string,
  fetch = globalThis.fetch,
): Promise<Delivered[]> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ station, nonce }),
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (!response.ok || response.body === null) throw new Error(`the time service answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER) throw new Error(`the time service answered more than ${MAX_ANSWER} bytes`);
    chunks.push(chunk);
  }
  const { documents } = timeAnswer.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  return delivered(documents);
}
