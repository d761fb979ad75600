/**
 * Thirty days offline with ten power cuts, with and without a battery-backed clock: every due item decided right.
 *
 * What is right is worked out here from the rules in the words of the contract, by plain counting of days and seconds; neither the agenda
 * nor the arbiter is asked.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseScenario } from "../../agent/simulate/scenario.ts";
import { simulate } from "../../agent/simulate/simulation.ts";
import { randomFrom } from "../source/random.ts";
import { MEMORY_FOLDER } from "../support/memory-folder.ts";

const [S, M, H, D] = [1_000, 60_000, 3_600_000, 86_400_000] as const;
/** Local time counted as if it were UTC: the zone has had one offset since 1975. */
const BEGIN = Date.UTC(2026, 10, 1);
const DAYS = 30;
/** Hours after the beginning when the network goes, and comes back. */
const [LOST, FOUND] = [12 * H, DAYS * D + 12.5 * H];
/** The station looks back this far for what it missed. */
const LOOKS_BACK = 25 * H;
const RESUMES_WITHIN = M;

const text = (at: number) => new Date(BEGIN + at).toISOString().slice(0, 19).replace("T", " ");

interface Rule {
  readonly id: string;
  readonly class: "normal" | "priority";
  readonly start: number;
  readonly lengthMs: number;
  /** Of the window; without one it ends with its items. */
  readonly windowMs?: number;
  readonly due: (date: Date) => boolean;
  readonly recurrence: object;
}

const daily = (weekdays: readonly string[]) => ({ kind: "weekly", weekdays });
const WEEK = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
const on = (...names: string[]) => ({
  due: (date: Date) => names.includes(WEEK[date.getUTCDay()] ?? ""),
  recurrence: daily(names),
});

const RULES: readonly Rule[] = [
  { id: "tin-tinh", class: "priority", start: 5 * H, lengthMs: 20 * S, ...on(...WEEK) },
  { id: "sang", class: "normal", start: 5.5 * H, lengthMs: 60 * S, ...on(...WEEK.slice(1)) },
  { id: "nham", class: "normal", start: 3.25 * H, lengthMs: 10 * S, ...on("WE") },
  { id: "chieu", class: "normal", start: 17 * H, lengthMs: 40 * S, ...on(...WEEK) },
  { id: "nen", class: "normal", start: 19 * H, lengthMs: 30 * S, windowMs: 5 * M, ...on("FR") },
  {
    id: "cuoi-thang",
    class: "normal",
    start: 11 * H,
    lengthMs: 15 * S,
    due: (date) => new Date(date.getTime() + D).getUTCDate() === 1,
    recurrence: { kind: "rrule", dtstart: "2026-01-31T11:00:00", rrule: "FREQ=MONTHLY;BYMONTHDAY=-1" },
  },
];
/** Days of the month; on the second of them a greeting of 15 s stands in the place of what is normal. */
const SUSPENDED = { silent: ["10", "11"], replaced: ["13"] };
const GREETING = 15 * S;

interface Slot {
  readonly rule: Rule;
  readonly at: number;
  readonly lengthMs: number;
  readonly silenced: boolean;
}

const slots: Slot[] = Array.from({ length: DAYS + 1 }, (_, day) => day * D)
  .flatMap((midnight) => {
    const date = new Date(BEGIN + midnight);
    const number = String(date.getUTCDate()).padStart(2, "0");
    const inMonth = date.getUTCMonth() === 10 && date.getUTCFullYear() === 2026;
    return RULES.filter((rule) => rule.due(date)).map((rule): Slot => {
      const normal = rule.class === "normal" && inMonth;
      const replaced = normal && SUSPENDED.replaced.includes(number);
      const own = rule.windowMs ?? rule.lengthMs;
      return {
        rule,
        at: midnight + rule.start,
        lengthMs: replaced ? GREETING : own,
        silenced: normal && SUSPENDED.silent.includes(number),
      };
    });
  })
  .sort((a, b) => a.at - b.at);

