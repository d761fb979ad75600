/** What the station says: birth, death, health, events. Times on the wire are RFC 3339. */
import { z } from "zod";
import { CLOCK_TRUSTS } from "../../playback/model/clock-trust.ts";
import { LIVE_STATES } from "../../playback/model/live.ts";
import { KIOSK_PHASES } from "../../playback/ports/kiosk.ts";
import { POWER_SUPPLIES } from "../../playback/ports/power.ts";
import { DOCUMENT_KINDS } from "./envelope.ts";
import { identifier } from "./primitives.ts";

const wireInstant = z.iso.datetime({ offset: true });
const digest = z.string().regex(/^[0-9a-f]{64}$/);

export const birth = z.strictObject({
  kind: z.literal("birth"),
  station: identifier,
  session: z.string().max(64),
  at: wireInstant,
  agent: z.string().max(40),
  clock: z.enum(CLOCK_TRUSTS),
  /** 128 bits, base64url: the signed time must repeat it. */
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  documents: z.array(
    z.strictObject({
      kind: z.enum(DOCUMENT_KINDS),
      level: z.string(),
      address: z.string(),
      identifier: z.string(),
      seq: z.int(),
      sha256: digest,
    }),
  ),
  /** Head of the hash chain and number of records: a rewritten journal cannot agree with an earlier birth. */
  journal: z.strictObject({ seq: z.int().min(0), hash: digest, count: z.int().min(0) }),
  /** Names the event numbering: a new one begins when the station's database was lost. */
  stream: z.string().min(1).max(64),
  /** Highest event sequence ever issued in this stream. */
  lastEvent: z.int().min(0),
});
export type Birth = z.infer<typeof birth>;

export const death = z.strictObject({ kind: z.literal("death"), station: identifier, session: z.string().max(64) });

export const CONCERN_SEVERITIES = ["notice", "warning", "critical"] as const;
const outputHealth = z.strictObject({
  sound: z.strictObject({
    state: z.enum(["running", "stalled", "absent", "none"]),
    latencyMs: z.number(),
    driftPpm: z.number().nullable(),
    stalls: z.int(),
    breaks: z.int(),
    /** How it keeps to the station's own wall clock; `lastMs` is what was left out (positive) or waited (negative). */
    following: z
      .strictObject({
        offsetMs: z.number().nullable(),
        inPauses: z.int().min(0),
        afterBreaks: z.int().min(0),
        lastMs: z.number().nullable(),
        lastAt: wireInstant.nullable(),
      })
      .optional(),
  }),
  /** How well that clock is kept, as the machine itself says; `errorMs` bounds its error. */
  clockQuality: z
    .strictObject({
      source: z.string().max(40),
      synchronised: z.boolean(),
      offsetMs: z.number().nullable(),
      errorMs: z.number().nullable(),
      stratum: z.int().optional(),
    })
    .optional(),
  amplifier: z.record(z.string(), z.unknown()).nullable(),
  onAir: z.string().nullable(),
  /** The live source on air, and how late it is heard as far as this station can tell: what it holds, and the card. */
  live: z.strictObject({ source: identifier, state: z.enum(LIVE_STATES), delayMs: z.number().nullable() }).optional(),
});
export const health = z.strictObject({
  kind: z.literal("health"),
  station: identifier,
  session: z.string().max(64),
  at: wireInstant,
  clock: z.enum(CLOCK_TRUSTS),
  ...outputHealth.shape,
  /** Of every output but the first, where there are more. */
  furtherOutputs: z
    .array(outputHealth.extend({ name: identifier }))
    .max(7)
    .optional(),
  /** What each face shows, whether its page or card confirms it, and how brightly. */
  faces: z
    .array(
      z.strictObject({
        name: identifier,
        showing: z.enum(["blank", "layout", "alert", "pattern"]),
        title: z.string().max(1_000),
        confirmed: z.boolean(),
        percent: z.number(),
        controller: z.string().max(40).nullable(),
        look: z.string().max(40).nullable(),
      }),
    )
    .max(4)
    .optional(),
  kiosk: z.enum(KIOSK_PHASES).optional(),
  media: z.strictObject({ present: z.int(), missing: z.int() }),
  outbox: z.strictObject({ rows: z.int(), bytes: z.int() }),
  journal: birth.shape.journal,
  /** Digest of the configuration that is in force, of one that waits for its confirmation, and of those that failed. */
  config: z
    .strictObject({ confirmed: digest.nullable(), pending: digest.nullable(), failed: z.array(digest).max(16) })
    .optional(),
  power: z.strictObject({ supply: z.enum(POWER_SUPPLIES), chargePercent: z.number().nullable() }).optional(),
  host: z.record(z.string(), z.unknown()),
  concerns: z.array(
    z.strictObject({ code: z.string(), severity: z.enum(CONCERN_SEVERITIES), since: wireInstant, detail: z.string() }),
  ),
});
export type Health = z.infer<typeof health>;

export const EVENT_CLASSES = ["alarm", "result", "play", "log", "metric"] as const;
export type EventClass = (typeof EVENT_CLASSES)[number];

/** One journal record as it stands in the chain; `text` is the exact hashed JSON. */
export const journalEvent = z.strictObject({ seq: z.int().min(1), prev: digest, hash: digest, text: z.string() });

/** Each sequence number is delivered as an event or covered by a gap; at least once, so the source counts by number. */
export const events = z.strictObject({
  kind: z.literal("events"),
  stream: z.string().min(1).max(64),
  station: identifier,
  session: z.string().max(64),
  events: z.array(
    z.strictObject({ seq: z.int().min(1), class: z.enum(EVENT_CLASSES), at: wireInstant, record: journalEvent }),
  ),
  gaps: z.array(z.strictObject({ from: z.int().min(1), to: z.int().min(1) })),
});
export type Events = z.infer<typeof events>;
