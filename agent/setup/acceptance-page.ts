/** The acceptance as one page for people: Vietnamese and English, to be printed and signed. Nothing in it comes from elsewhere. Pure. */
import { both, escaped } from "../report/html.ts";
import type { Acceptance } from "./acceptance.ts";
import { titleOf } from "./titles.ts";
import { wiringPicture } from "./wiring-picture.ts";

const STYLE = `
:root{color-scheme:light}
body{font:14px/1.45 system-ui,sans-serif;color:#1c2430;background:#fff;max-width:50rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.45rem;margin:0}h2{font-size:1.05rem;margin:1.3rem 0 .3rem;border-bottom:2px solid #3d7ea6}
.en{color:#5a6675;font-size:.84em}h2 .en{font-weight:400}
table{border-collapse:collapse;width:100%}td{padding:.2rem .5rem;border-bottom:1px solid #e2e8ee;vertical-align:top;overflow-wrap:anywhere}
td:first-child{width:34%}.mono{font-family:ui-monospace,monospace;font-size:.88em;white-space:pre-wrap}
.mark{display:inline-block;min-width:5.2em;text-align:center;border-radius:.3rem;padding:.05rem .4rem;color:#fff;font-size:.85em;font-weight:600}
.well{background:#3f7d52}.bad{background:#a61c28}.skipped{background:#7a8794}
.verdict{font-size:1.15rem;font-weight:600;margin:.6rem 0}.sign{display:flex;gap:2rem;margin-top:2.2rem}.sign div{flex:1;border-top:1px solid #1c2430;padding-top:.3rem}
svg{width:100%;height:auto}img{max-width:100%;max-height:11rem;margin:.3rem .5rem .3rem 0;border:1px solid #cfd8e0}
@page{size:A4;margin:14mm}
@media print{body{margin:0;max-width:none;font-size:11px}h2,tr,svg,img,.sign{break-inside:avoid}.mark,svg *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;

const MARKS = {
  well: { vi: "ĐẠT", en: "met" },
  bad: { vi: "KHÔNG ĐẠT", en: "not met" },
  skipped: { vi: "bỏ qua", en: "skipped" },
} as const;
const pair = (vi: string, en: string) => both({ vi, en });
const row = (name: string, value: string) => `<tr><td>${name}</td><td>${value}</td></tr>`;
const mono = (text: string) => `<span class="mono">${escaped(text)}</span>`;

/** What is read back from lines stands in columns; the rest is for people. */
const COLUMNS = ["wiring"];

function stepPart({ step, state, lines, at }: Acceptance["results"][number], local: (at: string) => string): string {
  const title = titleOf(step);
  const mark = `<span class="mark ${state}">${MARKS[state].vi}</span> <span class="en">${MARKS[state].en}</span>`;
  const rows = lines
    .map(({ vi, en, value }) =>
      row(vi === en ? escaped(vi) : pair(vi, en), (COLUMNS.includes(step) ? mono : escaped)(value)),
    )
    .join("");
  return `<h2>${both(title)} ${mark} <span class="en">${local(at)}</span></h2><table>${rows}</table>`;
}

/** What the whole comes to. Pure. */
export function passed({ results }: Pick<Acceptance, "results">): boolean {
  return results.every(({ state }) => state !== "bad");
}

/** The province's word under it; `keys` are thumbprints. */
export interface PageCountersignature {
  readonly by: string;
  readonly at: string;
  /** Of the record. */
  readonly sha256: string;
  readonly keys: readonly string[];
}

const NOT_YET = pair(
  "chưa: tỉnh ký khi trạm đăng ký, trang đã ký nằm cạnh trang này",
  "not yet: the province signs when the station enrols, and the signed page stands beside this one",
);

/** A printed page with the province's word in its place; `null` where it has no such place. Of its bytes, because pictures are large. Pure. */
export function countersignedPage(page: Buffer, word: PageCountersignature, zone: string): Buffer | null {
  const at = page.indexOf(NOT_YET);
  if (at < 0) return null;
  const mark = `<span class="mark well">✓</span>`;
  const prints = word.keys.map((key) => key.slice(0, 12)).join(" ");
  const on = localIn(zone)(word.at);
  const text = pair(`${word.by} đã ký xác nhận lúc ${on}`, `countersigned by ${word.by} on ${on}`);
  const put = Buffer.from(`${mark} ${text}<br>${mono(`SHA-256 ${word.sha256} · ${prints}`)}`);
  return Buffer.concat([page.subarray(0, at), put, page.subarray(at + Buffer.byteLength(NOT_YET))]);
}

function localIn(zone: string): (at: string) => string {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  return (at) => format.format(new Date(at));
}

export function acceptancePage(made: Acceptance, zone: string): string {
  const local = localIn(zone);
  const { position, clock, stationKey, results } = made;
  const skipped = results.filter(({ state }) => state === "skipped").length;
  const bad = results.filter(({ state }) => state === "bad").length;
  const verdict = passed(made)
    ? pair(
        `NGHIỆM THU ĐẠT${skipped === 0 ? "" : `, ${skipped} mục bỏ qua`}`,
        `Accepted${skipped === 0 ? "" : `, ${skipped} step(s) skipped`}`,
      )
    : pair(`CHƯA ĐẠT: ${bad} mục`, `Not accepted: ${bad} step(s)`);
  const error = clock.errorMs === null ? "" : ` ±${Math.round(clock.errorMs)} ms`;
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  const place = position === null ? "" : ` (${position.latitude}, ${position.longitude})`;
  return `<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width"><title>${escaped(made.station)} · nghiệm thu ${escaped(made.at.slice(0, 10))}</title><style>${STYLE}</style></head><body>
