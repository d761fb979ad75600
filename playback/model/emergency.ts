/**
 * An emergency as the station holds it. Meaning of the words: CAP 1.2 (identifier, sent, status, msgType, references, expires).
 */
import type { Item, Origin } from "./schedule.ts";
import type { Instant, Millis, Percent } from "./units.ts";

/** The graver first. Source: CAP 1.2, severity. */
export const SEVERITIES = ["extreme", "severe", "moderate", "minor", "unknown"] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Translation {
  readonly language: string;
  readonly headline: string;
  readonly text?: string | undefined;
}

export interface Emergency {
  readonly identifier: string;
  readonly sent: Instant;
  /** The hour that is said on repeats, where it is not `sent`; `null`: nobody knows it, and none is said. */
  readonly issuedAt?: Instant | null;
  readonly status: "actual" | "exercise";
  readonly severity: Severity;
  readonly headline: string;
  readonly language: string;
  readonly text?: string | undefined;
  /** The same words in other languages, for the faces. */
  readonly translations?: readonly Translation[] | undefined;
  /** Siren first, then the spoken warning. */
  readonly items: readonly Item[];
  /** Pause between two rounds; the alert repeats until it ends. `rounds` 0 means until `expires`. */
  readonly repeat: { readonly rounds: number; readonly gapMs: Millis };
  readonly expires: Instant;
  /** Monotonic limit on its whole life, whatever the clock says. */
  readonly longestMs: Millis;
  readonly volume?: Percent | undefined;
  readonly outputs: readonly string[];
  readonly origin: Origin;
}
