/**
 * The one door for signed documents, from any transport: size → envelope → signature → audience → role and scope → sequence → expiry → policy.
 * The first check that fails is the reason. It changes nothing; adopting is the caller's.
 */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { probeRule } from "../../playback/agenda/rrule.ts";
import type { ClockTrust } from "../../playback/model/clock-trust.ts";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import type { Instant, Sha256 } from "../../playback/model/units.ts";
import { BODIES, SIGNED_BY } from "../contract/bodies.ts";
import {
  type Claims,
  claims as claimsSchema,
  type DocumentKind,
  type Envelope,
  envelope as envelopeSchema,
  MAX_DOCUMENT_BYTES,
  protectedHeader,
} from "../contract/envelope.ts";
import type { DownlinkTopic } from "../contract/topics.ts";
import { covers } from "../identity.ts";
import { isCanonicalBase64url, type Keyring } from "../keyring.ts";
import { parseStrictJson } from "../strict-json.ts";

/** Which document: the key under which numbers only go up. */
export interface DocumentKey {
  readonly kind: DocumentKind;
  readonly level: string;
  readonly address: string;
  readonly identifier: string;
}

/** A document that passed; its body is typed by its kind. */
export type Body = {
  [Kind in DocumentKind]: { readonly kind: Kind; readonly value: z.infer<(typeof BODIES)[Kind]> };
}[DocumentKind];

export interface Examined {
  readonly key: DocumentKey;
  readonly claims: Claims;
  readonly body: Body;
  readonly sha256: Sha256;
  readonly bytes: Buffer;
  /** Thumbprints that counted. */
  readonly keys: readonly string[];
}

export interface Examiner {
  readonly keyring: Keyring;
  /** The station's own addresses, broadest first. */
  readonly chain: readonly string[];
  readonly zone: string;
  readonly now: Instant;
  readonly trust: ClockTrust;
  /** Highest number adopted and its digest, or `null`. */
  readonly newest: (key: DocumentKey) => { seq: number; sha256: Sha256 } | null;
  /** Whether a command was begun before: then its stored result answers, whatever its expiry says. */
  readonly known: (issuer: string, jti: string) => Promise<boolean>;
  /** At a restart an adopted document passes again; its number and its expiry were judged when it came. */
  readonly adopted: boolean;
}

