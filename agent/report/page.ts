/**
 * The report as one page for people: Vietnamese with English beside it, charts inside, good on paper. Asks nobody for anything, also where it
 * is opened on a machine with a network: its own policy forbids it.
 */
import { PRECEDENCES } from "../../playback/model/bulletin.ts";
import { HOUR, type Millis } from "../../playback/model/units.ts";
import { CLASS_WORDS, REASON_WORDS } from "../cli/words.ts";
import { CLASS_COLOURS, hoursPerDay, latenessHistogram } from "./charts.ts";
import { both, escaped, table } from "./html.ts";
import type { MonthReport } from "./report.ts";
import { CONTROL_WORDS, KIND_WORDS, LEVEL_WORDS, OUTAGE_WORDS, OUTCOME_WORDS, type Pair } from "./words.ts";

const STYLE = `
:root{color-scheme:light}
body{font:15px/1.45 system-ui,sans-serif;color:#1c2430;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:1.8rem 0 .5rem;border-bottom:2px solid #3d7ea6}
.en{color:#5a6675;font-size:.86em}h2 .en{font-weight:400}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.6rem;margin:1rem 0}
.tile{border:1px solid #cfd8e0;border-radius:.4rem;padding:.6rem .8rem}.tile b{display:block;font-size:1.4rem}
table{border-collapse:collapse;width:100%;margin:.4rem 0}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #e2e8ee;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
svg{width:100%;height:auto}.grid{stroke:#d5dde4}.tick{font-size:10px;fill:#5a6675}.middle{text-anchor:middle}.end{text-anchor:end;dominant-baseline:middle}
.key{display:inline-block;width:.9em;height:.9em;margin:0 .35em 0 1em;vertical-align:-.1em}
.bad{color:#a61c28;font-weight:600}.small{font-size:.82em;overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none;font-size:11px}h2,.tiles,svg,tr{break-inside:avoid}rect,.key{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;

const hours = (ms: Millis) => `${(ms / HOUR).toLocaleString("vi-VN", { maximumFractionDigits: 1 })} h`;
const percent = (part: number, whole: number) =>
  whole === 0 ? "—" : `${((part / whole) * 100).toLocaleString("vi-VN", { maximumFractionDigits: 1 })} %`;
const heading = (vi: string, en: string) => `<h2>${both({ vi, en })}</h2>`;
const tile = (value: string, vi: string, en: string) => `<div class="tile"><b>${value}</b>${both({ vi, en })}</div>`;

function summary(report: MonthReport): string {
  const { aired, slots, punctuality, audible, downMs } = report;
  const share = audible.share === null ? "—" : percent(audible.share, 1);
  return `<div class="tiles">${[
    tile(hours(aired.playedMs), "thời lượng phát", "aired"),
    tile(`${slots.outcomes.played} / ${slots.planned}`, "khung giờ phát trọn vẹn", "slots played whole"),
    tile(percent(punctuality.within1S, punctuality.started), "bắt đầu lệch ≤ 1 giây", "began within 1 s"),
    tile(percent(punctuality.within20Ms, punctuality.started), "bắt đầu lệch ≤ 20 ms", "began within 20 ms"),
    tile(share, "có âm thanh ở ngõ ra", "audible at the output"),
    tile(hours(downMs.agent), "agent không chạy", "agent down"),
    tile(hours(downMs.link), "mất kết nối (lịch vẫn phát)", "no link (schedules play on)"),
    tile(String(report.emergencyCount), "bản tin khẩn cấp", "emergencies"),
  ].join("")}</div>`;
}

function evidence({ journal, complete }: MonthReport): string {
  const state = journal.verified
    ? both({
        vi: "Nhật ký nguyên vẹn, đã kiểm tra chuỗi băm.",
        en: "The journal is intact; its hash chain was checked.",
      })
    : `<span class="bad">${both({ vi: "NHẬT KÝ KHÔNG NGUYÊN VẸN", en: "THE JOURNAL IS NOT INTACT" })}: ${escaped(journal.problem ?? "")}</span>`;
  const partly = complete
    ? ""
    : `<p class="bad">${both({ vi: "Số liệu chưa đủ tháng.", en: "These are not the figures of a whole month." })}</p>`;
  const unread =
    journal.unreadable === 0
      ? ""
      : `<p class="bad">${both({ vi: `${journal.unreadable} bản ghi không đọc được, không có trong số liệu.`, en: `${journal.unreadable} records could not be read and are in no figure.` })}</p>`;
  return `<p>${state}<br><span class="small">${journal.count} · ${escaped(journal.hash)}</span></p>${partly}${unread}`;
}

function airedPart({ aired }: MonthReport): string {
  const legend = [...PRECEDENCES]
    .reverse()
    .map(
      (name) =>
        `<span class="key" style="background:${CLASS_COLOURS[name]}"></span>${both(CLASS_WORDS[name] ?? { vi: name, en: name })}`,
    )
    .join("");
  const rows = aired.byClassAndLevel.map((one) => [
    both(CLASS_WORDS[one.class] ?? { vi: one.class, en: one.class }),
    both(LEVEL_WORDS[one.level]),
    hours(one.playedMs),
  ]);
  const head = [
    { vi: "Loại", en: "Class" },
    { vi: "Cấp", en: "Level" },
    { vi: "Thời lượng", en: "Aired" },
  ];
  return `${heading("Giờ phát theo ngày", "Hours aired per day")}${hoursPerDay(aired.days, "Giờ phát theo ngày / Hours aired per day")}<p>${legend}</p>${table(head, rows)}`;
}

function slotsPart({ slots, punctuality }: MonthReport): string {
  const rows = Object.entries(slots.outcomes).map(([outcome, count]) => [
    both(OUTCOME_WORDS[outcome as keyof typeof OUTCOME_WORDS]),
    count,
  ]);
  const reasons = slots.reasons.map(({ outcome, reason, count }) => [
    both(OUTCOME_WORDS[outcome]),
    both((REASON_WORDS as Record<string, Pair>)[reason] ?? { vi: reason, en: reason }),
    count,
  ]);
  const head = [
    { vi: "Kết quả", en: "Outcome" },
    { vi: "Số khung giờ", en: "Slots" },
  ];
  const [outcome, number] = head as [Pair, Pair];
  const { worst } = punctuality;
  const latest =
    worst === null
      ? ""
      : `<p>${both({ vi: "Trễ nhất", en: "Latest" })}: ${escaped(worst.title)}, ${escaped(worst.plannedAt)}: ${(worst.lateMs / 1_000).toFixed(3)} s</p>`;
  return [
    heading("Khung giờ", "Slots"),
    table(head, rows),
    table([outcome, { vi: "Lý do", en: "Reason" }, number], reasons),
    heading("Đúng giờ", "Punctuality"),
    latenessHistogram(punctuality.bins, "Độ lệch khi bắt đầu / How late slots began"),
    latest,
  ].join("");
}

function emergencyPart({ emergencies, zone }: MonthReport): string {
  const rows = emergencies.map((one) => [
    escaped(one.headline),
    local(one.adoptedAt, zone),
    one.timeToAirMs === null ? "—" : `${(one.timeToAirMs / 1_000).toFixed(2)} s`,
    both(OUTCOME_WORDS[one.outcome]),
  ]);
  const head = [
    { vi: "Bản tin", en: "Alert" },
    { vi: "Nhận lúc", en: "Received" },
    { vi: "Từ khi nhận đến khi phát", en: "From receipt to sound" },
    { vi: "Kết quả", en: "Outcome" },
  ];
  return heading("Khẩn cấp", "Emergencies") + table(head, rows);
}

function outagePart({ outages, zone }: MonthReport): string {
  const rows = outages.map((one) => [
    both(OUTAGE_WORDS[one.kind]) + (one.uncertain ? " ?" : ""),
    local(one.from, zone),
    local(one.to, zone),
    hours(one.ms),
  ]);
  const head = [
    { vi: "Gián đoạn", en: "Outage" },
    { vi: "Từ", en: "From" },
    { vi: "Đến", en: "To" },
    { vi: "Thời gian", en: "Length" },
  ];
  return heading("Gián đoạn", "Outages") + table(head, rows);
}

function documentPart({ documents, controls }: MonthReport): string {
  const rows = [
    ...Object.entries(documents.adopted).map(([kind, count]) => [both(KIND_WORDS.adopted), escaped(kind), count]),
    ...Object.entries(documents.refused).map(([reason, count]) => [both(KIND_WORDS.refused), escaped(reason), count]),
    ...(documents.withdrawn > 0 ? [[both(KIND_WORDS.withdrawn), "", documents.withdrawn]] : []),
    ...Object.entries(controls).map(([kind, count]) => [
      both(KIND_WORDS.control),
      both(CONTROL_WORDS[kind] ?? { vi: kind, en: kind }),
      count,
    ]),
  ];
  const head = [
    { vi: "Việc", en: "What" },
    { vi: "Loại", en: "Which" },
    { vi: "Số lần", en: "Times" },
  ];
  return heading("Tài liệu và thao tác", "Documents and controls") + table(head, rows);
}

function indicatorPart({ indicators }: MonthReport): string {
  const rows = indicators.map(({ number, subject, finding, proof }) => [
    escaped(number),
    both(subject),
    `${proof === "none" ? "✗ " : ""}${both(finding)}`,
  ]);
  const head = [
    { vi: "Chỉ tiêu", en: "Indicator" },
    { vi: "Nội dung", en: "Subject" },
    { vi: "Cụm loa chứng minh được", en: "What this cluster proves" },
  ];
  return heading("Chỉ tiêu QĐ 1381", "Indicators of Decision 1381") + table(head, rows);
}

function local(at: string, zone: string): string {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  return format.format(new Date(at));
}

export function pageOf(report: MonthReport): string {
  const { station, commune, province, month } = report;
  const title = `${station} · ${month}`;
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  return `<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>Báo cáo tháng ${escaped(month)} <span class="en">Monthly report</span></h1>
<p>${both({ vi: "Cụm loa", en: "Cluster" })} <b>${escaped(station)}</b> · ${both({ vi: "xã", en: "commune" })} ${escaped(commune)} · ${both({ vi: "tỉnh", en: "province" })} ${escaped(province)} · ${local(report.generatedAt, report.zone)}</p>
${evidence(report)}${summary(report)}${airedPart(report)}${slotsPart(report)}${emergencyPart(report)}${outagePart(report)}${documentPart(report)}${indicatorPart(report)}
</body></html>
`;
}
