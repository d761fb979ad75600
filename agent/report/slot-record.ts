/** A slot's journal record as the report reads it. Records outlive versions: what is not there is `null`, what cannot be read is counted. */
import { z } from "zod";
import { LEVELS, type Level, PRECEDENCES, type Precedence } from "../../playback/model/bulletin.ts";
import type { Instant, Millis } from "../../playback/model/units.ts";
import { SLOT_OUTCOMES, type SlotOutcome } from "../../playback/ports/play-log.ts";
import type { JournalRecord } from "../../storage/journal.ts";
import { ISSUER } from "../speaker/speaker-tests.ts";

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const slotRecord = z.object({
  key: z.string(),
  kind: z.enum(["programme", "emergency", "announcement"]),
  id: z.string(),
  title: z.string(),
  precedence: z.enum(PRECEDENCES),
  level: z.enum(LEVELS).nullish(),
  plannedAt: instant,
  staggerMs: z.number().default(0),
  output: z.string().nullish(),
  origin: z.object({
    ...{ adoptedAt: z.number(), documentSha256: z.string(), issuer: z.string() },
    keys: z.array(z.string()).default([]),
  }),
  outcome: z.enum(SLOT_OUTCOMES),
  why: z.object({ reason: z.string() }).nullish(),
  startedAt: instant.nullish(),
  segments: z.array(
    z.object({
      fromMs: z.number(),
      toMs: z.number(),
      startedAt: instant.nullish(),
      delayedMs: z.number().default(0),
      outcome: z.string(),
      audibleMs: z.number(),
      amplifier: z.string().nullish(),
      refusal: z.object({ reason: z.string() }).nullish(),
    }),
  ),
});

export interface AiredSlot {
  /** The same for every output of the cluster. */
  readonly key: string;
  readonly kind: "programme" | "emergency" | "announcement";
  readonly id: string;
  readonly title: string;
  readonly class: Precedence;
  /** `null` where the record does not state it. */
  readonly level: Level | null;
  readonly plannedAt: Instant;
  readonly adoptedAt: Instant;
  readonly documentSha256: string;
  readonly outcome: SlotOutcome;
  /** Why it did not play, or not whole: the slot's own reason, else that of its first item that was refused. */
  readonly reason: string | null;
  /** When the first sound was heard. */
  readonly startedAt: Instant | null;
  /** How much later that was than meant here, where an output is late on purpose; `null` where nothing was heard. */
  readonly lateMs: Millis | null;
  /** Sound that was put out, silence that was programmed among it. */
  readonly playedMs: Millis;
  /** Sound that left the card by an amplifier that worked. */
  readonly audibleMs: Millis;
  /** Of `playedMs`: stretches that a kill or a power cut ended, whose level died with the agent. */
  readonly unmeasuredMs: Millis;
}

/** From the least whole to the most. */
const WHOLENESS: readonly SlotOutcome[] = ["missed", "refused", "failed", "interrupted", "partial", "played"];

/**
 * One slot of several outputs: a listener's hour is one hour however many horns gave it, so the longest counts; but it is whole, and in time,
 * only where it was so on all of them.
 */
export function together(a: AiredSlot, b: AiredSlot): AiredSlot {
  const longest = b.playedMs > a.playedMs ? b : a;
  const worst = WHOLENESS.indexOf(b.outcome) < WHOLENESS.indexOf(a.outcome) ? b : a;
  const latest = (b.lateMs ?? Number.NEGATIVE_INFINITY) > (a.lateMs ?? Number.NEGATIVE_INFINITY) ? b : a;
  return {
    ...longest,
    outcome: worst.outcome,
    reason: worst.reason,
    startedAt: latest.startedAt,
    lateMs: latest.lateMs,
  };
}

/** What nobody is meant to listen to: the program's own test tones, which no document stands behind. */
function isSelfTest({ kind, origin }: z.infer<typeof slotRecord>): boolean {
  return kind === "announcement" && origin.issuer === ISSUER && origin.keys.length === 0;
}

/** `null` where the record is not of that shape, `"self-test"` where it says nothing of what was aired. */
export function readSlot(record: JournalRecord): AiredSlot | "self-test" | null {
  const parsed = slotRecord.safeParse(record.body);
  if (!parsed.success) return null;
  const slot = parsed.data;
  if (isSelfTest(slot)) return "self-test";
  const tail = ` on ${slot.output}`;
  const heard = slot.segments.filter((segment) => segment.startedAt !== null && segment.startedAt !== undefined);
  const lengthOf = (segments: typeof heard) =>
    segments.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, toMs - fromMs), 0);
  return {
    key: slot.key.endsWith(tail) ? slot.key.slice(0, -tail.length) : slot.key,
    kind: slot.kind,
    id: slot.id,
    title: slot.title,
    class: slot.precedence,
    level: slot.level ?? null,
    plannedAt: slot.plannedAt,
    adoptedAt: slot.origin.adoptedAt,
    documentSha256: slot.origin.documentSha256,
    outcome: slot.outcome,
    reason: slot.why?.reason ?? slot.segments.find(({ refusal }) => refusal)?.refusal?.reason ?? null,
    startedAt: slot.startedAt ?? null,
    lateMs:
      slot.startedAt === null || slot.startedAt === undefined
        ? null
        : slot.startedAt - slot.plannedAt - slot.staggerMs - (heard[0]?.delayedMs ?? 0),
    playedMs: lengthOf(heard),
    // What a faulty amplifier, or one that a hand cut off, was given was not heard.
    audibleMs: heard.reduce((sum, { audibleMs, amplifier }) => sum + (amplifier === "fault" ? 0 : audibleMs), 0),
    unmeasuredMs: lengthOf(heard.filter(({ outcome }) => outcome === "killed")),
  };
}
