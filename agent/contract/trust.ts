/** The trust document, signed by root: which keys may sign what, for whom. Roles after TUF and Uptane. */
import { z } from "zod";
import { quietHours } from "./config.ts";
import { address, bulletinClass, durationMs, identifier, level, percent } from "./primitives.ts";

export const ROLES = ["content", "schedule", "emergency", "config", "command", "time", "release"] as const;
export type Role = (typeof ROLES)[number];

/** RFC 8037 public key; its identifier is its RFC 7638 thumbprint, computed, never believed. */
export const publicKey = z.strictObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type PublicKey = z.infer<typeof publicKey>;

/**
 * What a delegation may reach: an address covers everything below it; classes apply to schedules and commands. What is absent does not
 * restrict. The last three bind what the station plays, not only what it adopts.
 */
export const scope = z.strictObject({
  addresses: z.array(address).min(1).max(256),
  levels: z.array(level).min(1),
  classes: z.array(bulletinClass).min(1),
  /** Names of commands that these keys may give. */
  commands: z.array(z.string().max(40)).max(64).optional(),
  /** Longest run of one slot, announcement or grant. */
  longestMs: durationMs.min(1_000).optional(),
  loudest: percent.optional(),
  /** Local times inside which it may sound; an end before or equal to its beginning means on the next day. */
  hours: z.array(quietHours).min(1).max(8).optional(),
});
export type Scope = z.infer<typeof scope>;

export const delegation = z.strictObject({
  role: z.enum(ROLES),
  issuer: identifier,
  keys: z.array(publicKey).min(1).max(16),
  threshold: z.int().min(1).max(16),
  scope,
});
export type Delegation = z.infer<typeof delegation>;

export const trustBody = z.strictObject({ delegations: z.array(delegation).min(1).max(512) });
export type TrustBody = z.infer<typeof trustBody>;

const rootKeys = { keys: z.array(publicKey).min(1).max(16), threshold: z.int().min(1).max(16) };

/** The file pinned at installation. */
export const rootFile = z.strictObject({ version: z.int().min(1).default(1), ...rootKeys });
export type RootFile = z.infer<typeof rootFile>;

/** Version N + 1 of root: adopted when thresholds of version N and of itself have signed it. Source: TUF 1.0 §5.3. */
export const rootBody = z.strictObject({ version: z.int().min(2), ...rootKeys });
