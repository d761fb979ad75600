import { describe, expect, it } from "vitest";
import { csvOf } from "../../../agent/report/csv.ts";
import { lastMonth, localMonth } from "../../../agent/report/local-month.ts";
import { monthlyReport } from "../../../agent/report/monthly.ts";
import { pageOf } from "../../../agent/report/page.ts";
import type { MonthReport } from "../../../agent/report/report.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import { DAY, HOUR, MINUTE, SECOND, type Sha256 } from "../../../playback/model/units.ts";
import type { Segment, SlotHeader, SlotOutcome } from "../../../playback/ports/play-log.ts";
import type { Store } from "../../../storage/store.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";

const zone = "Asia/Ho_Chi_Minh";
const local = (text: string) => Date.parse(`${text}+07:00`);
const identity = { station: "cum-loa-01", commune: "00004", province: "01" };
const schedule = (letter: string) => letter.repeat(64) as Sha256;

interface Planned {
  readonly at: string;
  readonly lateMs?: number;
  readonly class?: SlotHeader["precedence"];
  readonly kind?: SlotHeader["kind"];
  readonly document?: Sha256;
  readonly adoptedAt?: string;
  readonly outcome?: SlotOutcome;
  readonly why?: Parameters<typeof refusal>;
  /** Length of each segment, what of it was audible, and how it ended. */
  readonly segments?: readonly (readonly [playedMs: number, audibleMs: number, outcome?: Segment["outcome"]])[];
  readonly closedAt?: string;
  readonly title?: string;
  /** As a further output writes it. */
  readonly output?: string;
  readonly key?: string;
  readonly id?: string;
  readonly staggerMs?: number;
  readonly delayedMs?: number;
  readonly issuer?: string;
  readonly amplifier?: Segment["amplifier"];
}

let number = 0;

/** Writes a slot as the play log writes it. */
async function slot(store: Store, planned: Planned): Promise<void> {
  number += 1;
  const plannedAt = local(planned.at);
  const header: SlotHeader = {
    key: `${planned.key ?? `slot ${number}`}${planned.output === undefined ? "" : ` on ${planned.output}`}`,
    ...(planned.output === undefined ? {} : { output: planned.output }),
    kind: planned.kind ?? "programme",
    id: planned.id ?? planned.key ?? `p${number}`,
    title: planned.title ?? "Bản tin",
    precedence: planned.class ?? "normal",
    plannedAt,
    staggerMs: planned.staggerMs,
    origin: {
      issuer: planned.issuer ?? "so-vhttdl",
      adoptedAt: planned.adoptedAt === undefined ? 0 : local(planned.adoptedAt),
      address: "all",
      documentSha256: planned.document ?? schedule("0"),
      keys: planned.issuer === undefined ? ["k"] : [],
    },
  };
  const progress = { round: 0, itemIndex: 0, positionMs: 0, at: plannedAt };
  if (planned.segments !== undefined) {
    await store.playLog.begin(header, progress);
    let at = plannedAt + (planned.lateMs ?? 0);
    for (const [playedMs, audibleMs, outcome = "completed"] of planned.segments) {
      const segment: Segment = {
        ...{ itemId: "i", title: "Item", round: 0, sha256: schedule("1"), fromMs: 0, toMs: playedMs, outcome },
        ...{ startedAt: at, endedAt: at + playedMs, rms: -20, peak: -3, audibleMs },
        amplifier: planned.amplifier ?? "driven",
        delayedMs: planned.delayedMs,
      };
      await store.playLog.addSegment(header.key, segment, progress);
      at += playedMs;
    }
  }
  const why = planned.why === undefined ? null : refusal(...planned.why);
  await store.playLog.end(header, planned.outcome ?? "played", why);
}

/** The store's own clock stamps the records: it is set to when each was closed. */
async function write(store: Store, clock: { now(): number; step(by: number): void }, ...list: Planned[]) {
  for (const one of list) {
    clock.step(local(one.closedAt ?? one.at) + HOUR / 2 - clock.now());
    await slot(store, one);
  }
}
const append = (store: Store, at: string, kind: string, body: object) =>
  store.transaction((tx) => store.journal.append(tx, local(at), kind, body, "log"));

