/** The proof of play of a run, from the journal alone, and how it compares with what the scenario expects. */
import type { Instant } from "../../playback/model/units.ts";
import type { JournalRecord } from "../../storage/journal.ts";
import type { Expected } from "./scenario.ts";

export interface ProofItem {
  readonly title: string;
  readonly startedAt: Instant | null;
  readonly heardMs: number;
  readonly outcome: string;
}

export interface ProofSlot {
  readonly key: string;
  readonly id: string;
  readonly title: string;
  readonly class: string;
  readonly plannedAt: Instant;
  readonly outcome: string;
  readonly reason: string | null;
  readonly startedAt: Instant | null;
  readonly items: readonly ProofItem[];
}

interface SlotBody {
  readonly key: string;
  readonly id: string;
  readonly title: string;
  readonly precedence: string;
  readonly plannedAt: string;
  readonly outcome: string;
  readonly why: { readonly reason: string } | null;
  readonly startedAt: string | null;
  readonly segments: readonly {
    readonly itemId: string;
    readonly startedAt: string | null;
    readonly fromMs: number;
    readonly toMs: number;
    readonly outcome: string;
  }[];
}

const instant = (text: string | null): Instant | null => (text === null ? null : Date.parse(text));

/** The slots among these records. */
export function proofOf(records: readonly JournalRecord[]): ProofSlot[] {
  return records
    .filter(({ kind }) => kind === "slot")
    .map(({ body }) => {
      const slot = body as unknown as SlotBody;
      return {
        key: slot.key,
        id: slot.id,
        title: slot.title,
        class: slot.precedence,
        plannedAt: Date.parse(slot.plannedAt),
        outcome: slot.outcome,
        reason: slot.why?.reason ?? null,
        startedAt: instant(slot.startedAt),
        items: slot.segments.map((segment) => ({
          title: segment.itemId,
          startedAt: instant(segment.startedAt),
          heardMs: segment.startedAt === null ? 0 : Math.max(0, segment.toMs - segment.fromMs),
          outcome: segment.outcome,
        })),
      };
    });
}

const SECOND = 1_000;
const wire = (at: Instant) => new Date(at).toISOString();

function differences(expected: Expected, slot: ProofSlot): string[] {
  const name = `${expected.slot} at ${wire(slot.plannedAt)}`;
  const found: string[] = [];
  if (slot.outcome !== expected.outcome) found.push(`${name}: expected ${expected.outcome}, was ${slot.outcome}`);
  if ((expected.reason ?? null) !== slot.reason) {
    found.push(`${name}: expected reason ${expected.reason ?? "none"}, was ${slot.reason ?? "none"}`);
  }
  if (expected.starts !== null && Math.abs((slot.startedAt ?? 0) - expected.starts) >= SECOND) {
    const was = slot.startedAt === null ? "never" : wire(slot.startedAt);
    found.push(`${name}: expected to start at ${wire(expected.starts)}, did ${was}`);
  }
  const heard = slot.items.filter(({ heardMs }) => heardMs > 0).map(({ title }) => title);
  if (expected.heard !== undefined && expected.heard.join() !== heard.join()) {
    found.push(
      `${name}: expected to hear ${expected.heard.join(", ") || "nothing"}, heard ${heard.join(", ") || "nothing"}`,
    );
  }
  return found;
}

/** Every way in which the proof differs from what is expected; records that nobody expected are differences too. */
export function compare(expected: readonly Expected[], proof: readonly ProofSlot[]): string[] {
  const left = [...proof];
  const found: string[] = [];
  for (const one of expected) {
    const index = left.findIndex(
      ({ id, plannedAt }) => id === one.slot && (one.at === null || Math.abs(plannedAt - one.at) < SECOND),
    );
    const slot = left[index];
    if (slot === undefined) {
      found.push(`${one.slot}${one.at === null ? "" : ` at ${wire(one.at)}`}: there is no record of it`);
      continue;
    }
    left.splice(index, 1);
    found.push(...differences(one, slot));
  }
  const unexpected = left.map((slot) =>
    `${slot.id} at ${wire(slot.plannedAt)}: not expected, was ${slot.outcome} ${slot.reason ?? ""}`.trimEnd(),
  );
  return [...found, ...unexpected];
}