interface Cut {
  readonly at: number;
  readonly back: number;
}

/** Five that hit where it hurts, five anywhere; none so near to an edge that a second decides. */
function cutsOf(seed: number): Cut[] {
  const random = randomFrom(seed);
  const cuts: Cut[] = [
    { at: 1 * D + 5.5 * H + 20 * S, back: 1 * D + 5.5 * H + 40 * S },
    { at: 3 * D + 17 * H + 10 * S, back: 3 * D + 17 * H + 5 * M },
    { at: 6 * D + 5.5 * H - 30 * S, back: 6 * D + 5.5 * H + 30 * S },
    { at: 8 * D + 16 * H, back: 8 * D + 18 * H },
    { at: 20 * D + 4 * H, back: 21 * D + 10 * H },
  ];
  const edges = slots.flatMap(({ at, lengthMs }) => [at, at + lengthMs]);
  while (cuts.length < 10) {
    const at = LOST + H + Math.floor(random() * (FOUND - LOST - 6 * H));
    const cut = { at, back: at + M + Math.floor(random() * 3 * H) };
    const free = cuts.every((other) => cut.back + H < other.at || other.back + H < cut.at);
    const clear = edges.every((edge) => Math.abs(edge - cut.at) > 2 * M && Math.abs(edge - cut.back) > 2 * M);
    if (free && clear) cuts.push(cut);
  }
  return cuts.sort((a, b) => a.at - b.at);
}

interface Verdict {
  readonly outcome: string;
  readonly reason: string | null;
  /** When its first sound begins; `null` where it never does. */
  readonly starts: number | null;
}

const verdict = (outcome: string, reason: string | null = null, starts: number | null = null): Verdict => ({
  outcome,
  reason,
  starts,
});

/** A slot that the station first looks at when it is up at `from`. */
function judge({ rule, at, lengthMs, silenced }: Slot, from: number, cuts: readonly Cut[]): Verdict {
  if (silenced) return verdict("refused", "suspended");
  // Quiet until 04:30; who looks later finds only that it is too late.
  if (rule.id === "nham" && from - at <= lengthMs) return verdict("refused", "quiet-hours");
  if (from - at > lengthMs) return verdict("missed", "too-late");
  const starts = Math.max(at, from);
  // A window ends when it says, items when they are over.
  const ends = rule.windowMs === undefined || lengthMs === GREETING ? starts + lengthMs : at + rule.windowMs;
  const cut = cuts.find((one) => one.at > starts && one.at < ends);
  if (cut === undefined || cut.back - cut.at <= RESUMES_WITHIN) return verdict("played", null, starts);
  return verdict("interrupted", "too-late", starts);
}

/** What the play log must hold, by key. */
function expected(cuts: readonly Cut[], rtc: boolean): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const slot of slots) {
    if (slot.at >= FOUND + H) continue;
    const name = `${slot.rule.id} ${text(slot.at)}`;
    const cut = cuts.find(({ at, back }) => at <= slot.at && slot.at < back);
    const blindFrom = rtc ? Number.POSITIVE_INFINITY : (cuts[0]?.at ?? 0);
    // Without a clock nobody knows what is due, until signed time comes back.
    const looksAt = slot.at >= blindFrom && slot.at < FOUND ? FOUND : cut === undefined ? slot.at : cut.back;
    if (looksAt - slot.at >= LOOKS_BACK) continue;
    const found = judge(slot, looksAt, cuts);
    const blind = !rtc && found.starts !== null && cuts[0] !== undefined && cuts[0].at > found.starts;
    const torn = blind && (cuts[0]?.at ?? 0) < found.starts + slot.lengthMs;
    verdicts.set(name, torn ? verdict("interrupted", "too-late", found.starts) : found);
  }
  return verdicts;
}