async function reportOf(store: Store, name = "2026-11", now = local("2026-12-15T00:00:00")): Promise<MonthReport> {
  const month = localMonth(name, zone);
  if (month === null) throw new Error(`no month ${name}`);
  return monthlyReport(month, { journal: store.journal, verify: () => store.journal.verify(), identity, now });
}

/** A small month whose figures can be added up by hand. */
async function november(): Promise<Store> {
  const { store, clock } = await temporaryStore();
  await append(store, "2026-10-20T08:00:00", "adopted", { kind: "schedule", level: "province", sha256: schedule("a") });
  await append(store, "2026-10-20T08:01:00", "adopted", { kind: "schedule", level: "commune", sha256: schedule("c") });
  await write(
    store,
    clock,
    // The last slot of October, closed in November.
    { at: "2026-10-31T23:59:59", closedAt: "2026-11-01T00:10:00", segments: [[MINUTE, MINUTE]] },
    // 05:00 local on the 1st is still October in UTC.
    { at: "2026-11-01T05:00:00", lateMs: 4, document: schedule("a"), segments: [[10 * MINUTE, 9 * MINUTE]] },
    { at: "2026-11-01T17:00:00", lateMs: 20, document: schedule("c"), segments: [[20 * MINUTE, 20 * MINUTE]] },
    { at: "2026-11-02T05:00:00", lateMs: 21, document: schedule("a"), segments: [[10 * MINUTE, 10 * MINUTE]] },
    {
      ...{ at: "2026-11-02T17:00:00", lateMs: 1_001, document: schedule("a"), class: "priority", outcome: "partial" },
      segments: [[30 * MINUTE, 27 * MINUTE]],
    },
    // A power cut ended it; the agent closed it three days later.
    {
      ...{ at: "2026-11-03T05:00:00", lateMs: 0, outcome: "interrupted", why: ["too-late", "interrupted"] },
      segments: [
        [5 * MINUTE, 5 * MINUTE],
        [5 * MINUTE, 0, "killed"],
      ],
      closedAt: "2026-11-06T09:00:00",
    },
    { at: "2026-11-07T05:00:00", outcome: "missed", why: ["too-late", "its time passed"] },
    { at: "2026-11-08T23:00:00", outcome: "refused", why: ["quiet-hours", "quiet"] },
    { at: "2026-11-09T23:00:00", outcome: "refused", why: ["quiet-hours", "quiet"] },
    {
      ...{ kind: "emergency", class: "emergency", title: "Bão số 9", at: "2026-11-10T01:00:00" },
      ...{ adoptedAt: "2026-11-10T01:00:02", lateMs: 2_250, segments: [[2 * MINUTE, 2 * MINUTE]] },
    },
    {
      ...{ kind: "emergency", class: "emergency", title: "Diễn tập", at: "2026-11-11T01:00:00" },
      ...{ adoptedAt: "2026-11-11T01:00:01", outcome: "refused", why: ["emergency-stopped", "stopped"] },
    },
    { kind: "announcement", class: "live", at: "2026-11-12T10:00:00", segments: [[MINUTE, MINUTE]] },
    // Planned in November, closed in December, and one that is December's.
    { at: "2026-11-30T23:59:00", lateMs: 0, segments: [[2 * MINUTE, 2 * MINUTE]], closedAt: "2026-12-01T00:01:00" },
    { at: "2026-12-01T00:00:00", segments: [[HOUR, HOUR]] },
  );
  const clockWord = { clock: "held" };
  await append(store, "2026-11-01T02:00:00", "started", {
    aliveAt: new Date(local("2026-10-31T22:00:00")),
    ...clockWord,
  });
  await append(store, "2026-11-06T09:00:00", "started", {
    aliveAt: new Date(local("2026-11-03T05:10:00")),
    ...clockWord,
  });
  await append(store, "2026-11-20T09:00:00", "started", {
    aliveAt: new Date(local("2027-01-01T00:00:00")),
    ...clockWord,
  });
  await append(store, "2026-11-20T12:00:00", "link", {
    downAt: new Date(local("2026-11-20T09:00:00")),
    clock: "floor",
  });
  await append(store, "2026-12-02T00:00:00", "link", { downAt: new Date(local("2026-11-30T20:00:00")), ...clockWord });
  const since = new Date(local("2026-11-20T13:00:00"));
  await append(store, "2026-11-20T13:01:00", "clock", { from: "floor", to: "held", since, blindMs: 90 * MINUTE });
  await append(store, "2026-11-20T14:00:00", "clock", { from: "held", to: "attested", since, blindMs: null });
  await append(store, "2026-11-21T00:00:00", "refused", { reason: "bad-signature" });
  await append(store, "2026-11-21T00:00:01", "refused", { reason: "bad-signature" });
  await append(store, "2026-12-21T00:00:01", "refused", { reason: "older" });
  await append(store, "2026-11-21T00:00:02", "adopted", { kind: "config", level: "", sha256: schedule("f") });
  await append(store, "2026-11-21T00:00:03", "muted", { by: "cli" });
  await append(store, "2026-11-21T00:00:04", "slot", { key: "of a version to come" });
  return store;
}

