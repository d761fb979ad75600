/**
 * The shape of a scenario file: a station, its media and signed documents, what happens to it in time, and what must come of it.
 * Times are local to the station: `05:00` on the first day, or `2026-11-20 05:00:30`. Spans are `90s`, `15m`, `2h`, `30d`.
 */
import { z } from "zod";
import { REFUSAL_REASONS } from "../../playback/model/refusal.ts";
import { SLOT_OUTCOMES } from "../../playback/ports/play-log.ts";
import { quietHours } from "../contract/config.ts";
import { address, communeCode, identifier, percent, provinceCode, text } from "../contract/primitives.ts";
import { DESKS } from "./signer.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function spanOf(value: string): number {
  const [, sign, amount, unit] = /^([+-]?)(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) ?? [];
  return (sign === "-" ? -1 : 1) * Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN);
}

const span = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, "must be a span such as 90s, 15m, 2h or 30d")
  .transform(spanOf);
const signedSpan = z
  .string()
  .regex(/^[+-]\d+(\.\d+)?(ms|s|m|h|d)$/, "must be a signed span such as +1d or -1h")
  .transform(spanOf);
const dateTime = z.string().regex(/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/, "must be such as 2026-11-20 05:00");
const moment = z
  .string()
  .regex(/^(\d{4}-\d{2}-\d{2}[T ])?\d{2}:\d{2}(:\d{2})?$/, "must be such as 05:00 or 2026-11-20 05:00:30");

/** Bodies are those of the contract; they are judged after names of media in them were put in place. */
const body = z.record(z.string(), z.unknown());

const medium = z.strictObject({
  name: identifier,
  title: text(200).optional(),
  length: span,
  pinned: z.boolean().default(false),
  /** What the cache holds of it at the start. */
  state: z.enum(["present", "missing", "altered"]).default("present"),
});

const DOCUMENTS = ["schedule", "suspension", "config", "content"] as const;

const document = z
  .strictObject({
    by: z.enum(DESKS).default("province"),
    /** The whole province where nothing is said; the commune for what its own desk signs. */
    to: address.optional(),
    schedule: body.optional(),
    suspension: body.optional(),
    config: body.optional(),
    content: body.optional(),
  })
  .refine((value) => DOCUMENTS.filter((kind) => value[kind] !== undefined).length === 1, {
    error: `must hold exactly one of ${DOCUMENTS.join(", ")}`,
  });
export type DocumentInput = z.infer<typeof document>;

const HAPPENINGS = [
  "link",
  "power-cut",
  "clock-jump",
  "mains",
  "battery",
  "sensor",
  "emergency",
  "command",
  "document",
  "media",
  "mute",
] as const;

const event = z
  .strictObject({
    at: moment,
    link: z.enum(["up", "down"]).optional(),
    /** The board is without current for this long; what it had in memory is gone. */
    "power-cut": span.optional(),
    /** Somebody, or something, sets the system's clock. */
    "clock-jump": signedSpan.optional(),
    mains: z.enum(["on", "off"]).optional(),
    /** Charge, in per cent. */
    battery: percent.optional(),
    /** What the supply's sensor says: nothing, or the truth. */
    sensor: z.enum(["silent", "works"]).optional(),
    emergency: body.optional(),
    command: body.optional(),
    document: document.optional(),
    media: z.strictObject({ name: identifier, state: z.enum(["present", "missing", "altered"]) }).optional(),
    /** By hand, at the station. */
    mute: z.boolean().optional(),
  })
  .refine((value) => HAPPENINGS.filter((name) => value[name] !== undefined).length === 1, {
    error: `must hold exactly one of ${HAPPENINGS.join(", ")}`,
  });
export type EventInput = z.infer<typeof event>;

const expectation = z.strictObject({
  /** Identifier of the programme, the emergency or the announcement. */
  slot: z.string().min(1).max(100),
  /** Planned; needed where the programme has more than one slot. */
  at: moment.optional(),
  outcome: z.enum(SLOT_OUTCOMES),
  reason: z.enum(REFUSAL_REASONS).optional(),
  /** When the first sound began, to the second. */
  starts: moment.optional(),
  /** Items in the order in which they were heard. */
  heard: z.array(z.string()).optional(),
});

export const scenarioFile = z.strictObject({
  title: z.strictObject({ vi: text(200), en: text(200) }),
  station: z
    .strictObject({
      station: identifier.default("xa-00004-cum-01"),
      commune: communeCode.default("00004"),
      hamlet: identifier.optional(),
      province: provinceCode.default("01"),
      zone: z.string().default("Asia/Ho_Chi_Minh"),
      battery: z
        .strictObject({
          capacityWh: z.number().positive(),
          playingW: z.number().positive(),
          idleW: z.number().positive(),
          /** While the mains stand. */
          chargingW: z.number().min(0).default(20),
          chargePercent: percent.default(100),
        })
        .optional(),
      limits: z
        .strictObject({
          volumeCeiling: percent.default(100),
          quietHours: z.array(quietHours).max(8).default([]),
          sessionLengthMs: z.int().min(1_000).optional(),
          sessionsPerDay: z.int().min(0).max(48).optional(),
        })
        .prefault({}),
    })
    .prefault({}),
  start: dateTime,
  lasts: span.refine((ms) => ms > 0 && ms <= 400 * 86_400_000, { error: "must be at most 400d" }),
  clock: z
    .strictObject({
      /** A battery-backed clock: the board wakes with the right time. */
      rtc: z.boolean().default(true),
      /** While the link stands the kernel's clock is disciplined. */
      ntp: z.boolean().default(false),
    })
    .prefault({}),
  media: z.array(medium).max(500).default([]),
  documents: z.array(document).max(100).default([]),
  events: z.array(event).max(10_000).default([]),
  /** Every record of the play log, in any order; without it nothing is asked. */
  expect: z.array(expectation).optional(),
});
export type ScenarioFile = z.infer<typeof scenarioFile>;
export type ExpectationInput = z.infer<typeof expectation>;
