/** What a programme, an alert or an announcement is made of. */
import { z } from "zod";
import type { Item } from "../../playback/model/schedule.ts";
import { durationMs, identifier, language, sha256, text } from "./primitives.ts";

const MAX_LIVE_MS = 12 * 3_600_000;

export const mediaItem = z.strictObject({ kind: z.literal("media"), id: identifier, title: text(200), sha256 });
export const textItem = z.strictObject({
  kind: z.literal("text"),
  id: identifier,
  title: text(200),
  language,
  text: text(4_000),
});
export const silenceItem = z.strictObject({
  kind: z.literal("silence"),
  id: identifier,
  title: text(200).default("—"),
  durationMs: durationMs.max(600_000),
});
export const liveItem = z.strictObject({
  kind: z.literal("live"),
  id: identifier,
  title: text(200),
  /** A pin of an approved content document. */
  source: identifier,
  longestMs: durationMs.min(1_000).max(MAX_LIVE_MS),
  fallback: z.array(mediaItem).max(16).default([]),
});

export const item = z.discriminatedUnion("kind", [mediaItem, textItem, silenceItem, liveItem]);
item satisfies z.ZodType<Item>;