function scenarioText(cuts: readonly Cut[], rtc: boolean): string {
  return JSON.stringify({
    title: { vi: "Ba mươi ngày mất mạng", en: "Thirty days offline" },
    start: text(0).slice(0, 16),
    lasts: `${(FOUND + H) / H}h`,
    clock: { rtc },
    media: [
      ...RULES.map(({ id, lengthMs }) => ({ name: id, length: `${lengthMs}ms` })),
      { name: "loi-chuc", length: `${GREETING}ms` },
    ],
    documents: [
      {
        schedule: {
          level: "province",
          programmes: RULES.map(({ id, class: name, start, windowMs, recurrence }) => ({
            id,
            title: id,
            class: name,
            recurrence,
            start: text(start).slice(11, 16),
            ...(windowMs === undefined
              ? {}
              : { end: text(start + windowMs).slice(11, 16), loop: true, overrun: "cut" }),
            items: [id],
          })),
        },
      },
      {
        suspension: {
          periods: [
            { id: "im", reason: "Quốc tang", from: "2026-11-10", until: "2026-11-11", classes: ["normal"] },
            {
              id: "thay",
              reason: "Ngày hội",
              from: "2026-11-13",
              until: "2026-11-13",
              classes: ["normal"],
              replaceBy: ["loi-chuc"],
            },
          ],
        },
      },
    ],
    events: [
      { at: text(LOST), link: "down" },
      ...cuts.map(({ at, back }) => ({ at: text(at), "power-cut": `${back - at}ms` })),
      { at: text(FOUND), link: "up" },
    ],
  });
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(MEMORY_FOLDER, "loa-thirty-days-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("thirty days offline with ten power cuts", () => {
  it.each([
    ["with", true],
    ["without", false],
  ])(
    "%s a battery-backed clock: every due item is decided right, in at most 60 s of work",
    async (_name, rtc) => {
      const began = process.cpuUsage();
      const cuts = cutsOf(20_261_101);
      expect(cuts).toHaveLength(10);
      const scenario = parseScenario(scenarioText(cuts, rtc));
      if ("length" in scenario) throw new Error(JSON.stringify(scenario));
      const { proof, faults, journal, outbox } = await simulate(scenario, { folder, speed: null });
      expect(faults).toEqual([]);
      expect(journal.intact).toBe(true);
      const right = expected(cuts, rtc);
      const was = new Map(
        proof.map(({ id, plannedAt, outcome, reason, startedAt }) => {
          const local = (at: number) => at + 7 * H - BEGIN;
          const starts = startedAt === null ? null : local(startedAt);
          return [`${id} ${text(local(plannedAt))}` as string, { outcome, reason, starts }] as const;
        }),
      );
      expect([...was.keys()].sort()).toEqual([...right.keys()].sort());
      for (const [name, verdictOf] of right) {
        const { starts, ...rest } = was.get(name) ?? verdict("none");
        const late = starts === null || verdictOf.starts === null ? 0 : starts - verdictOf.starts;
        // To the second; after a power cut the amplifier has to warm first.
        expect([name, { ...rest, starts: starts !== null }]).toEqual([
          name,
          { outcome: verdictOf.outcome, reason: verdictOf.reason, starts: verdictOf.starts !== null },
        ]);
        expect([name, late >= 0 && late <= 3 * S]).toEqual([name, true]);
      }
      // The days held what they were made for.
      const kinds = new Set([...right.values()].map(({ outcome, reason }) => `${outcome} ${reason ?? ""}`.trim()));
      expect([...kinds].sort()).toEqual(
        rtc
          ? ["interrupted too-late", "missed too-late", "played", "refused quiet-hours", "refused suspended"]
          : ["interrupted too-late", "missed too-late", "played"],
      );
      // Thirty days of events waited, fitted, and arrived whole.
      expect(outbox).toMatchObject({ waiting: 0, received: outbox.issued });
      expect(outbox.issued).toBeGreaterThan(rtc ? 90 : 5);
      const { user, system } = process.cpuUsage(began);
      expect((user + system) / 1_000).toBeLessThan(60_000);
    },
    240_000,
  );
});
