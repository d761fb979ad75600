/** An alert, its update or its cancellation. Words and meanings: OASIS CAP 1.2. */
import { z } from "zod";
import { SEVERITIES } from "../../playback/model/emergency.ts";
import { approvedMedia } from "./content.ts";
import { item } from "./items.ts";
import { durationMs, identifier, instant, language, outputs, percent, text } from "./primitives.ts";

export const emergencyBody = z
  .strictObject({
    identifier,
    sent: instant,
    status: z.enum(["actual", "exercise"]),
    msgType: z.enum(["alert", "update", "cancel"]),
    /** Identifiers of earlier messages that this one updates or cancels. */
    references: z.array(identifier).max(32).default([]),
    expires: instant,
    severity: z.enum(SEVERITIES).default("extreme"),
    headline: text(300),
    language: language.default("vi"),
    text: text(4_000).optional(),
    /** The same in other languages, for faces that show them. */
    translations: z
      .array(z.strictObject({ language, headline: text(300), text: text(4_000).optional() }))
      .max(8)
      .default([]),
    items: z.array(item).max(16).default([]),
    /** An emergency key approves its own audio, within its scope. */
    media: z.array(approvedMedia).max(16).default([]),
    repeat: z
      .strictObject({ rounds: z.int().min(0).max(1_000), gapMs: durationMs.max(3_600_000) })
      .default({ rounds: 1, gapMs: 0 }),
    longestMs: durationMs.min(1_000).max(86_400_000).default(3_600_000),
    volume: percent.optional(),
    outputs,
  })
  .refine((value) => value.msgType === "alert" || value.references.length > 0, {
    error: "an update or a cancel names what it refers to",
    path: ["references"],
  })
  .refine((value) => value.msgType === "cancel" || value.items.length > 0 || value.text !== undefined, {
    error: "an alert needs items or a text",
    path: ["items"],
  });
export type EmergencyBody = z.infer<typeof emergencyBody>;
