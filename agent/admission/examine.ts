/**
 * The one door for signed documents, from any transport: size → envelope → signature → audience → role and scope → sequence → expiry → policy.
 * The first check that fails is the reason. It changes nothing; adopting is the caller's. A new root has a door of its own (`root-door.ts`),
 * because it is signed by keys that nobody knows yet.
 */
import { probeRule } from "../../playback/agenda/rrule.ts";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { type Claims, MAX_DOCUMENT_BYTES } from "../contract/envelope.ts";
import type { DownlinkTopic } from "../contract/topics.ts";
import { keyProblem } from "../keyring.ts";
import { sha256Of } from "../sha256.ts";
import { authorise } from "./authority.ts";
import { type Body, detailOf, type Examined, type Examiner, keyOf } from "./document.ts";
import { openEnvelope, openPayload } from "./envelope-opening.ts";
import { checkCommandOrder, checkExpiry, checkSequence } from "./freshness.ts";

/** What was signed must be for this station, and must be what the unsigned topic says. */
export function checkAudience(
  topic: DownlinkTopic,
  claims: Claims,
  body: Body,
  chain: readonly string[],
): Refusal | null {
  if (!claims.aud.some((audience) => audience === topic.address) || !chain.includes(topic.address)) {
    return refusal("wrong-audience", `signed for ${claims.aud.join(", ")}, received for ${topic.address}`);
  }
  const detail = detailOf(body);
  if (claims.kind === topic.kind && detail === topic.detail) return null;
  return refusal(
    "wrong-audience",
    `signed as ${claims.kind} ${detail}, received as ${topic.kind} ${topic.detail}`.trim(),
  );
}

async function checkPolicy(body: Body, zone: string): Promise<Refusal | null> {
  if (body.kind === "trust") {
    const problem = await keyProblem(body.value.delegations);
    return problem === null ? null : refusal("policy", problem);
  }
  if (body.kind !== "schedule") return null;
  const { programmes, playlists } = body.value;
  for (const { id, recurrence } of [...programmes, ...playlists]) {
    const problem = probeRule(recurrence, zone);
    if (problem !== null) return refusal("policy", `'${id}': ${problem}`);
  }
  return null;
}

/** @returns the document, or the first reason against it */
export async function examine(topic: DownlinkTopic, bytes: Buffer, examiner: Examiner): Promise<Examined | Refusal> {
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    return refusal("too-large", `${bytes.length} bytes; at most ${MAX_DOCUMENT_BYTES} are read`);
  }
  const envelope = openEnvelope(bytes);
  if ("reason" in envelope) return envelope;
  const good = await examiner.keyring.verify(envelope);
  if (good.size === 0) return refusal("bad-signature", "no signature by a key that this station trusts is good");
  const opened = openPayload(envelope);
  if ("reason" in opened) return opened;
  const { claims, body } = opened;
  const misdirected = checkAudience(topic, claims, body, examiner.chain);
  if (misdirected !== null) return misdirected;
  const authority = authorise(claims, body, topic.address, good, examiner);
  if ("reason" in authority) return authority;
  const document: Examined = {
    key: keyOf(body, topic.address),
    claims,
    body,
    sha256: sha256Of(bytes),
    bytes,
    ...authority,
  };
  if (claims.kind === "command" && (await examiner.known(claims.iss, claims.jti))) return document;
  const refused =
    checkSequence(document.key, claims.seq, document.sha256, examiner) ??
    checkCommandOrder(claims, topic.address, examiner) ??
    checkExpiry(document, examiner) ??
    (examiner.adopted ? null : await checkPolicy(body, examiner.zone));
  return refused ?? document;
}
