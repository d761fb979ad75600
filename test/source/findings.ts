/**
 * What a province may hold against a station: events that never came, events told twice in two ways, a journal that was
 * rewritten. Pure; nothing here is a matter of opinion, each finding follows from two messages of the station itself.
 */

import { sha256Of } from "./envelope.ts";
import type { Gap, StationEvent, StationHistory, ToldHead } from "./history.ts";

/** `prev` of the first record. */
export const GENESIS = "0".repeat(64);

export const FINDING_KINDS = [
  "malformed-message",
  "missing-event",
  "contradicting-event",
  "doubled-record",
  "event-in-gap",
  "overlapping-gaps",
  "bad-hash",
  "broken-chain",
  "missing-record",
  "contradicting-head",
  "fallen-head",
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  /** Event or record sequence it is about, where there is one. */
  readonly seq: number | null;
  readonly detail: string;
}

/** The hash a journal record must have. */
export function recordHash(prev: string, text: string): string {
  return sha256Of(`${prev}\n${text}`);
}

/** Everything that is wrong with what a station has said so far; empty for an honest one. */
export function inspect(history: StationHistory): Finding[] {
  return [
    ...history.malformed.map((detail) => finding("malformed-message", null, detail)),
    ...history.contradictions.map(({ seq, kept, other }) =>
      finding("contradicting-event", seq, `first record ${kept.record.hash}, then ${other.record.hash}`),
    ),
    ...missingEvents(history),
    ...gapFindings(history),
    ...chainFindings([...history.events.values()]),
    ...headFindings(history),
  ];
}

function finding(kind: FindingKind, seq: number | null, detail: string): Finding {
  return { kind, seq, detail };
}

function missingEvents(history: StationHistory): Finding[] {
  const found: Finding[] = [];
  for (let seq = history.cumulative + 1; seq <= history.newestEvent; seq += 1) {
    if (history.events.has(seq) || history.gaps.some((gap) => covers(gap, seq))) continue;
    found.push(finding("missing-event", seq, `neither event ${seq} nor a gap over it has come`));
  }
  return found;
}

function gapFindings({ gaps, events }: StationHistory): Finding[] {
  const found: Finding[] = [];
  for (const [index, gap] of gaps.entries()) {
    for (const event of events.values()) {
      if (covers(gap, event.seq)) found.push(finding("event-in-gap", event.seq, `gap ${gap.from}–${gap.to}`));
    }
    for (const other of gaps.slice(index + 1)) {
      if (gap.from > other.to || other.from > gap.to) continue;
      found.push(finding("overlapping-gaps", gap.from, `${gap.from}–${gap.to} and ${other.from}–${other.to}`));
    }
  }
  return found;
}

function covers(gap: Gap, seq: number): boolean {
  return gap.from <= seq && seq <= gap.to;
}

function chainFindings(events: readonly StationEvent[]): Finding[] {
  const found: Finding[] = [];
  const sorted = events.toSorted((a, b) => a.record.seq - b.record.seq || a.seq - b.seq);
  for (const [index, event] of sorted.entries()) {
    const { seq, prev, hash, text } = event.record;
    if (recordHash(prev, text) !== hash) found.push(finding("bad-hash", seq, `says ${hash}`));
    const before = sorted[index - 1];
    if (before === undefined) {
      if (seq === 1 && prev !== GENESIS) found.push(finding("broken-chain", seq, `the first record follows ${prev}`));
    } else if (before.record.seq === seq) {
      found.push(finding("doubled-record", seq, `stands in events ${before.seq} and ${event.seq}`));
    } else if (before.record.seq === seq - 1) {
      if (before.record.hash !== prev) found.push(finding("broken-chain", seq, `follows ${prev}`));
    } else if (seq - before.record.seq > event.seq - before.seq) {
      // Records that left with dropped events are told by gaps; more records than events cannot have been.
      found.push(finding("missing-record", seq, `record ${before.record.seq} is the one before it`));
    }
  }
  return found;
}

function headFindings({ heads, events }: StationHistory): Finding[] {
  const records = new Map([...events.values()].map((event) => [event.record.seq, event.record]));
  return heads.flatMap((head, index) => {
    const { journal } = head;
    const found: Finding[] = [];
    const told = `${head.from} at ${head.at}`;
    const known = records.get(journal.seq)?.hash ?? (journal.seq === 0 ? GENESIS : journal.hash);
    if (known !== journal.hash) found.push(finding("contradicting-head", journal.seq, `${told} says ${journal.hash}`));
    const earlier = heads[index - 1];
    const fell = head.opens ? fallen(head, told) : null;
    if (fell !== null) found.push(fell);
    else if (earlier !== undefined) found.push(...comparedWith(earlier, head, told));
    return found;
  });
}

/** Within a session nothing can be taken back, so a head that is behind there was only late. */
function fallen({ journal, newestRecord, lastEvent, newestEvent }: ToldHead, told: string): Finding | null {
  if (journal.seq < newestRecord)
    return finding("fallen-head", journal.seq, `${told}: record ${newestRecord} was here already`);
  if (lastEvent !== null && lastEvent < newestEvent)
    return finding("fallen-head", lastEvent, `${told}: event ${newestEvent} was here already`);
  return null;
}

function comparedWith(earlier: ToldHead, head: ToldHead, told: string): Finding[] {
  const [before, now] = [earlier.journal, head.journal];
  if (now.seq === before.seq && now.hash !== before.hash)
    return [finding("contradicting-head", now.seq, `${told}: the same head had hash ${before.hash}`)];
  if (!head.opens) return [];
  if (now.seq < before.seq) return [finding("fallen-head", now.seq, `${told}: it was ${before.seq}`)];
  if (now.count < before.count)
    return [finding("fallen-head", now.seq, `${told}: ${before.count} records, then ${now.count}`)];
  return [];
}
