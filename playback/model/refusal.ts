/**
 * A refusal is a value: why something was not adopted, not played or not done. It is journalled, sent upstream and shown to the user.
 */
export const REFUSAL_REASONS = [
  "too-large",
  "malformed",
  "bad-signature",
  "threshold-not-reached",
  "wrong-audience",
  "out-of-scope",
  "older",
  "duplicate",
  "expired",
  "policy",
  "unsupported",
  "quiet-hours",
  "suspended",
  "muted",
  "released",
  "emergency-stopped",
  "clock-not-trusted",
  "too-late",
  "digest-not-approved",
  "media-missing",
  "media-altered",
  "media-unplayable",
  "no-voice",
  "source-not-approved",
  "source-lost",
  "source-silent",
  "no-output",
  "no-picture",
  "session-limit",
  "on-battery",
  "over-budget",
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export interface Refusal {
  readonly reason: RefusalReason;
  /** One sentence in English for the journal; the CLI has its own words per reason. */
  readonly detail: string;
}

export function refusal(reason: RefusalReason, detail: string): Refusal {
  return { reason, detail };
}
