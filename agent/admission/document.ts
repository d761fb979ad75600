/** What a document is called, what it is once it has passed the door, and what the door asks of the station meanwhile. */
import type { z } from "zod";
import type { ClockTrust } from "../../playback/model/clock-trust.ts";
import type { OriginLimits } from "../../playback/model/schedule.ts";
import type { Instant, Sha256 } from "../../playback/model/units.ts";
import type { BODIES } from "../contract/bodies.ts";
import type { Claims, DocumentKind } from "../contract/envelope.ts";
import type { Keyring } from "../keyring.ts";

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

/** Who carries a document, and what this authority is held to. */
export interface Authority {
  /** Thumbprints that counted. */
  readonly keys: readonly string[];
  /** What the delegation allows to sound; absent where it sets no such limit. */
  readonly limits?: OriginLimits | undefined;
}

export interface Examined extends Authority {
  readonly key: DocumentKey;
  readonly claims: Claims;
  readonly body: Body;
  readonly sha256: Sha256;
  readonly bytes: Buffer;
}

/** The number that binds the next document of a key; `sha256` is `null` where the document itself is gone. */
export interface Newest {
  readonly seq: number;
  readonly sha256: Sha256 | null;
  /** Its bytes were damaged here: exactly the bytes of this digest mend it under the same number. */
  readonly mendedBy?: Sha256;
}

export interface Examiner {
  readonly keyring: Keyring;
  /** The station's own addresses, broadest first. */
  readonly chain: readonly string[];
  readonly zone: string;
  readonly trust: ClockTrust;
  /** An instant that is surely past, or `null` where nothing is known of the time: only what ended before it has expired. */
  readonly surelyPast: Instant | null;
  /** What the next document of this key must be newer than, or `null`. */
  readonly newest: (key: DocumentKey) => Newest | null;
  /** Whether a command was begun before: then its stored result answers, whatever its expiry says. */
  readonly known: (issuer: string, jti: string) => Promise<boolean>;
  /** Highest number of a command of this issuer at this address, or `null`. */
  readonly lastCommand: (issuer: string, address: string) => number | null;
  /** At a restart an adopted document passes again; its number and its expiry were judged when it came. */
  readonly adopted: boolean;
}

/** Level, identifier or version that stands in the topic must be the one that was signed. */
export function detailOf(body: Body): string {
  if (body.kind === "content" || body.kind === "schedule") return body.value.level;
  if (body.kind === "root") return String(body.value.version);
  return body.kind === "emergency" ? body.value.identifier : "";
}

/** The key of a document that came by this address. Each version of root is a document of its own: the whole chain is kept. */
export function keyOf(body: Body, address: string): DocumentKey {
  const detail = detailOf(body);
  const named = body.kind === "emergency" || body.kind === "root";
  return { kind: body.kind, level: named ? "" : detail, address, identifier: named ? detail : "" };
}