describe("the monthly report", () => {
  it("adds up a month as a person would by hand", async () => {
    const report = await reportOf(await november());
    expect(report.aired.playedMs).toBe(85 * MINUTE);
    expect(report.aired.byClassAndLevel).toEqual([
      { class: "priority", level: "province", playedMs: 30 * MINUTE },
      { class: "normal", level: "province", playedMs: 20 * MINUTE },
      { class: "normal", level: "commune", playedMs: 20 * MINUTE },
      { class: "normal", level: "unstated", playedMs: 12 * MINUTE },
      { class: "emergency", level: "unstated", playedMs: 2 * MINUTE },
      { class: "live", level: "unstated", playedMs: MINUTE },
    ]);
    expect(report.aired.days).toHaveLength(30);
    expect(report.aired.days[0]).toEqual({ date: "2026-11-01", slots: 2, playedMs: { normal: 30 * MINUTE } });
    expect(report.aired.days[29]).toEqual({ date: "2026-11-30", slots: 1, playedMs: { normal: 2 * MINUTE } });
    expect(report.slots).toEqual({
      planned: 9,
      outcomes: { played: 4, partial: 1, interrupted: 1, missed: 1, refused: 2, failed: 0 },
      reasons: [
        { outcome: "refused", reason: "quiet-hours", count: 2 },
        { outcome: "interrupted", reason: "too-late", count: 1 },
        { outcome: "missed", reason: "too-late", count: 1 },
        { outcome: "partial", reason: "unstated", count: 1 },
      ],
      announcements: 1,
    });
    expect(report.punctuality).toMatchObject({ started: 6, within20Ms: 4, within1S: 5, worst: { lateMs: 1_001 } });
    expect(report.punctuality.bins.flatMap(({ upToMs, count }) => (count > 0 ? [[upToMs, count]] : []))).toEqual([
      [5, 3],
      [20, 1],
      [100, 1],
      [5_000, 1],
    ]);
    // 80 minutes were measured: 85 less the 5 that died with the power.
    expect(report.audible).toEqual({
      playedMs: 85 * MINUTE,
      audibleMs: 76 * MINUTE,
      unmeasuredMs: 5 * MINUTE,
      share: 76 / 80,
    });
    expect(report.emergencyCount).toBe(2);
    expect(
      report.emergencies.map(({ headline, timeToAirMs, outcome, reason }) => [headline, timeToAirMs, outcome, reason]),
    ).toEqual([
      ["Bão số 9", 250, "played", null],
      ["Diễn tập", null, "refused", "emergency-stopped"],
    ]);
    expect(report.outages.map(({ kind, ms, uncertain }) => [kind, ms / HOUR, uncertain])).toEqual([
      ["agent", 2, false],
      ["agent", 75 + 50 / 60, false],
      ["link", 3, true],
      ["clock", 1.5, false],
      ["link", 4, false],
    ]);
    expect(report.downMs).toEqual({ agent: (77 + 50 / 60) * HOUR, link: 7 * HOUR, clock: 1.5 * HOUR });
    expect(report.documents).toEqual({ adopted: { config: 1 }, refused: { "bad-signature": 2 }, withdrawn: 0 });
    expect(report.controls).toEqual({ muted: 1 });
    expect(report).toMatchObject({
      complete: true,
      journal: { verified: true, problem: null, unreadable: 1, pruned: 0 },
    });
    expect(report.indicators.map(({ number, proof }) => `${number} ${proof}`)).toEqual([
      "1.1 evidence",
      "1.2 evidence",
      "1.5, 1.6 none",
      "2.2 none",
      "3, 4 evidence",
    ]);
    expect(report.indicators[0]?.finding.en).toContain("6/30 days");
  });

  it("says where the month is not over, where the journal was altered, and where a beginning was pruned", async () => {
    const store = await november();
    expect(await reportOf(store, "2026-11", local("2026-11-30T23:59:59"))).toMatchObject({ complete: false });
    expect(await reportOf(store, "2026-11", local("2026-12-01T00:00:00"))).toMatchObject({ complete: true });
    const [checkpoint] = await store.journal.list({ afterSeq: 5, limit: 1 });
    if (checkpoint === undefined) throw new Error("no record 6");
    const { seq, hash } = checkpoint;
    await store.transaction(async (tx) => {
      await store.journal.keep(tx, { seq, hash, evidence: Buffer.alloc(1) }, 0);
      await store.journal.prune(tx, local("2028-06-01T00:00:00"));
    });
    expect(await reportOf(store)).toMatchObject({ complete: false, journal: { verified: true, pruned: 5 } });
    await store.database.run(
      "UPDATE journal SET text = replace(text, '\"audibleMs\":', '\"audibleMs\":9') WHERE seq = 9",
    );
    expect(await reportOf(store)).toMatchObject({
      journal: { verified: false, problem: expect.stringContaining("altered") },
    });
  });

  it("is empty, and divides by nothing, where nothing was", async () => {
    const { store } = await temporaryStore();
    const report = await reportOf(store);
    expect(report).toMatchObject({ aired: { playedMs: 0 }, audible: { share: null }, punctuality: { started: 0 } });
    expect(pageOf(report)).toContain("Không có.");
    expect(csvOf(report)).toContain("slots,planned,,0,count");
  });

  it("reads 31 days of 30 slots, after 6,000 records of other months, within 10 s", async () => {
    const { store, clock } = await temporaryStore();
    await store.transaction(async (tx) => {
      const filling = { title: "x".repeat(800) };
      for (let n = 0; n < 6_000; n++)
        await store.journal.append(
          tx,
          local("2026-01-01T00:00:00") + n * 10 * MINUTE,
          "command-result",
          filling,
          "log",
        );
    });
    const header = {
      id: "p",
      title: "Bản tin",
      precedence: "normal",
      kind: "programme",
      origin: { issuer: "a", adoptedAt: 0, documentSha256: "0" },
    };
    await store.transaction(async (tx) => {
      for (let n = 0; n < 31 * 30; n++) {
        const at = local("2026-10-01T05:00:00") + Math.floor(n / 30) * DAY + (n % 30) * 20 * MINUTE;
        const [startedAt, endedAt] = [new Date(at), new Date(at + 10 * MINUTE)];
        const segments = [
          { fromMs: 0, toMs: 10 * MINUTE, startedAt, endedAt, outcome: "completed", audibleMs: 9 * MINUTE },
        ];
        const body = {
          ...header,
          key: `p@${n}`,
          plannedAt: startedAt,
          startedAt,
          outcome: "played",
          why: null,
          segments,
        };
        await store.journal.append(tx, at + 10 * MINUTE, "slot", body, "play");
      }
    });
    clock.step(local("2026-11-02T00:00:00") - clock.now());
    const begun = performance.now();
    const report = await reportOf(store, "2026-10");
    const tookMs = performance.now() - begun;
    expect(report.slots).toMatchObject({ planned: 930, outcomes: { played: 930 } });
    expect(report.aired).toMatchObject({ playedMs: 930 * 10 * MINUTE });
    expect(report.audible.share).toBeCloseTo(0.9, 10);
    expect(tookMs).toBeLessThan(10 * SECOND);
  });
});

