/** Programmes of one level, and the suspension that stands above all schedules. Recurrence: RFC 5545. */
import { z } from "zod";
import { FITS, type Playlist, REGION_KINDS, type RegionKind } from "../../playback/model/board.ts";
import type { Item, Programme, Recurrence } from "../../playback/model/schedule.ts";
import { INTERRUPTIONS, OVERRUNS, WEEKDAYS } from "../../playback/model/schedule.ts";
import { item, mediaItem } from "./items.ts";
import {
  bulletinClass,
  durationMs,
  identifier,
  instant,
  level,
  localDate,
  localDateTime,
  localTime,
  outputs,
  percent,
  sha256,
  text,
} from "./primitives.ts";

const weekly = z.strictObject({
  kind: z.literal("weekly"),
  weekdays: z.array(z.enum(WEEKDAYS)).min(1).max(7),
  from: localDate.optional(),
  until: localDate.optional(),
  except: z.array(localDate).max(400).optional(),
});
const rrule = z.strictObject({
  kind: z.literal("rrule"),
  dtstart: localDateTime,
  rrule: z.string().min(6).max(500),
  exdates: z.array(localDateTime).max(400).optional(),
  rdates: z.array(localDateTime).max(400).optional(),
});
const once = z.strictObject({ kind: z.literal("once"), date: localDate });
export const recurrence = z.discriminatedUnion("kind", [weekly, rrule, once]);
recurrence satisfies z.ZodType<Recurrence>;

const lateness = z.discriminatedUnion("word", [
  z.strictObject({ word: z.literal("cut-in") }),
  z.strictObject({ word: z.literal("play-next") }),
  z.strictObject({ word: z.literal("wait"), upToMs: durationMs.max(86_400_000) }),
]);

export const programme = z
  .strictObject({
    id: identifier,
    title: text(200),
    class: bulletinClass.exclude(["emergency"]),
    filler: z.boolean().default(false),
    order: z.int().min(0).max(10_000).default(100),
    recurrence,
    start: localTime,
    end: localTime.optional(),
    loop: z.boolean().default(false),
    outputs,
    volume: percent.optional(),
    lateness: lateness.default({ word: "play-next" }),
    interruption: z.enum(INTERRUPTIONS).default("resume"),
    overrun: z.enum(OVERRUNS).default("finish-item"),
    chime: sha256.optional(),
    repeats: z
      .strictObject({ count: z.int().min(1).max(100), gapMs: durationMs.max(3_600_000) })
      .default({ count: 1, gapMs: 0 }),
    items: z.array(item).min(1).max(200),
    stopAfter: instant.optional(),
  })
  .refine((value) => !value.loop || value.end !== undefined, {
    error: "a programme that loops needs an end",
    path: ["loop"],
  });
programme satisfies z.ZodType<Omit<Programme, "level" | "origin">>;

const colour = z.string().regex(/^#[0-9a-f]{6}$/);

/** A part of a face; what it may hold follows from its kind. */
const region = z
  .strictObject({
    id: identifier,
    kind: z.enum(REGION_KINDS),
    x: percent,
    y: percent,
    width: percent,
    height: percent,
    items: z.array(item).max(200).default([]),
    dwellMs: durationMs.min(1_000).max(3_600_000).default(10_000),
    fit: z.enum(FITS).default("contain"),
    foreground: colour.default("#ffffff"),
    background: colour.default("#000000"),
    /** Of a ticker: letter heights a second. */
    pace: z.number().min(0.5).max(20).default(3),
  })
  .refine(({ x, width }) => width > 0 && x + width <= 100, { error: "reaches beyond the face", path: ["width"] })
  .refine(({ y, height }) => height > 0 && y + height <= 100, { error: "reaches beyond the face", path: ["height"] })
  .superRefine(({ kind, items }, context) => {
    const allowed = REGION_ITEMS[kind];
    for (const [index, { kind: given }] of items.entries()) {
      if (allowed.includes(given)) continue;
      const message = `a region of kind '${kind}' shows no item of kind '${given}'`;
      context.addIssue({ code: "custom", message, path: ["items", index, "kind"] });
    }
    if (allowed.length > 0 && items.length === 0) {
      context.addIssue({ code: "custom", message: `a region of kind '${kind}' needs items`, path: ["items"] });
    }
  });

/** What a region may hold. Clocks, `now-next` and alerts bring their own. */
const REGION_ITEMS: Record<RegionKind, readonly Item["kind"][]> = {
  video: ["media"],
  image: ["media"],
  ticker: ["text"],
  text: ["text"],
  live: ["live"],
  clock: [],
  "now-next": [],
  emergency: [],
};

/** What faces show. */
export const playlist = z.strictObject({
  id: identifier,
  title: text(200),
  class: bulletinClass.exclude(["emergency"]).default("normal"),
  filler: z.boolean().default(false),
  order: z.int().min(0).max(10_000).default(100),
  recurrence,
  start: localTime,
  end: localTime,
  faces: outputs,
  layout: z.array(region).min(1).max(16),
  stopAfter: instant.optional(),
});
playlist satisfies z.ZodType<Omit<Playlist, "level" | "origin">>;

export const scheduleBody = z.strictObject({
  /** Signed, because the topic that also says it is not. */
  level,
  programmes: z.array(programme).max(500).default([]),
  /**
   * The commune's word on what comes first where programmes of equal right meet: earlier in the list, earlier on the air. What is not
   * named keeps its own `order`. Counts in documents of level `commune` only.
   */
  order: z
    .array(z.strictObject({ level, id: identifier }))
    .max(500)
    .default([]),
  playlists: z.array(playlist).max(200).default([]),
});
export type ScheduleBody = z.infer<typeof scheduleBody>;

/** Mourning, Tết, an election: classes silenced, or replaced by these items, on these dates (both included). */
export const suspensionBody = z.strictObject({
  periods: z
    .array(
      z.strictObject({
        id: identifier,
        reason: text(500),
        from: localDate,
        until: localDate,
        classes: z.array(bulletinClass.exclude(["emergency"])).min(1),
        replaceBy: z.array(mediaItem).max(16).default([]),
      }),
    )
    .max(100),
});
