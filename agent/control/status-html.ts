/** The status as a page for a telephone, in Vietnamese and English; no script, nothing from elsewhere. Pure. */
import { CLASS_WORDS, TRUST_WORDS } from "../cli/words.ts";
import { CONCERN_KINDS } from "../health/concerns.ts";
import { both, escaped } from "../report/html.ts";
import type { OutputView, StatusView } from "./views.ts";

const REFRESH_S = 5;
export const STATUS_STYLE = `
body{font:16px/1.4 system-ui,sans-serif;color:#1c2430;background:#f4f7f9;margin:0;padding:1rem}
h1{font-size:1.15rem;margin:0 0 .6rem}section{background:#fff;border-radius:.5rem;padding:.7rem .9rem;margin:.6rem 0}
.en{color:#5a6675;font-size:.84em}.bad{border-left:.35rem solid #a61c28}.warn{border-left:.35rem solid #e0a030}.good{border-left:.35rem solid #5c9e6f}
p{margin:.25rem 0}b{font-weight:600}progress{width:100%}.small{font-size:.82em;overflow-wrap:anywhere}
`;

const pair = (vi: string, en: string) => both({ vi, en });

function outputPart(view: OutputView & { readonly name: string }): string {
  const { onAir, sound, amplifier, volume, next } = view;
  const share =
    onAir === null || onAir.durationMs === null || onAir.positionMs === null
      ? null
      : onAir.positionMs / onAir.durationMs;
  const level = sound.rms === null ? "−∞" : sound.rms.toFixed(1);
  const [soon] = next;
  return `<section><h1>${escaped(view.name)}</h1>
<p>${onAir === null ? pair("im lặng", "silence") : `<b>▶ ${escaped(onAir.title)}</b> ${escaped(onAir.item ?? "")} <span class="en">${escaped(CLASS_WORDS[onAir.class]?.vi ?? onAir.class)}</span>`}</p>
${share === null ? "" : `<progress max="100" value="${Math.round(share * 100)}"></progress>`}
<p>${escaped(sound.state)} · ${level} dBFS · ${pair("âm lượng", "volume")} ${volume.percent} % · ${pair("tăng âm", "amplifier")} ${escaped(amplifier.phase)}</p>
${soon === undefined ? "" : `<p>${pair("Sắp phát", "Next")}: ${escaped(soon.at ?? "")} ${escaped(soon.title)}</p>`}</section>`;
}

export function statusHtml(view: StatusView): string {
  const { clock, link, concerns, media, journal, outbox, safeMode } = view;
  const trust = TRUST_WORDS[clock.trust] ?? { vi: clock.trust, en: clock.trust };
  const raised = concerns.map(
    ({ code, severity, detail }) =>
      `<section class="${severity === "critical" ? "bad" : "warn"}"><p>${both(CONCERN_KINDS[code])}</p><p class="small">${escaped(code)}: ${escaped(detail)}</p></section>`,
  );
  const alerts = view.emergencies.map(
    ({ headline, identifier }) =>
      `<section class="bad"><p><b>${pair("KHẨN CẤP", "EMERGENCY")}: ${escaped(headline)}</b></p><p class="small">${escaped(identifier)}</p></section>`,
  );
  return `<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="${REFRESH_S}"><title>${escaped(view.station)}</title><style>${STATUS_STYLE}</style></head><body>
<h1>${escaped(view.station)} · ${pair("xã", "commune")} ${escaped(view.commune)} <span class="en">Loa ${escaped(view.version)}</span></h1>
${safeMode.on ? `<section class="bad"><p><b>${pair("CHẾ ĐỘ AN TOÀN", "SAFE MODE")}</b> ${escaped(safeMode.why ?? "")}</p></section>` : ""}
${view.muted ? `<section class="bad"><p><b>${pair("ĐANG TẮT TIẾNG", "MUTED")}</b></p></section>` : ""}
${alerts.join("")}${view.outputs.map(outputPart).join("")}
<section class="${link.connected ? "good" : "warn"}"><p>${pair("Kết nối", "Link")}: ${link.connected ? pair("đã kết nối", "connected") : pair("mất kết nối, lịch vẫn phát", "offline, schedules play on")}</p>
<p>${pair("Đồng hồ", "Clock")}: ${escaped(clock.now ?? "")} · ${both(trust)}</p>
<p>${pair("Tệp phát", "Media")} ${media.present}/${media.known} · ${pair("Nhật ký", "Journal")} ${journal.count} · ↑ ${outbox.rows}</p></section>
${raised.length === 0 ? `<section class="good"><p>${pair("Mọi thứ bình thường.", "All is well.")}</p></section>` : raised.join("")}
</body></html>
`;
}
