/** The report as a table for a spreadsheet: one figure a row. Pure. */
import type { MonthReport } from "./report.ts";

type Cell = string | number | null;

/**
 * RFC 4180. A text that a spreadsheet would read as a formula is quoted with an apostrophe, because titles come from outside.
 */
function cell(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function* rows(report: MonthReport): Generator<readonly Cell[]> {
  const { journal, aired, slots, punctuality, audible, downMs, documents } = report;
  yield ["report", "station", report.station, null, null];
  yield ["report", "month", report.month, null, null];
  yield ["report", "complete", null, Number(report.complete), "0/1"];
  yield ["journal", "verified", journal.hash, Number(journal.verified), "0/1"];
  yield ["journal", "records", null, journal.count, "count"];
  yield ["journal", "unreadable", null, journal.unreadable, "count"];
  yield ["aired", "total", null, aired.playedMs, "ms"];
  for (const one of aired.byClassAndLevel) yield ["aired", one.class, one.level, one.playedMs, "ms"];
  for (const { date, playedMs } of aired.days) {
    for (const [name, ms] of Object.entries(playedMs)) yield ["day", name, date, ms, "ms"];
  }
  yield ["slots", "planned", null, slots.planned, "count"];
  for (const [outcome, count] of Object.entries(slots.outcomes)) yield ["slots", outcome, null, count, "count"];
  for (const { outcome, reason, count } of slots.reasons) yield ["slots", outcome, reason, count, "count"];
  yield ["slots", "announcements", null, slots.announcements, "count"];
  yield ["punctuality", "started", null, punctuality.started, "count"];
  yield ["punctuality", "within 20 ms", null, punctuality.within20Ms, "count"];
  yield ["punctuality", "within 1 s", null, punctuality.within1S, "count"];
  yield ["audible", "played", null, audible.playedMs, "ms"];
  yield ["audible", "audible", null, audible.audibleMs, "ms"];
  yield ["audible", "unmeasured", null, audible.unmeasuredMs, "ms"];
  yield ["audible", "share", null, audible.share, "of 1"];
  for (const one of report.emergencies) yield ["emergency", one.identifier, one.headline, one.timeToAirMs, "ms to air"];
  yield ["outage", "agent", null, downMs.agent, "ms"];
  yield ["outage", "link", null, downMs.link, "ms"];
  yield ["outage", "clock", null, downMs.clock, "ms"];
  for (const one of report.outages) yield ["outage", one.kind, one.from, one.ms, "ms"];
  for (const [kind, count] of Object.entries(documents.adopted)) yield ["adopted", kind, null, count, "count"];
  for (const [reason, count] of Object.entries(documents.refused)) yield ["refused", reason, null, count, "count"];
  for (const [kind, count] of Object.entries(report.controls)) yield ["control", kind, null, count, "count"];
  for (const one of report.indicators) yield ["indicator", one.number, one.finding.vi, null, one.proof];
}

/** With a byte order mark, without which spreadsheets take Vietnamese for something else. */
export function csvOf(report: MonthReport): string {
  const table = [["section", "item", "detail", "value", "unit"], ...rows(report)];
  return `\u{feff}${table.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
