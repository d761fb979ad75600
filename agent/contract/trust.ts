/** The trust document, signed by root: which keys may sign what, for whom. Roles after TUF and Uptane. */
import { z } from "zod";
import { address, bulletinClass, identifier, level } from "./primitives.ts";

export const ROLES = ["content", "schedule", "emergency", "config", "command", "time", "release"] as const;
export type Role = (typeof ROLES)[number];

/** RFC 8037 public key; its identifier is its RFC 7638 thumbprint, computed, never believed. */
export const publicKey = z.strictObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type PublicKey = z.infer<typeof publicKey>;

/** What a delegation may reach: an address covers everything below it; classes apply to schedules and commands. */
export const scope = z.strictObject({
  addresses: z.array(address).min(1).max(256),
  levels: z.array(level).min(1),
  classes: z.array(bulletinClass).min(1),
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

/** The file pinned at installation. */
export const rootFile = z.strictObject({ keys: z.array(publicKey).min(1).max(16), threshold: z.int().min(1).max(16) });
export type RootFile = z.infer<typeof rootFile>;