<h1>Biên bản nghiệm thu cụm loa <span class="en">Acceptance report of a cluster</span></h1>
<p class="verdict"><span class="mark ${passed(made) ? "well" : "bad"}">${passed(made) ? "✓" : "✗"}</span> ${verdict}</p>
<table>
${row(pair("Cụm loa", "Cluster"), `<b>${escaped(made.station)}</b>`)}
${row(pair("Xã · tỉnh · thôn", "Commune · province · hamlet"), `${escaped(made.commune)} · ${escaped(made.province)} · ${escaped(made.hamlet ?? "—")}`)}
${row(pair("Vị trí", "Place"), escaped(`${made.place || "—"}${place}`))}
${row(pair("Người lắp đặt", "Technician"), escaped(made.technician || "—"))}
${row(pair("Thời điểm", "When"), `${escaped(local(made.at))} (${escaped(zone)})`)}
${row(pair("Đồng hồ lúc đó", "Clock at that time"), escaped(`${clock.source} ${clock.synchronised ? "✓" : "✗"}${error} · RTC ${clock.rtc ? "✓" : "✗"}`))}
${row(pair("Khoá gốc (so với giấy)", "Root keys (compare with the paper)"), mono(made.rootKeys.join(" ")))}
${row(pair("Dấu khoá của trạm", "Fingerprint of the station's key"), stationKey === null ? pair("chưa có: trạm tạo khoá khi đăng ký với tỉnh", "none yet: the station makes its key when it enrols") : mono(stationKey))}
${row(pair("Tỉnh ký xác nhận", "Countersignature of the province"), NOT_YET)}
${row(pair("Phần mềm", "Software"), `Loa ${escaped(made.software)}`)}
</table>
${wiringPicture(made)}
${results.map((one) => stepPart(one, local)).join("")}
${made.pictures.length === 0 ? "" : `<h2>${pair("Hình ảnh", "Pictures")}</h2>${made.pictures.map(({ name, type, base64 }) => `<img alt="${escaped(name)}" src="data:${type};base64,${base64}">`).join("")}`}
<div class="sign"><div>${pair("Người lắp đặt", "Technician")}</div><div>${pair("Đại diện xã", "For the commune")}</div></div>
</body></html>
`;
}
