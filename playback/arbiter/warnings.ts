/**
 * What somebody should know before the hour, not after it: media that are not there, programmes that get in each other's way, slots that
 * rules will refuse. Pure; the forecast behind it is the deciding itself.
 */
import type { Slot } from "../agenda/agenda.ts";
import type { Level } from "../model/bulletin.ts";
import type { Facts } from "../model/facts.ts";
import type { Refusal } from "../model/refusal.ts";
import type { Instant, Millis, Sha256 } from "../model/units.ts";
import { type Foreseen, forecast } from "./forecast.ts";
import type { Sessions } from "./sessions.ts";

export interface Lacking {
  readonly sha256: Sha256;
  readonly title: string;
  /** Not yet fetched, or no valid approval (any more). */
  readonly why: "media-missing" | "digest-not-approved";
}

interface About {
  readonly key: string;
  readonly title: string;
  readonly level: Level;
  /** When it is planned. */
  readonly at: Instant;
}

export type Warning = About &
  (
    | { readonly kind: "incomplete"; readonly lacking: readonly Lacking[]; readonly of: number }
    /** `waits`: it starts `lateMs` late; `dropped`: it will not start; `cut`: it will not be heard to its end. */
    | {
        readonly kind: "conflict";
        readonly outcome: "waits" | "dropped" | "cut";
        readonly with: { readonly key: string; readonly title: string };
        readonly lateMs: Millis | null;
      }
    | { readonly kind: "refused"; readonly why: Refusal }
  );

/** A start that is later by less is no conflict worth a word. */
const LATE: Millis = 1_000;

function about({ key, programme, start }: Slot): About {
  return { key, title: programme.title, level: programme.level, at: start };
}

/** Digests that a slot needs, each once, with the title they go by. */
function needs({ programme }: Slot, facts: Facts): Map<Sha256, string> {
  const media = new Map<Sha256, string>();
  const { chime } = programme;
  if (chime !== undefined) media.set(chime, facts.approved.get(chime)?.title ?? "chime");
  for (const item of programme.items) if (item.kind === "media") media.set(item.sha256, item.title);
  return media;
}

function incomplete(slot: Slot, facts: Facts, present: ReadonlySet<Sha256>): Warning | null {
  const media = needs(slot, facts);
  const lacking = [...media].flatMap(([sha256, title]): Lacking[] => {
    if (!facts.approved.has(sha256)) return [{ sha256, title, why: "digest-not-approved" }];
    return present.has(sha256) ? [] : [{ sha256, title, why: "media-missing" }];
  });
  return lacking.length === 0 ? null : { ...about(slot), kind: "incomplete", lacking, of: media.size };
}

function conflict({ slot, startsAt, outcome, by }: Foreseen): Warning | null {
  if (by === null) return null;
  const clash = { ...about(slot), kind: "conflict" as const, with: { key: by.key, title: by.title } };
  if (startsAt === null) return outcome === "missed" ? { ...clash, outcome: "dropped", lateMs: null } : null;
  if (outcome === "interrupted" || outcome === "partial") return { ...clash, outcome: "cut", lateMs: null };
  const lateMs = startsAt - slot.start;
  return lateMs < LATE ? null : { ...clash, outcome: "waits", lateMs };
}

/** Warnings about the slots that start in [from, to), in order of their hour. `present`: digests that lie verified in the cache. */
export function warnings(
  facts: Facts,
  present: ReadonlySet<Sha256>,
  sessions: Sessions,
  from: Instant,
  to: Instant,
): Warning[] {
  return forecast(facts, present, sessions, from, to).flatMap((foreseen) => {
    const { slot, outcome, why, startsAt } = foreseen;
    if (outcome === "refused" && why !== null) return [{ ...about(slot), kind: "refused" as const, why }];
    // What no output of this cluster plays is nobody's worry here.
    const { outputs } = slot.programme;
    if (outputs.length > 0 && !outputs.some((output) => facts.outputs.includes(output))) return [];
    const endedByRule = startsAt !== null && outcome === "interrupted" && why !== null && foreseen.by === null;
    return [
      incomplete(slot, facts, present),
      conflict(foreseen),
      endedByRule ? { ...about(slot), kind: "refused" as const, why } : null,
    ].filter((warning): warning is Warning => warning !== null);
  });
}