const issues = (error: z.ZodError) =>
  error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join(".") || "(root)"}: ${issue.message}`)
    .join("; ");

function openEnvelope(bytes: Buffer): Envelope | Refusal {
  let value: unknown;
  try {
    value = parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    return refusal("malformed", `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = envelopeSchema.safeParse(value);
  if (!parsed.success) return refusal("malformed", `envelope: ${issues(parsed.error)}`);
  const { payload, signatures } = parsed.data;
  const parts = [payload, ...signatures.flatMap((one) => [one.protected, one.signature])];
  if (!parts.every(isCanonicalBase64url)) return refusal("malformed", "envelope: base64url is not canonical");
  for (const signature of signatures) {
    try {
      const header = protectedHeader.safeParse(
        parseStrictJson(Buffer.from(signature.protected, "base64url").toString("utf8")),
      );
      if (!header.success) return refusal("malformed", `protected header: ${issues(header.error)}`);
    } catch (error) {
      return refusal("malformed", `protected header: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return parsed.data;
}

function openPayload(envelope: Envelope): { claims: Claims; body: Body } | Refusal {
  let value: unknown;
  try {
    value = parseStrictJson(
      new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(envelope.payload, "base64url")),
    );
  } catch (error) {
    return refusal("malformed", `payload: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = claimsSchema.safeParse(value);
  if (!parsed.success) return refusal("malformed", `claims: ${issues(parsed.error)}`);
  const body = BODIES[parsed.data.kind].safeParse(parsed.data.body);
  if (!body.success) return refusal("malformed", `body: ${issues(body.error)}`);
  return { claims: parsed.data, body: { kind: parsed.data.kind, value: body.data } as Body };
}

/** Level or identifier that stands in the topic must be the one that was signed. */
function detailOf(body: Body): string {
  if (body.kind === "content" || body.kind === "schedule") return body.value.level;
  if (body.kind === "root") return String(body.value.version);
  return body.kind === "emergency" ? body.value.identifier : "";
}

/** What a delegation's scope must hold for this document. */
function needs(body: Body): { levels: readonly string[]; classes: readonly string[] } {
  if (body.kind === "schedule") {
    return {
      levels: [body.value.level],
      classes: [...new Set(body.value.programmes.map((programme) => programme.class))],
    };
  }
  if (body.kind === "content") return { levels: [body.value.level], classes: [] };
  return { levels: [], classes: body.kind === "emergency" ? ["emergency"] : [] };
}

/** The counted keys, or why the signatures do not carry the document. */
function authorise(
  body: Body,
  address: string,
  good: ReadonlySet<string>,
  examiner: Examiner,
): readonly string[] | Refusal {
  const role = SIGNED_BY[body.kind];
  const { keyring, chain } = examiner;
  const count = (prints: ReadonlySet<string>) => [...good].filter((thumbprint) => prints.has(thumbprint));
  if (role === "root") {
    const counted = count(keyring.root.thumbprints);
    if (counted.length >= keyring.root.threshold) return counted;
    return refusal(
      "threshold-not-reached",
      `root: ${counted.length} of ${keyring.root.threshold} distinct keys signed`,
    );
  }
  const { levels, classes } = needs(body);
  let nearest: Refusal = refusal("out-of-scope", `no key that signed holds the role '${role}'`);
  for (const delegation of keyring.delegations) {
    const counted = count(delegation.thumbprints);
    if (delegation.role !== role || counted.length === 0) continue;
    const inScope =
      covers(delegation.scope.addresses, address, chain) &&
      levels.every((level) => delegation.scope.levels.some((allowed) => allowed === level)) &&
      classes.every((name) => delegation.scope.classes.some((allowed) => allowed === name));
    if (!inScope) {
      nearest = refusal("out-of-scope", `'${delegation.issuer}' may not sign this ${body.kind} for ${address}`);
    } else if (counted.length < delegation.threshold) {
      return refusal(
        "threshold-not-reached",
        `${role}: ${counted.length} of ${delegation.threshold} distinct keys signed`,
      );
    } else return counted;
  }
  return nearest;
}

function checkSequence(key: DocumentKey, seq: number, sha256: Sha256, examiner: Examiner): Refusal | null {
  if (examiner.adopted || key.kind === "command" || key.kind === "time" || key.kind === "ack") return null;
  const newest = examiner.newest(key);
  if (newest === null || seq > newest.seq) return null;
  if (seq === newest.seq && sha256 === newest.sha256) return refusal("duplicate", "adopted already");
  return refusal("older", `number ${seq} is not above the adopted ${newest.seq}`);
}

function checkExpiry(claims: Claims, body: Body, examiner: Examiner): Refusal | null {
  // Under `floor` the wall clock is a lower bound: what it has passed is over. Under `unknown` it says nothing.
  if (examiner.adopted || examiner.trust === "unknown") return null;
  if (claims.exp <= examiner.now) return refusal("expired", `expired at ${new Date(claims.exp).toISOString()}`);
  if (body.kind === "emergency" && body.value.expires <= examiner.now) {
    return refusal("expired", `the alert ended at ${new Date(body.value.expires).toISOString()}`);
  }
  return null;
}

function checkPolicy(body: Body, examiner: Examiner): Refusal | null {
  if (body.kind === "root") return refusal("unsupported", "this version does not rotate root keys");
  if (body.kind === "schedule") {
    for (const programme of body.value.programmes) {
      const problem = probeRule(programme.recurrence, examiner.zone);
      if (problem !== null) return refusal("policy", `programme '${programme.id}': ${problem}`);
    }
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
  if (!claims.aud.some((audience) => audience === topic.address) || !examiner.chain.includes(topic.address)) {
    return refusal("wrong-audience", `signed for ${claims.aud.join(", ")}, received for ${topic.address}`);
  }
  const detail = detailOf(body);
  if (claims.kind !== topic.kind || detail !== topic.detail) {
    return refusal("wrong-audience", `signed as ${claims.kind} ${detail}, received as ${topic.kind} ${topic.detail}`);
  }
  const keys = authorise(body, topic.address, good, examiner);
  if ("reason" in keys) return keys;
  const sha256 = createHash("sha256").update(bytes).digest("hex") as Sha256;
  const key: DocumentKey = {
    kind: claims.kind,
    level: claims.kind === "emergency" || claims.kind === "root" ? "" : detail,
    address: topic.address,
    identifier: claims.kind === "emergency" ? detail : "",
  };
  if (claims.kind === "command" && (await examiner.known(claims.iss, claims.jti))) {
    return { key, claims, body, sha256, bytes, keys };
  }
  const refused =
    checkSequence(key, claims.seq, sha256, examiner) ??
    checkExpiry(claims, body, examiner) ??
    (examiner.adopted ? null : checkPolicy(body, examiner));
  return refused ?? { key, claims, body, sha256, bytes, keys };
}
