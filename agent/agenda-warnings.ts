/**
 * The warnings of the coming day, kept at hand: asked every second by the concerns, worked out again only when facts, media or a minute
 * have changed.
 */
import { type Warning, warnings } from "../playback/arbiter/warnings.ts";
import type { Facts } from "../playback/model/facts.ts";
import { DAY, type Instant, MINUTE, type Millis, type Monotonic, type Sha256 } from "../playback/model/units.ts";
import type { Parts } from "./station.ts";

export const WARN_AHEAD: Millis = DAY;
const KEPT: Millis = MINUTE;

/** Digests that lie verified in the cache. */
export function presentMedia({ media }: Pick<Parts, "media">): ReadonlySet<Sha256> {
  return new Set(media.status().flatMap(({ state, sha256 }) => (state === "present" ? [sha256] : [])));
}

/** Warnings about [now, now + `aheadMs`). */
export function agendaWarnings(parts: Pick<Parts, "media" | "outputs" | "clock">, aheadMs: Millis): Warning[] {
  const { outputs, clock } = parts;
  const now = clock.now();
  const present = presentMedia(parts);
  const found = outputs.flatMap(({ conductor: { facts, sessions } }) =>
    warnings(facts, present, sessions, now, now + aheadMs),
  );
  return outputs.length === 1 ? found : distinct(found);
}

/** What two outputs have in common is said once. */
function distinct(found: readonly Warning[]): Warning[] {
  return [...new Map(found.map((warning) => [JSON.stringify(warning), warning])).values()].sort((a, b) => a.at - b.at);
}

/** What is missing of media, in one sentence; `null` where nothing is. */
export function incompleteDetail(found: readonly Warning[], timeOf: (at: Instant) => string): string | null {
  const lacking = found.flatMap((warning) => (warning.kind === "incomplete" ? [warning] : []));
  const [first] = lacking;
  if (first === undefined) return null;
  const rest = lacking.length === 1 ? "" : `, and ${lacking.length - 1} more`;
  return `${timeOf(first.at)} '${first.title}' lacks ${first.lacking.length} of ${first.of} media${rest}`;
}

/** What will be dropped, cut or refused, in one sentence; waiting for one's turn is no worry. */
export function obstacleDetail(found: readonly Warning[], timeOf: (at: Instant) => string): string | null {
  const lines = found.flatMap((warning) => {
    if (warning.kind === "refused")
      return [`${timeOf(warning.at)} '${warning.title}' will be refused: ${warning.why.reason}`];
    if (warning.kind !== "conflict" || warning.outcome === "waits") return [];
    return [`${timeOf(warning.at)} '${warning.title}' will be ${warning.outcome} because of '${warning.with.title}'`];
  });
  const [first] = lines;
  return first === undefined ? null : `${first}${lines.length === 1 ? "" : `, and ${lines.length - 1} more`}`;
}

export class AgendaWarnings {
  #kept: {
    readonly facts: Facts;
    readonly media: number;
    readonly until: Monotonic;
    readonly found: Warning[];
  } | null = null;

  /** The warnings of the coming day, at most a minute old. */
  current(parts: Pick<Parts, "media" | "outputs" | "clock">): readonly Warning[] {
    const { outputs, clock } = parts;
    const { facts } = outputs[0].conductor;
    const media = presentMedia(parts).size;
    const monotonic = clock.monotonic();
    const kept = this.#kept;
    if (kept !== null && kept.facts === facts && kept.media === media && monotonic < kept.until) return kept.found;
    const found = agendaWarnings(parts, WARN_AHEAD);
    this.#kept = { facts, media, until: monotonic + KEPT, found };
    return found;
  }
}