describe("hours", () => {
  it("are the station's: what three outputs gave at once counts once, and is whole only where all of them gave it", async () => {
    const { store, clock } = await temporaryStore();
    const news = { at: "2026-11-02T05:00:00", key: "tin", document: schedule("c") } as const;
    await write(
      store,
      clock,
      { ...news, lateMs: 3, segments: [[10 * MINUTE, 10 * MINUTE]] },
      { ...news, output: "cho", lateMs: 700, segments: [[10 * MINUTE, 4 * MINUTE]] },
      {
        ...{ ...news, output: "truong", lateMs: 0, outcome: "partial", why: ["media-missing", "gone"] },
        segments: [[6 * MINUTE, 6 * MINUTE]],
      },
      // Another programme at the same hour is another hour.
      { at: "2026-11-02T05:00:00", key: "phien-cho", output: "cho", lateMs: 0, segments: [[MINUTE, MINUTE]] },
      { at: "2026-11-03T05:00:00", key: "tin-2", segments: [[5 * MINUTE, 5 * MINUTE]] },
      {
        ...{ at: "2026-11-03T05:00:00", key: "tin-2", output: "cho", outcome: "failed" },
        why: ["no-output", "no card"],
      },
    );
    const report = await reportOf(store);
    expect(report.aired.playedMs).toBe(16 * MINUTE);
    expect(report.aired.days[1]).toEqual({ date: "2026-11-02", slots: 2, playedMs: { normal: 11 * MINUTE } });
    expect(report.audible).toMatchObject({ playedMs: 16 * MINUTE, audibleMs: 16 * MINUTE, share: 1 });
    expect(report.slots).toMatchObject({ planned: 3, outcomes: { played: 1, partial: 1, failed: 1 } });
    expect(report.slots.reasons).toEqual([
      { outcome: "partial", reason: "media-missing", count: 1 },
      { outcome: "failed", reason: "no-output", count: 1 },
    ]);
    expect(report.punctuality).toMatchObject({ started: 3, within20Ms: 2, worst: { lateMs: 700 } });
  });

  it("begin in time on an output that is late on purpose, however late that is", async () => {
    const { store, clock } = await temporaryStore();
    const news = { at: "2026-11-02T05:00:00", lateMs: 30_104, staggerMs: 30_000, delayedMs: 100 } as const;
    await write(store, clock, { ...news, segments: [[MINUTE, MINUTE]] });
    const report = await reportOf(store);
    expect(report.punctuality).toMatchObject({ started: 1, within20Ms: 1, worst: { lateMs: 4 } });
  });

  it("were not audible where the amplifier was at fault, or a hand had cut the horns off", async () => {
    const { store, clock } = await temporaryStore();
    const whole = { segments: [[10 * MINUTE, 9 * MINUTE]] } as const;
    await write(
      store,
      clock,
      { ...whole, at: "2026-11-02T05:00:00", amplifier: "fault" },
      { ...whole, at: "2026-11-03T05:00:00", amplifier: "sensed" },
    );
    const { audible } = await reportOf(store);
    expect(audible).toMatchObject({ playedMs: 20 * MINUTE, audibleMs: 9 * MINUTE, share: 0.45 });
  });

  it("hold no self-test of the horns, but an announcement that only calls itself one", async () => {
    const { store, clock } = await temporaryStore();
    const test = { kind: "announcement", class: "live", segments: [[MINUTE, MINUTE]] } as const;
    await write(
      store,
      clock,
      { ...test, at: "2026-11-02T05:00:00", issuer: "speaker-test" },
      { ...test, at: "2026-11-03T05:00:00", title: "speaker-test" },
    );
    const report = await reportOf(store);
    expect([report.aired.playedMs, report.slots.announcements]).toEqual([MINUTE, 1]);
    expect(report.audible.playedMs).toBe(MINUTE);
    expect(report.journal.unreadable).toBe(0);
  });

  it("count an alert once, with the round that it owed for a late recording", async () => {
    const { store, clock } = await temporaryStore();
    const alert = { kind: "emergency", class: "emergency", at: "2026-11-10T01:00:00" } as const;
    await write(
      store,
      clock,
      { ...alert, key: "lu", lateMs: 2_000, segments: [[2 * MINUTE, 2 * MINUTE]] },
      { ...alert, key: "lu", output: "cho", lateMs: 2_500, segments: [[2 * MINUTE, 2 * MINUTE]] },
    );
    const late = { ...alert, key: "lu recording", lateMs: HOUR, segments: [[MINUTE, MINUTE]] } as const;
    await write(store, clock, { ...late, id: "lu" });
    const report = await reportOf(store);
    expect(report.emergencyCount).toBe(1);
    expect(report.emergencies).toMatchObject([{ identifier: "lu", audibleMs: 3 * MINUTE }]);
    expect(report.aired.playedMs).toBe(3 * MINUTE);
  });
});

