/**
 * Takes secrets out of whatever leaves the station for somebody's eyes: by the name they stand under where there is a structure, by their shape
 * everywhere. Pure. Rather too much than too little: what is taken out can be asked for, what has left cannot be called back.
 */
import { withoutSecrets } from "../../playback/model/live.ts";

export const HIDDEN = "(hidden)";
/** Names under which secrets stand, in configuration, status and logs. */
const SECRET =
  /^(?:.*(?:password|passwd|secret|token|claim|privatekey|apikey|authorization|credential)s?|key|pin|request|psk)$/i;
/** Beside them, names that only look so. */
const PUBLIC = /^(?:keys|officerTokens?Set)$/;

const PEM = /-----BEGIN [A-Z0-9 ]*(?:PRIVATE KEY|CERTIFICATE REQUEST)-----[\s\S]*?(?:-----END [A-Z0-9 ]*-----|$)/g;
const NAMED =
  /((?:password|passwd|secret|token|claim|privatekey|apikey|authorization)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|\S+(?:\s+\S+)?(?=\s*$)|[^\s,;}]+)/gim;
const HASH = /scrypt:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+/g;
const BEARER = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/g;

/** Text of any kind. */
export function redactText(text: string): string {
  return withoutSecrets(text.replaceAll(PEM, HIDDEN))
    .replaceAll(HASH, HIDDEN)
    .replaceAll(BEARER, `$1 ${HIDDEN}`)
    .replaceAll(NAMED, `$1${HIDDEN}`);
}

/** A structure, as deep as it goes. */
export function redact(value: unknown): unknown {
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const secret = SECRET.test(name) && !PUBLIC.test(name) && typeof inner === "string" && inner !== "";
      return [name, secret ? HIDDEN : redact(inner)];
    }),
  );
}
