/** Bytes to envelope, envelope to claims: strictly, so that two readers can never read two documents. Nothing here trusts a signature. */

import type { z } from "zod";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { messageOf } from "../../playback/model/station-error.ts";
import { BODIES } from "../contract/bodies.ts";
import {
  type Claims,
  claims as claimsSchema,
  type Envelope,
  envelope as envelopeSchema,
  protectedHeader,
} from "../contract/envelope.ts";
import { isCanonicalBase64url } from "../keyring.ts";
import { parseStrictJson } from "../strict-json.ts";
import type { Body } from "./document.ts";

const issues = (error: z.ZodError) =>
  error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join(".") || "(root)"}: ${issue.message}`)
    .join("; ");

const utf8 = (bytes: Buffer) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

function parse(what: string, bytes: Buffer): { value: unknown } | Refusal {
  try {
    return { value: parseStrictJson(utf8(bytes)) };
  } catch (error) {
    return refusal("malformed", `${what}: ${messageOf(error)}`);
  }
}

/** The envelope, its headers checked, or why it is none. */
export function openEnvelope(bytes: Buffer): Envelope | Refusal {
  const json = parse("not JSON", bytes);
  if ("reason" in json) return json;
  const parsed = envelopeSchema.safeParse(json.value);
  if (!parsed.success) return refusal("malformed", `envelope: ${issues(parsed.error)}`);
  const { payload, signatures } = parsed.data;
  const parts = [payload, ...signatures.flatMap((one) => [one.protected, one.signature])];
  if (!parts.every(isCanonicalBase64url)) return refusal("malformed", "envelope: base64url is not canonical");
  const signers = new Set<string>();
  for (const signature of signatures) {
    const opened = parse("protected header", Buffer.from(signature.protected, "base64url"));
    if ("reason" in opened) return opened;
    const header = protectedHeader.safeParse(opened.value);
    if (!header.success) return refusal("malformed", `protected header: ${issues(header.error)}`);
    // A key that signs twice says nothing more, and gives one document several spellings. Source: TUF 1.0 §4.2.
    if (signers.has(header.data.kid)) return refusal("malformed", "envelope: one key signs twice");
    signers.add(header.data.kid);
  }
  return parsed.data;
}

/** What the envelope says. Whether it may say so is asked elsewhere. */
export function openPayload(envelope: Envelope): { claims: Claims; body: Body } | Refusal {
  const json = parse("payload", Buffer.from(envelope.payload, "base64url"));
  if ("reason" in json) return json;
  const parsed = claimsSchema.safeParse(json.value);
  if (!parsed.success) return refusal("malformed", `claims: ${issues(parsed.error)}`);
  const body = BODIES[parsed.data.kind].safeParse(parsed.data.body);
  if (!body.success) return refusal("malformed", `body: ${issues(body.error)}`);
  return { claims: parsed.data, body: { kind: parsed.data.kind, value: body.data } as Body };
}
