/** What remains of a story: the table, the summary, the picture. */
import { relative } from "node:path";
import { RECORDING_RATE, type Recorder } from "../support/sound/recorder.ts";
import { drawTimeline } from "../support/sound/timeline-picture.ts";
import type { Unplanned, Verdict } from "./judge.ts";
import type { RecordsVerdict, SlotRecord } from "./records.ts";
import { type StoryWords, timeOfDay } from "./words.ts";

/** A fact that was looked up. */
export interface Proof {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Everything that was found out. */
export interface Findings {
  readonly ok: boolean;
  /** From the story's start to its end. */
  readonly seconds: number;
  readonly items: readonly Verdict[];
  readonly unplanned: readonly Unplanned[];
  readonly proofs: readonly Proof[];
  readonly records: RecordsVerdict;
  readonly slots: readonly SlotRecord[];
  readonly folder: string;
}

/** Something that happened, for the picture. */
export interface Happening {
  readonly at: number;
  readonly label: string;
  readonly fault: boolean;
}

const wire = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const tenth = (value: number | null) => (value === null ? null : Math.round(value * 10) / 10);

/** The last line of `--json`. */
export function summary({ items, slots: _, ...rest }: Findings, extra: object): object {
  return {
    ...rest,
    items: items.map(({ parts, ...item }) => ({
      ...item,
      plannedAt: wire(item.plannedAt),
      foundAt: wire(item.foundAt),
      endedAt: wire(item.endedAt),
      startErrorMs: tenth(item.startErrorMs),
      lengthMs: tenth(item.lengthMs),
      expectedMs: tenth(item.expectedMs),
      score: Math.round(item.score * 1_000) / 1_000,
      parts: parts.length,
    })),
    unplanned: rest.unplanned.map((one) => ({ ...one, at: wire(one.at), lengthMs: tenth(one.lengthMs) })),
    ...extra,
  };
}

/** Proof of play: each slot with what the station recorded of it, and below it what was heard. */
export function table(
  findings: Findings,
  words: StoryWords,
  itemTitle: (id: string) => string,
  slotOf: (id: string) => SlotRecord | undefined,
): string[] {
  const head = (
    ["columnItem", "columnPlanned", "columnFound", "columnError", "columnLength", "columnVerdict"] as const
  ).map((name) => words.say(name));
  const rows = findings.items.map((item) => [
    `  ${itemTitle(item.id)}`,
    item.plannedAt === null ? "—" : timeOfDay(item.plannedAt, true),
    item.foundAt === null ? "—" : timeOfDay(item.foundAt, true),
    item.startErrorMs === null ? "—" : item.startErrorMs.toFixed(1),
    `${item.lengthMs.toFixed(0)}/${item.expectedMs.toFixed(0)}`,
    `${item.verdict === "heard" ? "✔" : "✘"} ${words.code(item.verdict)}`,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return NUMBERS.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  const lines = findings.items.flatMap((item, n) => {
    const slot = slotOf(item.id);
    const begins = slot !== slotOf(findings.items[n - 1]?.id ?? "") || item.title !== findings.items[n - 1]?.title;
    const journal = slot === undefined ? words.say("noRecord") : words.code(slot.outcome);
    return [...(begins ? [`${item.title} — ${journal}`] : []), line(rows[n] ?? [])];
  });
  return ["", words.say("tableTitle"), "", line(head), ...lines, ""];
}

const NUMBERS: readonly number[] = [3, 4];

/** The recording with its items and verdicts as a PNG. */
export async function picture(
  file: string,
  recorder: Recorder,
  findings: Findings,
  story: {
    readonly from: number;
    readonly to: number;
    readonly happenings: readonly Happening[];
    readonly itemTitle: (id: string) => string;
    readonly classOf: (id: string) => string;
  },
  words: StoryWords,
): Promise<void> {
  const from = Math.max(0, recorder.sampleAt(story.from));
  const to = Math.min(recorder.length, recorder.sampleAt(story.to));
  const items = findings.items.flatMap((item) => {
    const error = item.startErrorMs === null ? "—" : item.startErrorMs.toFixed(0);
    const ok = item.verdict === "heard";
    const text = ok
      ? `${words.say("pictureHeard", { error })}, ${item.lengthMs.toFixed(0)}/${item.expectedMs.toFixed(0)} ms`
      : words.code(item.verdict);
    const spans =
      item.parts.length > 0
        ? item.parts.map((part) => [recorder.wallTimeOf(part.from), recorder.wallTimeOf(part.to)] as const)
        : [[item.plannedAt ?? story.from, (item.plannedAt ?? story.from) + item.expectedMs] as const];
    const color = COLORS[story.classOf(item.id)] ?? COLORS.normal ?? "";
    return spans.map(([start, end], n) => ({
      label: n === 0 ? story.itemTitle(item.id) : `${story.itemTitle(item.id)} …`,
      from: start,
      to: end,
      color,
      ...(n === 0 ? { verdict: { ok, text } } : {}),
    }));
  });
  await drawTimeline(
    {
      title: words.say("title"),
      subtitle: [
        `${new Date(story.from + 7 * 3_600_000).toISOString().slice(0, 10)}`,
        words.say(findings.ok ? "good" : "bad"),
      ].join(" · "),
      samples: recorder.samples(from, to),
      rate: RECORDING_RATE,
      startsAt: recorder.wallTimeOf(from),
      items,
      events: story.happenings.map(({ at, label, fault }) => ({ at, label, kind: fault ? "fault" : "note" })),
    },
    file,
  );
}

const COLORS: Readonly<Record<string, string>> = {
  normal: "#2b6cb0",
  priority: "#b7791f",
  emergency: "#c53030",
};

/** A path as a person in the checkout would type it. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
