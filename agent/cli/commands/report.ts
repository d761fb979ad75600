/** `loa report`: what a month was, from the journal: a summary, JSON, a table, or a page for people. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { csvOf } from "../../report/csv.ts";
import { pageOf } from "../../report/page.ts";
import type { MonthReport } from "../../report/report.ts";
import { OUTCOME_WORDS } from "../../report/words.ts";
import { type CliCommand, EXIT, UsageError } from "../command.ts";
import type { Words } from "../words.ts";

/** Reading a long journal on a small board takes its time. */
const LONGEST_MS = 300_000;

const hours = (ms: number) => (ms / 3_600_000).toFixed(1);
const percent = (part: number, whole: number) => (whole === 0 ? "—" : `${((part / whole) * 100).toFixed(1)} %`);

function summary(report: MonthReport, words: Words): string {
  const { aired, slots, punctuality, audible, journal, downMs } = report;
  const say = (vi: string, en: string) => words.pick({ vi, en });
  const line = (label: string, text: string) => `${label.padEnd(24)} ${text}`;
  const outcomes = Object.entries(slots.outcomes)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${words.pick(OUTCOME_WORDS[outcome as keyof typeof OUTCOME_WORDS])} ${count}`);
  const intact = journal.verified
    ? words.say("journalIntact", { count: journal.count })
    : words.say("journalBroken", { seq: "?", problem: journal.problem ?? "" });
  return [
    `${report.station} · ${report.month}${report.complete ? "" : ` · ${say("chưa đủ tháng", "not the whole month")}`}`,
    line(say("Thời lượng phát", "Aired"), `${hours(aired.playedMs)} h`),
    line(say("Khung giờ", "Slots"), `${slots.planned}: ${outcomes.join(", ")}`),
    line(
      say("Đúng giờ ≤ 1 s / ≤ 20 ms", "On time ≤ 1 s / ≤ 20 ms"),
      `${percent(punctuality.within1S, punctuality.started)} / ${percent(punctuality.within20Ms, punctuality.started)}`,
    ),
    line(say("Có âm thanh", "Audible"), audible.share === null ? "—" : percent(audible.share, 1)),
    line(words.say("emergencies"), String(report.emergencyCount)),
    line(say("Gián đoạn", "Outages"), `agent ${hours(downMs.agent)} h · link ${hours(downMs.link)} h`),
    intact,
  ].join("\n");
}

export const report: CliCommand = {
  usage: "loa report [--month YYYY-MM] [--json|--csv|--html FILE]",
  help: { vi: "báo cáo tháng: giờ phát, đúng giờ, sự cố", en: "the month: hours aired, punctuality, outages" },
  async run({ ask, args, flags, words, print }) {
    const chosen = [flags.json, flags.csv, flags.html !== null].filter(Boolean).length;
    if (args.length > 0 || chosen > 1) throw new UsageError(report.usage);
    const query = new URLSearchParams(flags.month === null ? {} : { month: flags.month });
    const found = (await ask("GET", `/v1/report?${query}`, undefined, LONGEST_MS)) as MonthReport;
    if (flags.html !== null) {
      const file = resolve(flags.html);
      await writeFile(file, pageOf(found));
      print(file);
    } else if (flags.csv) print(csvOf(found).trimEnd());
    else print(flags.json ? JSON.stringify(found) : summary(found, words));
    return found.journal.verified ? EXIT.ok : EXIT.data;
  },
};