describe("a month", () => {
  it("begins and ends at local midnight, and is none where it is none", () => {
    const month = localMonth("2028-02", zone);
    expect([month?.from, month?.to, month?.days.length]).toEqual([
      local("2028-02-01T00:00:00"),
      local("2028-03-01T00:00:00"),
      29,
    ]);
    for (const wrong of ["2026-13", "2026-00", "2026-1", "1999-01", "2026-11-01", "", "x"])
      expect(localMonth(wrong, zone)).toBeNull();
    expect(lastMonth(local("2026-12-01T00:00:00"), zone)).toBe("2026-11");
    expect(lastMonth(local("2026-11-30T23:59:59"), zone)).toBe("2026-10");
    expect(lastMonth(local("2026-01-15T00:00:00"), zone)).toBe("2025-12");
  });
});

describe("the page", () => {
  it("loads nothing, runs nothing, and shows a hostile title as text", async () => {
    const store = await november();
    const { clock } = await temporaryStore();
    await write(store, clock, {
      ...{ kind: "emergency", class: "emergency", at: "2026-11-13T10:00:00" },
      title: '</title><script>alert(1)</script><img src="http://example.org/x">\u202e"',
    });
    const page = pageOf(await reportOf(store));
    expect(page).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|url\(|@import|\u202e/i);
    expect(page.match(/https?:[^\s"'<]*/g)).toEqual(["http://example.org/x&#34;&#62;&#34;"]);
    expect(page).toContain("&#60;script&#62;alert(1)");
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).toContain("Báo cáo tháng 2026-11");
    expect(page).toBe(page.normalize("NFC"));
  });

  it("draws a bar for each class and day that aired, and one for each bin of lateness", async () => {
    const page = pageOf(await reportOf(await november()));
    const [days = "", lateness = ""] = page.match(/<svg.*?<\/svg>/gs) ?? [];
    // 1, 2 (two classes), 3, 10, 12 and 30 November.
    expect(days.match(/<rect/g)).toHaveLength(7);
    expect(days.match(/<g>/g)).toHaveLength(30);
    expect(lateness.match(/<g>/g)).toHaveLength(9);
    expect(lateness).toContain("≤ 20 ms");
    expect(lateness).toContain("&gt; 60 s");
    expect(page).not.toContain("NaN");
  });
});

describe("the table", () => {
  it("has one figure a row and no cell that a spreadsheet would run", async () => {
    const store = await november();
    const { clock } = await temporaryStore();
    await write(store, clock, {
      kind: "emergency",
      class: "emergency",
      at: "2026-11-13T10:00:00",
      title: '=cmd|"x",1',
    });
    const lines = csvOf(await reportOf(store)).split("\r\n");
    expect(lines[0]).toBe("\u{feff}section,item,detail,value,unit");
    expect(lines).toContain("aired,priority,province,1800000,ms");
    expect(lines).toContain("slots,refused,quiet-hours,2,count");
    expect(lines.find((line) => line.includes("cmd"))).toContain(`"'=cmd|""x"",1"`);
  });
});
