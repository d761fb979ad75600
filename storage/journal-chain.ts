/** The chain itself: how a record follows from the one before, and what is wrong with one that does not. Pure. */
import { createHash } from "node:crypto";
import type { Instant } from "../playback/model/units.ts";
import { parsed } from "./unreadable.ts";

export const FIRST_PREVIOUS_HASH = "0".repeat(64);

export interface JournalRecord {
  readonly seq: number;
  readonly at: Instant;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The exact JSON text `{seq, at, kind, body}` that the hash covers. */
  readonly text: string;
  readonly hash: string;
}

export interface JournalHead {
  /** 0 while the journal is empty. */
  readonly seq: number;
  readonly hash: string;
  /** Of all that were ever written, pruned ones among them. */
  readonly count: number;
}

/** A record as it lies in the table. */
export interface Row {
  seq: number;
  at_ms: number;
  kind: string;
  text: string;
  hash: string;
}

/** Reads the body out of the text; it is empty where the text cannot be read any more, which a walk along the chain finds and tells. */
export function toRecord(row: Row): JournalRecord {
  const { body = {} } = (parsed(row.text) ?? {}) as { body?: Record<string, unknown> };
  // Whole milliseconds, as in the text.
  return { seq: row.seq, at: Math.trunc(row.at_ms), kind: row.kind, body, text: row.text, hash: row.hash };
}

/** The hash of a text that follows on another hash. */
export function chained(previous: string, text: string): string {
  return createHash("sha256").update(`${previous}\n${text}`).digest("hex");
}

/** What is wrong with a record that should have that number and follow on that hash; `null` where nothing is. */
export function problemOf(row: Row, expected: number, previous: string): string | null {
  if (row.seq !== expected) return `record ${expected} is missing`;
  if (chained(previous, row.text) !== row.hash) return "the text or an earlier record was altered";
  // The columns beside the text are what searches use: they must not say anything else than the text.
  const inText = JSON.parse(row.text) as { seq: unknown; at: string; kind: unknown };
  if (inText.seq !== row.seq) return `the record says that it is number ${String(inText.seq)}`;
  if (inText.kind !== row.kind || Date.parse(inText.at) !== Math.trunc(row.at_ms))
    return "time or kind beside the text differ from it";
  return null;
}

/** Says where a head that was remembered is another one now. */
export function differenceFrom(heads: readonly Pick<JournalHead, "seq" | "hash">[], row: Row): string | null {
  const differs = heads.some((head) => head.seq === row.seq && head.hash !== row.hash);
  return differs ? "the chain was rewritten: this record's hash is not the one remembered" : null;
}
