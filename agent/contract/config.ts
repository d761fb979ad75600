/** A configuration layer. Layers merge all < province < commune < hamlet < station, and never pass the limits fixed at installation. */
import { z } from "zod";
import type { BrightnessRule } from "../../playback/model/policy.ts";
import { mediaItem } from "./items.ts";
import { durationMs, language, localTime, mediaUrl, outputs, percent, text } from "./primitives.ts";

/** A span of local times; an end before or equal to its beginning means on the next day. */
export const quietHours = z.strictObject({ from: localTime, to: localTime });

const bytes = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Live sound that a station may be asked to keep: a page into its own microphone, a source by grant, a source in a schedule. */
export const RECORDED_SOUNDS = ["page", "grant", "relay"] as const;
export type RecordedSound = (typeof RECORDED_SOUNDS)[number];

const recordings = z.strictObject({
  of: z.array(z.enum(RECORDED_SOUNDS)).max(RECORDED_SOUNDS.length).default(["page", "grant"]),
  days: z.int().min(1).max(3_650).default(30),
  maxBytes: bytes.min(1_000_000).default(500_000_000),
});
export type RecordingRules = Readonly<z.infer<typeof recordings>>;

const volumePeriod = quietHours
  .extend({
    outputs,
    percent: percent.optional(),
    db: z.number().min(-29.7).max(0).optional(),
    emergency: z.boolean().default(false),
  })
  .refine(({ percent: one, db }) => (one === undefined) !== (db === undefined), {
    error: "either percent or db",
  });

/** By time of day, by the sun over the station, or by the light that a sensor sees. No face named means all. */
const brightnessRule = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("time"), ...quietHours.shape, faces: outputs, percent }),
  z.strictObject({ by: z.literal("sun"), when: z.enum(["day", "night"]), faces: outputs, percent }),
  z.strictObject({
    by: z.literal("sensor"),
    faces: outputs,
    /** Lux and percent, rising; between two points in proportion to the logarithm of the light. */
    points: z
      .array(z.strictObject({ lux: z.number().min(0).max(200_000), percent }))
      .min(2)
      .max(8)
      .refine((points) => points.every(({ lux }, n) => n === 0 || lux > (points[n - 1]?.lux ?? 0)), {
        error: "points must rise",
      }),
  }),
]);
brightnessRule satisfies z.ZodType<BrightnessRule>;

export const configBody = z.strictObject({
  policy: z
    .strictObject({
      quietHours: z.array(quietHours).max(8).optional(),
      volumeCeiling: percent.optional(),
      volume: percent.optional(),
      emergencyVolume: percent.optional(),
      /** By zone and time of day; the last that fits holds. `percent` or `db` (0 is 100 %). Replaces the periods of broader layers. */
      volumePeriods: z.array(volumePeriod).max(32).optional(),
      resumeWithinMs: durationMs.max(3_600_000).optional(),
      /** How many slots may sound on one local day, emergencies and manual ones not counted. */
      sessionsPerDay: z.int().min(0).max(48).optional(),
      /** How long one slot may sound. */
      sessionLengthMs: durationMs.min(1_000).optional(),
      /** On battery: energy kept back for this long of emergency, siren and speech. */
      emergencyReserveMs: durationMs.max(86_400_000).optional(),
      /** What files are brought to, in LUFS, and the most that a quiet one is raised. */
      loudness: z
        .strictObject({
          programmeLufs: z.number().min(-40).max(-10).optional(),
          emergencyLufs: z.number().min(-40).max(-10).optional(),
          mostBoostDb: z.number().min(0).max(30).optional(),
        })
        .optional(),
      /** How far a programme is put down while an announcement sounds over it, in decibels. */
      duckDb: z.number().min(-40).max(-6).optional(),
      /** What a key or an officer's token on the spot may raise. Its text and media need the approval of a content key all the same. */
      localAlert: z
        .strictObject({
          headline: text(300),
          language: language.default("vi"),
          text: text(4_000).optional(),
          items: z.array(mediaItem).max(4).default([]),
          gapMs: durationMs.max(3_600_000).default(5_000),
          longestMs: durationMs.min(10_000).max(3_600_000).default(600_000),
          volume: percent.optional(),
          outputs,
        })
        .optional(),
      /** When faces are lit and how brightly. An alert is shown at any hour, at `emergencyBrightness`. Replaces what broader layers say. */
      faces: z
        .strictObject({
          /** Lit inside these times only; none means always. */
          hours: z.array(quietHours).max(8).default([]),
          /** The last that fits holds; where none does it is 100. */
          brightness: z.array(brightnessRule).max(16).default([]),
          emergencyBrightness: percent.min(10).default(100),
        })
        .optional(),
      /** What was said live is kept, for so long, and so much of it; the oldest goes first. Without this nothing is recorded. */
      recordings: recordings.optional(),
      /** Somebody on the spot, with a key or the officer's token, may speak into the station's own microphone. */
      page: z
        .strictObject({
          longestMs: durationMs.min(5_000).max(600_000).default(120_000),
          /** Nobody has spoken for so long: the page is over. */
          endAfterSilenceMs: durationMs.min(2_000).max(60_000).default(10_000),
          volume: percent.optional(),
          /** Programmes go on underneath; else they make place. */
          duck: z.boolean().default(true),
        })
        .optional(),
    })
    .default({}),
  healthEveryMs: durationMs.min(1_000).max(3_600_000).optional(),
  /**
   * In place of those of `station.yaml`; tried only when one of them answers and the link stands. A document that names none takes none away: the
   * station goes by another layer or its `station.yaml`, and where those name none either it keeps what it has.
   */
  brokers: z
    .array(z.url({ protocol: /^mqtts?$/ }).max(2_000))
    .min(1)
    .max(4)
    .optional(),
  media: z
    .strictObject({
      quotaBytes: bytes.min(10_000_000).optional(),
      /** What downloads may cost in a local day and a local month; pinned and emergency media are exempt. */
      dayBytes: bytes.optional(),
      monthBytes: bytes.optional(),
      /** Downloads that nobody waits for happen inside these local times only. */
      windows: z.array(quietHours).max(8).optional(),
      /** Tried before the addresses of the approval, as `<mirror>/<sha256>`. */
      mirrors: z.array(mediaUrl).max(8).optional(),
    })
    .default({}),
  /** A change that is not confirmed by a signed message over the new path within this time is taken back. */
  confirmWithinMs: durationMs.min(1_000).max(3_600_000).default(600_000),
});
export type ConfigBody = z.infer<typeof configBody>;
