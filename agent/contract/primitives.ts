/**
 * The words every document shares. Objects are strict: an unknown member is a refusal, because a source that sends
 * something the station does not understand must hear so.
 */
import { z } from "zod";
import { BULLETIN_CLASSES, LEVELS } from "../../playback/model/bulletin.ts";
import { parseSha256, type Sha256 } from "../../playback/model/units.ts";

/** Letters, digits, dot, dash, underscore; at most 64. It stands in topics, file names and slot keys. */
export const identifier = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

/** Unicode text in NFC without control characters but line feed; look-alike decompositions are refused, not repaired. */
export function text(longest: number) {
  return z
    .string()
    .min(1)
    .max(longest)
    .refine((value) => value === value.normalize("NFC"), { error: "must be in Unicode normalisation form C" })
    .refine((value) => !/[\p{Cc}\p{Cs}]/u.test(value.replaceAll("\n", "")), {
      error: "must not hold control characters",
    });
}

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((value, context): Sha256 => {
    const digest = parseSha256(value);
    if (digest !== null) return digest;
    context.issues.push({ code: "custom", message: "must be 64 lower-case hexadecimal digits", input: value });
    return z.NEVER;
  });

/** RFC 3339 with offset on the wire, milliseconds since the epoch inside. */
export const instant = z.iso.datetime({ offset: true }).transform((value) => Date.parse(value));

export const localDate = z.iso.date();
export const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/);
export const localDateTime = z.iso.datetime({ local: true });

const LONGEST_MS = 366 * 86_400_000;
export const durationMs = z.int().min(0).max(LONGEST_MS);
export const percent = z.number().min(0).max(100);
export const language = z.string().regex(/^[a-z]{2,3}(-[A-Z]{2})?$/);
export const level = z.enum(LEVELS);
export const bulletinClass = z.enum(BULLETIN_CLASSES);

/** Source: Decision 19/2025 (province code 2 digits, commune code 5 digits). */
export const provinceCode = z.string().regex(/^\d{2}$/);
export const communeCode = z.string().regex(/^\d{5}$/);

/** Whom a document is for. */
export const address = z.union([
  z.literal("all"),
  z.templateLiteral(["province/", provinceCode]),
  z.templateLiteral(["commune/", communeCode]),
  /** A hamlet is named within its commune: `hamlet/00004-thon-1`. No dot: some brokers cannot carry one in a topic. */
  z.templateLiteral(["hamlet/", communeCode, "-", identifier]),
  z.templateLiteral(["station/", identifier]),
]);
export type Address = z.infer<typeof address>;

/** Media are fetched over HTTP; the digest, not the transport, makes them trustworthy. */
export const mediaUrl = z.url({ protocol: /^https?$/ }).max(2_000);

/** Zones and faces; an empty list means all. */
export const outputs = z.array(identifier).max(32).default([]);
