/**
 * Numbers and dates: what is older, what has expired. Pure. A clock that may be wrong expires nothing: only an instant that is surely past
 * does.
 */
import { isTrusted } from "../../playback/model/clock-trust.ts";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import type { Sha256 } from "../../playback/model/units.ts";
import type { Claims } from "../contract/envelope.ts";
import type { DocumentKey, Examined, Examiner } from "./document.ts";

const UNNUMBERED: readonly string[] = ["command", "time", "ack"];

/** Documents of one key only go up. */
export function checkSequence(key: DocumentKey, seq: number, sha256: Sha256, examiner: Examiner): Refusal | null {
  if (examiner.adopted || UNNUMBERED.includes(key.kind)) return null;
  const newest = examiner.newest(key);
  if (newest === null || seq > newest.seq) return null;
  if (seq === newest.seq && sha256 === newest.sha256) return refusal("duplicate", "adopted already");
  if (seq === newest.seq && sha256 === newest.mendedBy) return null;
  return refusal("older", `number ${seq} is not above the adopted ${newest.seq}`);
}

/**
 * Without a time that can be believed a command's expiry says little: then only one that is newer than the last of its issuer at this
 * address counts, and where none is known, none. Source: yesterday's queue of "play now" is an attack.
 */
export function checkCommandOrder(claims: Claims, address: string, examiner: Examiner): Refusal | null {
  if (claims.kind !== "command" || isTrusted(examiner.trust)) return null;
  const last = examiner.lastCommand(claims.iss, address);
  if (last !== null && claims.seq > last) return null;
  const why = last === null ? "and no earlier command is known" : `and number ${claims.seq} is not above ${last}`;
  return refusal("clock-not-trusted", `whether it has expired cannot be known, ${why}: send it again`);
}

/** Expiry stops adoption, never playing. */
export function checkExpiry({ claims, body, key, sha256 }: Examined, examiner: Examiner): Refusal | null {
  const { adopted, surelyPast } = examiner;
  // What the card has damaged was adopted in its time.
  if (adopted || surelyPast === null || examiner.newest(key)?.mendedBy === sha256) return null;
  if (claims.exp <= surelyPast) return refusal("expired", `expired at ${new Date(claims.exp).toISOString()}`);
  if (body.kind === "emergency" && body.value.expires <= surelyPast) {
    return refusal("expired", `the alert ended at ${new Date(body.value.expires).toISOString()}`);
  }
  return null;
}
