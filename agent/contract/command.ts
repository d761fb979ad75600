/** Commands: executed at most once by (issuer, jti), never after `exp`; a duplicate gets the stored result. */
import { z } from "zod";
import { item } from "./items.ts";
import { communeCode, durationMs, identifier, outputs, percent, text } from "./primitives.ts";

const uploadUrl = z.url({ protocol: /^https$/ }).max(2_000);

export const commandBody = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("announce"),
    title: text(200),
    items: z.array(item).min(1).max(16),
    volume: percent.optional(),
    longestMs: durationMs.min(1_000).max(3_600_000).default(600_000),
    /** It sounds over the programme, which goes on underneath, instead of taking the output from it. */
    duck: z.boolean().optional(),
    outputs,
  }),
  z.strictObject({ name: z.literal("stop"), announcement: identifier }),
  /** Ends a command of the same issuer that still runs. */
  z.strictObject({ name: z.literal("cancel"), command: identifier }),
  z.strictObject({ name: z.literal("mute"), muted: z.boolean() }),
  z.strictObject({ name: z.literal("volume"), percent }),
  z.strictObject({ name: z.literal("report") }),
  /** Puts the proof of play of a local month, or the journal after a record, where the address says. */
  z.strictObject({
    name: z.literal("upload-report"),
    month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/),
    putTo: uploadUrl,
  }),
  z.strictObject({ name: z.literal("upload-journal"), afterSeq: z.int().min(0), putTo: uploadUrl }),
  /** Sends what was said live; `recording` as the journal's record names it. */
  z.strictObject({ name: z.literal("upload-recording"), recording: identifier, putTo: uploadUrl }),
  /** Lets a pinned source be heard; ends after `longestMs`, by `live-stop`, or by `cancel`. Its `jti` names the grant. */
  z.strictObject({
    name: z.literal("live-start"),
    title: text(200),
    source: identifier,
    longestMs: durationMs.min(1_000).max(12 * 3_600_000),
    outputs,
  }),
  z.strictObject({ name: z.literal("live-stop"), grant: identifier }),
  z.strictObject({ name: z.literal("power"), on: z.boolean(), outputs }),
  z.strictObject({ name: z.literal("speaker-test"), outputs }),
  z.strictObject({ name: z.literal("face-test"), outputs }),
  z.strictObject({ name: z.literal("screenshot"), face: identifier, putTo: uploadUrl }),
  z.strictObject({ name: z.literal("support-bundle"), putTo: uploadUrl }),
  z.strictObject({ name: z.literal("restart") }),
  z.strictObject({ name: z.literal("update") }),
  z.strictObject({ name: z.literal("re-home"), commune: communeCode, hamlet: identifier.optional() }),
  z.strictObject({ name: z.literal("rotate-certificate") }),
]);
export type CommandBody = z.infer<typeof commandBody>;
